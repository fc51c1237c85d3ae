// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/rpm/vendor.hpp"

#include <algorithm>
#include <set>

#include "orchestrator/families/archive.hpp"
#include "orchestrator/families/rpm/advisories.hpp"
#include "orchestrator/families/rpm/family.hpp"
#include "orchestrator/families/rpm/repositories.hpp"
#include "orchestrator/families/rpm/solving.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::families::rpm {

namespace {

constexpr std::uint64_t most_repomd = 4U << 20, most_signature = 1U << 20;
constexpr std::uint64_t most_index = 1ULL << 30, most_updateinfo = 256U << 20;
constexpr std::uint64_t most_package = 4ULL << 30;

/// A repository whose index was read.
struct RepoState {
    RepoSource source;
    std::string address;
    fs::path folder;
    std::optional<fs::path> keyring;
    std::unique_ptr<PackageKeys> keys;  ///< of the keyring, made for the first package
    fs::path primary;
};

/// A part of a module says so in its release. Which stream a machine follows is not in the index.
bool is_modular(const std::string& version) { return version.find(".module") != std::string::npos; }

class RpmVendor final : public Vendor {
  public:
    RpmVendor(VendorRequest request, process::CommandRunner& runner)
        : request_(std::move(request)), runner_(runner) {
        const std::string sources =
            with_variables(request_.from.sources,
                           {{"basearch", request_.architecture}, {"arch", request_.architecture}});
        for (RepoSource& source : parse_repositories(sources))
            if (source.enabled) repos_.emplace_back().source = std::move(source);
        if (repos_.empty())
            throw Error(ErrorCode::invalid, "there are no package sources for rpm packages",
                        "name repositories in the image's sources, or in /etc/yum.repos.d");
    }

    void update() override {
        advisories_.clear();
        for (RepoState& repo : repos_)
            during("reading repository " + repo.source.id, [&] { read_index(repo); });
        Solving all(request_.architecture);
        add_repositories(all);
        offers_.clear();
        for (Offer& offer : all.offers()) take_offer(std::move(offer));
    }

    void add_pending(const InstalledSystem& image, const std::vector<std::string>& only,
                     std::vector<std::string>& met, std::map<std::string, Plan>& plans,
                     const Notice& notice) override;

    const AvailablePackage* find(const std::string& name, const std::string& version,
                                 const std::string& architecture) override {
        const Offer* offer = find_offer(key_of(name, version, architecture));
        return offer ? &offer->package : nullptr;
    }

    std::optional<std::string> taken_back(const OfferedBefore& before) override {
        const std::string key = key_of(before.name, before.version, before.architecture);
        for (const Advisory& advisory : advisories_)
            if (advisory.retracted && std::find(advisory.packages.begin(), advisory.packages.end(),
                                                key) != advisory.packages.end())
                return advisory.id + " was retracted by the vendor";
        const bool read = std::any_of(repos_.begin(), repos_.end(), [&](const RepoState& repo) {
            return repo.source.id == before.origin;
        });
        if (!read || find_offer(key)) return std::nullopt;
        for (const auto& [other, offer] : offers_)
            if (offer.package.name == before.name &&
                rpm::compare_versions(offer.package.version, before.version) > 0)
                return std::nullopt;
        return "the repository " + before.origin + " offers neither this version nor a newer one";
    }

    void download(const std::vector<AvailablePackage>& packages, const fs::path& folder,
                  const std::function<void(std::size_t done)>& on_file) override {
        std::size_t done = 0;
        for (const AvailablePackage& package : packages) {
            during("downloading " + package.name + " " + package.version,
                   [&] { download_one(package, folder); });
            on_file(++done);
        }
    }

  private:
    void read_index(RepoState& repo);
    void fetch_repomd(RepoState& repo);
    fs::path fetch_index_file(const RepoState& repo, const IndexFile& file, std::uint64_t most);
    void add_repositories(Solving& solving) const {
        for (const RepoState& repo : repos_)
            solving.add_repository(repo.source.id, repo.primary, repo.source.excluded);
    }
    void take_offer(Offer offer) {
        const RepoSource& source = repos_.at(offer.repository).source;
        offer.package.verified = source.check_packages || source.check_index;
        std::string key = key_of(offer.package);
        offers_.emplace(std::move(key), std::move(offer));
    }
    const Offer* find_offer(const std::string& key) const {
        const auto found = offers_.find(key);
        return found == offers_.end() ? nullptr : &found->second;
    }
    void download_one(const AvailablePackage& package, const fs::path& folder);
    std::set<std::string> retracted(const Notice& notice) const;
    void note_advisories(Plan& plan) const;
    void add_solution(Plan& plan, const RpmSolution& solution,
                      const std::vector<InstalledPackage>& installed) const;

