// SPDX-License-Identifier: Apache-2.0
#include "tests/support/catalog.hpp"

#include <sys/stat.h>

#include "orchestrator/families/package_family.hpp"
#include "orchestrator/governance/policy.hpp"
#include "orchestrator/inventory/host_store.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "orchestrator/rollout/store/store.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "reports/evidence.hpp"
#include "reports/signature.hpp"

namespace patchlab::tests {

namespace {

std::string run_tool(process::CommandRunner& runner, const std::string& program,
                     std::vector<std::string> args) {
    process::CommandSpec spec;
    spec.program = program;
    spec.args = std::move(args);
    spec.purpose = "making a package for a test";
    return runner.require(spec).out;
}

Json run_json(const std::string& run, const intake::Patch& patch) {
    Json packages = Json::array();
    for (const intake::PatchPackage& package : patch.packages)
        packages.push_back(
            {{"name", package.name},
             {"from", package.from.empty() ? Json(nullptr) : Json(package.from)},
             {"to", package.to},
             {"origin", "a test"},
             {"sha256", package.sha256},
             {"prerequisite", false},
             {"old_available", !package.old_file.empty()},
             {"old_sha256", package.old_file.empty() ? Json(nullptr) : Json(package.old_sha256)}});
    Json check{{"machine", "web"}, {"suite", "base"},   {"name", "system is running"},
               {"before", "pass"}, {"control", "pass"}, {"after", "pass"}};
    return {{"schema", "patchlab/run/v1"},
            {"id", run},
            {"lab", "shop"},
            {"stage", "seal"},
            {"state", "finished"},
            {"verdict", "validated"},
            {"requester", "tess"},
            {"host", {{"backend", "libvirt"}}},
            {"reasons", Json::array()},
            {"patches",
             {{{"id", patch.id},
               {"kind", patch.kind},
               {"source", patch.source},
               {"version", patch.version},
               {"packages", packages}}}},
            {"stages", Json::array()},
            {"checks", {check}},
            {"changes",
             {{"total", 0},
              {"explained", 0},
              {"noise", 0},
              {"unexplained", 0},
              {"items", Json::array()}}},
            {"drill", nullptr}};
}

}  // namespace

ApprovedCatalog::ApprovedCatalog()
    : folder_(fs::temp_directory_path(), "catalog"),
      state_(folder_.path() / "state"),
      database_(
          [&] {
              ::chmod(folder_.path().c_str(), 0755);  // apt's own user reads the channels
              make_folder(state_, 0711);
              return state_ / "patchlab.db";
          }(),
          all_migrations()),
      house_(state_, database_, clock),
      entries_(state_, database_) {
    using governance::Role;
    for (const auto& [user, role] : {std::pair{"root", Role::admin},
                                     {"tess", Role::tester},
                                     {"rhea", Role::release_manager},
                                     {"ross", Role::release_manager},
                                     {"sam", Role::system_owner},
                                     {"vera", Role::viewer}})
        house_.audit.append({actor("root"), "user-added", user, {}}, [&, name = user, what = role] {
            house_.users.add(name, {what}, "root", house_.now());
            house_.users.make_key(name, house_.now());
        });
    governance::PolicyStore(house_).add(
        actor("root"),
        "schema: patchlab/policy/v1\nname: test\napprovals: [{ role: release-manager }]\n",
        "policy.yaml");
}

fs::path ApprovedCatalog::build(const std::string& name, const std::string& version,
                                const std::string& architecture, const std::string& format) {
    if (format == "rpm") return build_rpm(name, version, architecture);
    const fs::path root = folder_.path() / "build" / (name + "_" + version + "_" + architecture);
    // as archives call it, in a folder of its own: the epoch has no place in the name
    const fs::path deb = folder_.path() / "debs" / sha256_hex(version).substr(0, 8) /
                         families::family("deb").file_name(name, version, architecture);
    if (fs::exists(deb)) return deb;
    make_folder(root / "DEBIAN");
    make_folder(root / "usr/share" / name);
    write_file_atomic(root / "usr/share" / name / "version", version + "\n");
    write_file_atomic(root / "DEBIAN/control",
                      "Package: " + name + "\nVersion: " + version +
                          "\nArchitecture: " + architecture +
                          "\nMaintainer: Test <test@example.org>\nDescription: a test\n");
    make_folder(deb.parent_path());
    run_tool(runner_, "dpkg-deb",
             {"--root-owner-group", "-Zgzip", "--build", root.string(), deb.string()});
    return deb;
}

fs::path ApprovedCatalog::build_rpm(const std::string& name, const std::string& version,
                                    const std::string& architecture) {
    const fs::path top = folder_.path() / "rpmbuild";
    const auto dash = version.find('-');
    make_folder(top);
    const fs::path rpm =
        top / "RPMS" / architecture / (name + "-" + version + "." + architecture + ".rpm");
    if (fs::exists(rpm)) return rpm;
    write_file_atomic(top / "package.spec",
                      "Name: " + name + "\nVersion: " + version.substr(0, dash) +
                          "\nRelease: " + version.substr(dash + 1) +
                          "\nSummary: a test\nLicense: none\nBuildArch: " + architecture +
                          "\n%description\na test\n%install\nmkdir -p %{buildroot}/usr/share/" +
                          name + "\necho " + version + " > %{buildroot}/usr/share/" + name +
                          "/version\n%files\n/usr/share/" + name + "/version\n");
    run_tool(
        runner_, "rpmbuild",
        {"-bb", "--quiet", "--define", "_topdir " + top.string(), (top / "package.spec").string()});
    return rpm;
}

/// As intake stores a patch: one row for each version that it replaces.
intake::Patch ApprovedCatalog::patch_of(const std::string& run,
                                        const std::vector<TestedPackage>& packages) {
    intake::Patch patch;
    patch.id = packages.front().name + "_" + packages.front().to;
    patch.kind = packages.front().format;
    patch.source = packages.front().name;
    patch.version = packages.front().to;
    patch.urgency = "high";
    patch.advisories = {"CVE-2026-0001"};
    patch.folder = folder_.path() / "patches" / run;
    make_folder(patch.folder / "new");
    make_folder(patch.folder / "old");
    const auto take = [&](const TestedPackage& package, const std::string& version,
                          const char* where) {
        const fs::path built = build(package.name, version, package.architecture, package.format);
        fs::copy_file(built, patch.folder / where / built.filename(),
                      fs::copy_options::overwrite_existing);
        return built;
    };
    for (const TestedPackage& package : packages) {
        intake::PatchPackage row;
        row.name = package.name;
        row.architecture = package.architecture;
        row.to = package.to;
        const fs::path built = take(package, package.to, "new");
        row.file = built.filename().string();
        row.sha256 = sha256_file(built);
        if (package.from.empty()) patch.packages.push_back(row);
        for (const std::string& from : package.from) {
            row.from = from;
            if (package.keep_old) {
                const fs::path old = take(package, from, "old");
                row.old_file = old.filename().string();
                row.old_sha256 = sha256_file(old);
            }
            patch.packages.push_back(row);
        }
    }
    return patch;
}

governance::Ruling ApprovedCatalog::say(const std::string& who, governance::RulingKind kind,
                                        const std::string& run) {
    governance::RulingWords words;
    words.kind = kind;
    words.run = run;
    words.reason = "a reason";
    return governance::rule(house_, actor(who), words);
}

void ApprovedCatalog::waive(const std::string& run, const std::string& requirement) {
    governance::RulingWords words;
    words.kind = governance::RulingKind::waive;
    words.run = run;
    words.reason = "it can wait";
    words.requirement = requirement;
    words.expires = to_rfc3339(clock.now() + std::chrono::hours(48));
    governance::rule(house_, actor("sam"), words);
}

void ApprovedCatalog::promote(const std::string& entry, const std::string& channel) {
    entries_.add_to_channel(entry, channel, clock.now());
}

catalog::Published ApprovedCatalog::publish(const std::string& channel,
                                            const catalog::PublishOptions& options) {
    clock.advance(Seconds(60));
    return publisher().publish(channel, options);
}

/// As the seal stage does; gives the run's id.
std::string ApprovedCatalog::leave_evidence(const std::string& run, const intake::Patch& patch) {
    const pipeline::RunRow row{run,    "rehearse",  "shop", {patch.id},   "finished",
                               "done", "validated", "tess", house_.now(), house_.now()};
    pipeline::RunStore(state_, database_).record(row);
    const fs::path evidence = house_.evidence_of(run);
    make_folder(evidence / "logs");
    write_json(evidence / "run.json", run_json(run, patch));
    write_file_atomic(evidence / "logs" / "web.log", "it went well\n");
    reports::seal(evidence);
    reports::sign(evidence, house_.keys.current(clock));
    return run;
}

std::string ApprovedCatalog::rehearse(const std::vector<TestedPackage>& packages) {
    const std::string run = "r-" + std::to_string(++runs_);
    intake::Patch patch = patch_of(run, packages);
    patch.added = house_.now();
    return leave_evidence(run, intake::PatchStore(state_, database_).add(patch, patch.folder));
}

catalog::EntrySources ApprovedCatalog::sources(const std::vector<TestedPackage>& packages) {
    const std::string run = "r-" + std::to_string(++runs_);
    const intake::Patch patch = patch_of(run, packages);
    leave_evidence(run, patch);
    say("rhea", governance::RulingKind::approve, run);
    return {house_.evidence_of(run), governance::approved_run(house_, run), {patch}, {}};
}

catalog::Entry ApprovedCatalog::make_folder_of(const catalog::EntrySources& sources,
                                               const fs::path& out) {
    make_folder(out);
    const SecretKey key = catalog::catalog_keys(state_).current(clock);
    return catalog::make_entry(sources, entries_.free_id(clock.now()), clock.now(),
                               catalog::ObjectStore(state_), key, trust(), out);
}

std::string ApprovedCatalog::make(const std::vector<TestedPackage>& packages) {
    const catalog::Entry entry = make_folder_of(sources(packages), state_ / "making");
    entries_.add(entry, state_ / "making", clock.now());
    return entry.id;
}

catalog::Publisher ApprovedCatalog::publisher() {
    return {state_, database_, runner_, clock,
            [this](const catalog::Published&, const std::function<void()>& change) {
                database_.transaction(change);
            }};
}

std::vector<store::Migration> all_migrations() {
    std::vector<store::Migration> all;
    for (const auto& module :
         {intake::migrations(), pipeline::migrations(), governance::migrations(),
          catalog::migrations(), inventory::migrations(), rollout::migrations()})
        all.insert(all.end(), module.begin(), module.end());
    return all;
}

void tamper(const fs::path& file, const std::function<void(std::string&)>& change) {
    std::string bytes = read_file(file);
    change(bytes);
    write_file_atomic(file, bytes, 0444);
}

void flip_a_bit(std::string& bytes) {
    if (bytes.empty()) bytes = "x";
    else bytes.back() = static_cast<char>(bytes.back() ^ 1);
}

}  // namespace patchlab::tests
