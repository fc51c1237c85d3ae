// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/catalog/entry_maker.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "orchestrator/catalog/entry.hpp"
#include "orchestrator/families/package_family.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "reports/evidence.hpp"
#include "reports/run_document.hpp"
#include "reports/sealed_file.hpp"

namespace patchlab::catalog {

namespace {

reports::RunDocument read_run(const EntrySources& sources) {
    const reports::EvidenceVerification seal = reports::verify(sources.evidence);
    if (!seal.ok())
        throw Error(ErrorCode::refused,
                    "the evidence is not intact: " + seal.problems.front().file + ": " +
                        seal.problems.front().what);
    if (seal.digest != sources.approved.facts.digest)
        throw Error(ErrorCode::refused, "the evidence is not the one that was approved");
    return reports::parse_run_document(
        parse_json(reports::SealedFolder(sources.evidence).read("run.json"), "run.json"));
}

/// Collects the packages of all patches, each name and architecture once, and takes their bytes
/// into the store.
class Packages {
  public:
    Packages(const reports::RunDocument& run, const ObjectStore& objects)
        : run_(run), objects_(objects) {}

    void add(const intake::Patch& patch) {
        for (const intake::PatchPackage& source : patch.packages) {
            const reports::RunPackage tested = tested_package(patch, source);
            EntryPackage& package = packages_[{source.name, source.architecture}];
            if (package.name.empty()) {
                package = {
                    source.name, source.architecture,
                    patch.kind,  take(patch.folder / "new" / source.file, source.to, source.sha256),
                    {},          false,
                    true};
            } else if (package.after.sha256 != source.sha256) {
                throw Error(ErrorCode::refused,
                            "the patches hold two different packages " + source.name);
            }
            package.prerequisite = package.prerequisite && source.prerequisite;
            package.was_installed = package.was_installed || !tested.from.empty();
            if (!source.old_file.empty())
                add_old(package, patch.folder / "old" / source.old_file, source.from,
                        source.old_sha256);
        }
    }

    /// A file that a person gave: it must be exactly a version that the run replaced.
    void add_old_file(const fs::path& file) {
        const families::PackageFacts facts = families::family_of_file(file).read_facts(file);
        const auto found = packages_.find({facts.name, facts.architecture});
        if (found == packages_.end() || !replaced(facts.name).contains(facts.version))
            throw Error(ErrorCode::invalid, file.filename().string() + " is " + facts.name + " " +
                                                facts.version + ", which the run did not replace");
        add_old(found->second, file, facts.version, sha256_file(file));
    }

    std::vector<EntryPackage> all() const {
        std::vector<EntryPackage> list;
        for (const auto& [key, package] : packages_) list.push_back(package);
        return list;
    }

  private:
    reports::RunPackage tested_package(const intake::Patch& patch,
                                       const intake::PatchPackage& source) const {
        for (const reports::RunPatch& one : run_.patches)
            for (const reports::RunPackage& package : one.packages)
                if (one.id == patch.id && package.name == source.name && package.to == source.to &&
                    package.sha256 == source.sha256)
                    return package;
        throw Error(ErrorCode::refused,
                    "the run did not test " + source.name + " " + source.to + " of patch '" +
                        patch.id + "' as it is now",
                    "rehearse the patch again");
    }

    std::set<std::string> replaced(const std::string& name) const {
        std::set<std::string> versions;
        for (const reports::RunPatch& patch : run_.patches)
            for (const reports::RunPackage& package : patch.packages)
                if (package.name == name && !package.from.empty()) versions.insert(package.from);
        return versions;
    }

    EntryFile take(const fs::path& file, const std::string& version,
                   const std::string& sha256) const {
        objects_.put(file, sha256);
        return {file.filename().string(), version, sha256, fs::file_size(objects_.path(sha256))};
    }

    void add_old(EntryPackage& package, const fs::path& file, const std::string& version,
                 const std::string& sha256) const {
        // A patch may know machines that were not in the lab; the way back is for what was replaced
        // there.
        if (!replaced(package.name).contains(version)) return;
        if (std::any_of(package.before.begin(), package.before.end(),
                        [&](const EntryFile& known) { return known.version == version; }))
            return;
        EntryFile old = take(file, version, sha256);
        for (const EntryFile& known : package.before)
            if (known.file == old.file)
                old.file = old.sha256.substr(0, 8) + "-" + old.file;  // names hold no epoch
        package.before.push_back(std::move(old));
    }

    const reports::RunDocument& run_;
    const ObjectStore& objects_;
    std::map<std::pair<std::string, std::string>, EntryPackage> packages_;
};

EntryPatch describe(const intake::Patch& patch) {
    return {patch.id,         patch.source, patch.version,    patch.urgency,
            patch.advisories, patch.reboot, patch.reboot_why, patch.restarts};
}

/// File by file, for sealed folders are read-only. make_entry() verifies what came out.
void copy_evidence(const fs::path& from, const fs::path& to) {
    make_folder(to);
    for (const auto& item : fs::recursive_directory_iterator(from)) {
        const fs::path copy = to / item.path().lexically_relative(from);
        if (item.is_symlink())
            throw Error(ErrorCode::refused,
                        "the evidence holds a link: " + item.path().filename().string());
        if (item.is_directory()) {
            make_folder(copy);
            continue;
        }
        fs::copy_file(item.path(), copy);
        sync_file(copy);
    }
}

void write_keys(const std::vector<PublicKey>& keys, const fs::path& file) {
    std::string text;
    for (const PublicKey& key : keys) text += key.pem();
    write_file_atomic(file, text);
}

void place_packages(const Entry& entry, const ObjectStore& objects, const fs::path& out) {
    make_folder(out / "new");
    make_folder(out / "old");
    for (const EntryPackage& package : entry.packages) {
        objects.place(package.after.sha256, out / "new" / package.after.file);
        for (const EntryFile& old : package.before)
            objects.place(old.sha256, out / "old" / old.file);
    }
}

}  // namespace

Entry make_entry(const EntrySources& sources, const std::string& id, TimePoint now,
                 const ObjectStore& objects, const SecretKey& key, const Trust& trust,
                 const fs::path& out) {
    const reports::RunDocument run = read_run(sources);
    Packages packages(run, objects);
    for (const intake::Patch& patch : sources.patches) packages.add(patch);
    for (const fs::path& file : sources.old_files) packages.add_old_file(file);

    Entry entry;
    entry.id = id;
    entry.created = to_rfc3339(now);
    entry.run = run.id;
    entry.lab = run.lab;
    entry.verdict = run.verdict ? reports::name(*run.verdict) : "";
    entry.evidence_digest = sources.approved.facts.digest;
    entry.requester = run.requester;
    entry.approvers = sources.approved.approvers();
    for (const intake::Patch& patch : sources.patches) entry.patches.push_back(describe(patch));
    entry.packages = packages.all();
    for (const reports::RunCheck& check : run.checks)
        if (std::find(entry.suites.begin(), entry.suites.end(), check.suite) == entry.suites.end())
            entry.suites.push_back(check.suite);

    copy_evidence(sources.evidence, out / "evidence");
    governance::write_approval(sources.approved, out / "approvals");
    make_folder(out / "keys");
    write_keys(trust.installation, out / "keys" / "installation.pem");
    write_keys(trust.catalog, out / "keys" / "catalog.pem");
    place_packages(entry, objects, out);
    write_json(out / entry_file, to_json(entry));
    sign_entry(out, key);
    return open_entry(out, trust, id);
}

}  // namespace patchlab::catalog