    VendorRequest request_;
    process::CommandRunner& runner_;
    std::vector<RepoState> repos_;
    std::map<std::string, Offer> offers_;  ///< by key_of()
    std::vector<Advisory> advisories_;
};

/// From the first address that answers.
void RpmVendor::fetch_repomd(RepoState& repo) {
    std::vector<std::string> addresses = repo.source.addresses;
    if (addresses.empty() && !repo.source.mirrors.empty()) {
        const fs::path list = repo.folder / "mirrors";
        fetch_file(repo.source.mirrors, list, most_repomd, runner_);
        addresses = read_mirrors(read_file(list, most_repomd));
    }
    if (addresses.empty())
        throw Error(ErrorCode::invalid, "it has neither a baseurl nor a mirror that is followed");
    for (std::size_t i = 0; i < addresses.size(); ++i) try {
            repo.address = addresses[i];
            fetch_file(repo.address + "/repodata/repomd.xml", repo.folder / "repomd.xml",
                       most_repomd, runner_);
            return;
        } catch (const Error&) {
            if (i + 1 == addresses.size()) throw;
        }
}

/// A file of the index; the one that is there already when its digest is right.
fs::path RpmVendor::fetch_index_file(const RepoState& repo, const IndexFile& file,
                                     std::uint64_t most) {
    if (!is_sha256(file.sha256))
        throw Error(ErrorCode::refused, "its index names " + file.location + " without a sha256");
    const fs::path at = repo.folder / (file.sha256.substr(0, 16) + "-" +
                                       fs::path(file.location).filename().string());
    if (fs::exists(at) && sha256_file(at) == file.sha256) return at;
    fetch_file(repo.address + "/" + file.location, at,
               file.bytes > 0 ? std::min(most, file.bytes) : most, runner_);
    if (sha256_file(at) != file.sha256)
        throw Error(ErrorCode::refused,
                    file.location + " is not what its index says: the sha256 differs",
                    "try again later: a mirror may be in the middle of an update");
    return at;
}

void RpmVendor::read_index(RepoState& repo) {
    const RepoSource& source = repo.source;
    const std::string place = source.addresses.empty() ? source.mirrors : source.addresses[0];
    repo.folder = request_.state / "rpm" / sha256_hex(source.id + "\n" + place).substr(0, 16);
    make_folder(repo.folder, 0700);
    fetch_repomd(repo);
    repo.keyring = fetch_keys(source, repo.folder, runner_);
    repo.keys.reset();
    if ((source.check_index || source.check_packages) && !repo.keyring)
        throw Error(ErrorCode::refused, "it asks for signatures and names no key (gpgkey)");
    if (source.check_index) {
        const fs::path signature = repo.folder / "repomd.xml.asc";
        fetch_file(repo.address + "/repodata/repomd.xml.asc", signature, most_signature, runner_);
        require_signed_index(repo.folder / "repomd.xml", signature, *repo.keyring,
                             "repository " + source.id, runner_);
    }
    const auto files =
        read_repomd(read_file(repo.folder / "repomd.xml", most_repomd), "repomd.xml");
    repo.primary = fetch_index_file(repo, files.at("primary"), most_index);
    const auto updates = files.find("updateinfo");
    if (updates == files.end()) return;
    const fs::path file = fetch_index_file(repo, updates->second, most_updateinfo);
    const std::string xml = expand(read_file(file, most_updateinfo), "updateinfo", most_updateinfo);
    for (Advisory& advisory : read_advisories(xml, "updateinfo of repository " + source.id))
        advisories_.push_back(std::move(advisory));
}

/// The packages that only retracted advisories name.
std::set<std::string> RpmVendor::retracted(const Notice& notice) const {
    std::set<std::string> bad, good;
    for (const Advisory& advisory : advisories_)
        for (const std::string& package : advisory.packages)
            (advisory.retracted ? bad : good).insert(package);
    std::set<std::string> all;
    for (const Advisory& advisory : advisories_) {
        if (!advisory.retracted) continue;
        bool told = false;
        for (const std::string& package : advisory.packages)
            if (!good.contains(package) && find_offer(package)) {
                all.insert(package);
                if (!std::exchange(told, true))
                    notice(advisory.id + " was retracted by the vendor: its packages are left out");
            }
    }
    return all;
}

void RpmVendor::note_advisories(Plan& plan) const {
    std::set<std::string> packages, cves(plan.advisories.begin(), plan.advisories.end());
    for (const PlannedPackage& planned : plan.packages)
        if (!planned.prerequisite) packages.insert(key_of(planned.to));
    for (const Advisory& advisory : advisories_) {
        if (advisory.retracted ||
            std::none_of(advisory.packages.begin(), advisory.packages.end(),
                         [&](const std::string& one) { return packages.contains(one); }))
            continue;
        cves.insert(advisory.cves.begin(), advisory.cves.end());
        if (urgency_rank(advisory.urgency) > urgency_rank(plan.urgency))
            plan.urgency = advisory.urgency;
        if (advisory.reboot && plan.reboot_why.empty())
            plan.reboot_why = advisory.id + ": the vendor says that it takes a reboot";
    }
    plan.advisories.assign(cves.begin(), cves.end());
}

void RpmVendor::add_solution(Plan& plan, const RpmSolution& solution,
                             const std::vector<InstalledPackage>& installed) const {
    for (const Offer& offer : solution.packages) {
        PlannedPackage planned;
        const Offer* known = find_offer(key_of(offer.package));
        planned.to = known ? known->package : offer.package;
        planned.prerequisite = planned.to.source != plan.source;
        // sorted by version: the newest of several counts
        for (const InstalledPackage& there : installed)
            if (there.name == planned.to.name &&
                rpm_family().same_architecture(planned.to.architecture, there.architecture)) {
                planned.from = there.version;
                planned.from_source_version = there.source_version;
            }
        const bool there_already = std::any_of(
            plan.packages.begin(), plan.packages.end(), [&](const PlannedPackage& other) {
                return other.to.sha256 == planned.to.sha256 && other.from == planned.from;
            });
        if (!there_already) plan.packages.push_back(std::move(planned));
    }
}

struct SourceGroup {
    std::string source, version;
    std::vector<Offer> offers;
    bool is_named_by(const std::string& name) const {
        return name == source || std::any_of(offers.begin(), offers.end(), [&](const Offer& offer) {
                   return offer.package.name == name;
               });
    }
};

void RpmVendor::add_pending(const InstalledSystem& image, const std::vector<std::string>& only,
                            std::vector<std::string>& met, std::map<std::string, Plan>& plans,
                            const Notice& notice) {
    const std::vector<Header> database = read_database(image);
    const std::vector<InstalledPackage> installed = installed_packages(database, image.name);
    Solving solving(request_.architecture);
    add_repositories(solving);
    solving.add_installed(database);
    solving.leave_out(
        retracted([&](const std::string& text) { notice(image.name + ": " + text); }));
    solving.prepare();
    std::map<std::string, SourceGroup> groups;
    for (Pending& pending : solving.pending()) {
        const AvailablePackage& to = pending.offer.package;
        if (is_modular(to.version)) {
            notice(
                image.name + ": " + to.name + " " + pending.from + " → " + to.version +
                " may be pending, but it is part of a module: add the packages of the stream that "
                "the machine follows with: patchlab patch add FILE...");
            continue;
        }
        SourceGroup& group = groups[to.source + " " + to.source_version];
        group.source = to.source;
        group.version = to.source_version;
        group.offers.push_back(std::move(pending.offer));
    }
    for (const auto& [id, group] : groups) {
        bool wanted = only.empty();
        for (const std::string& name : only)
            if (group.is_named_by(name)) {
                met.push_back(name);
                wanted = true;
            }
        if (!wanted) continue;
        const RpmSolution solution = solving.solve(group.offers);
        if (!solution.possible) {
            notice(image.name + ": " + group.source + " " + group.version +
                   " is pending, but cannot be installed: " + solution.why_not);
            continue;
        }
        Plan& plan = plans[id];
        plan.source = group.source;
        plan.version = group.version;
        add_solution(plan, solution, installed);
        note_advisories(plan);
    }
}

void RpmVendor::download_one(const AvailablePackage& package, const fs::path& folder) {
    const Offer* offer = find_offer(key_of(package));
    if (!offer) throw Error(ErrorCode::not_found, "no repository offers it");
    RepoState& repo = repos_.at(offer->repository);
    const std::string name =
        rpm_family().file_name(package.name, package.version, package.architecture);
    if (offer->location.find("..") != std::string::npos || offer->location.starts_with('/') ||
        offer->location.find("://") != std::string::npos)
        throw Error(ErrorCode::refused, "its place is outside of the repository");
    const fs::path part = folder / (name + ".part");
    fetch_file(repo.address + "/" + offer->location, part,
               package.bytes > 0 ? package.bytes : most_package, runner_);
    if (!is_sha256(package.sha256) || sha256_file(part) != package.sha256)
        throw Error(ErrorCode::refused, name + " is not what the index says: the sha256 differs",
                    "try again later: a mirror may be in the middle of an update");
    if (repo.source.check_packages && !repo.keys)
        repo.keys = std::make_unique<PackageKeys>(*repo.keyring, runner_);
    if (repo.keys && !repo.keys->signed_by_one(part))
        throw Error(ErrorCode::refused, name + ": is not signed, and repository " + repo.source.id +
                                            " says that it is");
    fs::rename(part, folder / name);
}

}  // namespace

std::unique_ptr<Vendor> open_rpm_vendor(VendorRequest request, process::CommandRunner& runner) {
    return std::make_unique<RpmVendor>(std::move(request), runner);
}

}  // namespace patchlab::families::rpm
