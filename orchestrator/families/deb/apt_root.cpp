// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/apt_root.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "orchestrator/families/deb/apt_output.hpp"
#include "orchestrator/families/deb/apt_sources.hpp"
#include "orchestrator/families/deb/control.hpp"
#include "orchestrator/families/deb/family.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"

namespace patchlab::families::deb {

namespace {

constexpr std::uint64_t most_index = 512ULL << 20;

bool yes(std::string_view text) {
    return text == "yes" || text == "Yes" || text == "true" || text == "1" || text == "on";
}

// `Trusted: yes` would let anybody between us and the repository choose what is rehearsed.
void refuse_blind_trust(const std::string& sources) {
    StanzaReader reader(sources, "package sources");
    Stanza stanza;
    bool any = false;
    while (reader.next(stanza)) {
        any = true;
        for (const std::string_view field : blind_trust)
            if (yes(stanza.get(field)))
                throw Error(ErrorCode::refused,
                            "the package source " + std::string(stanza.get("URIs")) +
                                " is marked '" + std::string(field) + ": yes'",
                            "a candidate must come from a signed repository: name its key with "
                            "Signed-By instead, or take single files "
                            "with: patchlab patch add");
    }
    if (!any)
        throw Error(ErrorCode::invalid, "there is no package source to look for patches in",
                    "configure the vendor's repository in /etc/apt");
}

bool others_may_pass(fs::path path) {
    for (; path.has_relative_path(); path = path.parent_path()) {
        struct stat info {};
        if (::stat(path.c_str(), &info) != 0 || (info.st_mode & S_IXOTH) == 0) return false;
    }
    return true;
}

// apt's download user, when we may use it.
const struct passwd* sandbox_user(const fs::path& root) {
    if (::geteuid() != 0 || !others_may_pass(root)) return nullptr;
    return ::getpwnam("_apt");
}

std::string quoted(const fs::path& path) {
    if (path.string().find_first_of("\"\n") != std::string::npos)
        throw Error(ErrorCode::invalid, "the state folder's name holds a quote");
    return "\"" + path.string() + "\";\n";
}

}  // namespace

AptRoot::AptRoot(AptRequest request, process::CommandRunner& runner)
    : request_(std::move(request)),
      runner_(runner),
      root_(fs::absolute(request_.state) / "apt" /
            sha256_hex(request_.architecture + "\n" + request_.sources).substr(0, 16)),
      lock_([&] {
          refuse_blind_trust(request_.sources);
          if (!valid_architecture(request_.architecture))
              throw Error(ErrorCode::invalid, "'" + request_.architecture + "' is no architecture");
          make_folder(root_);
          return FileLock::acquire(root_ / "lock");
      }()) {
    write_configuration();
}

void AptRoot::write_configuration() {
    for (const char* folder :
         {"etc/sources.list.d", "etc/empty.d", "lists/partial", "cache/archives/partial", "log"})
        make_folder(root_ / folder);
    write_file_atomic(root_ / "etc/sources.list.d/patchlab.sources", request_.sources);
    const std::string sandbox = sandbox_user(root_) ? "_apt" : "root";
    const fs::path empty = root_ / "etc/empty.d";
    std::string text =
        "// Written by patchlab; what the host says of fetching stands first, what follows "
        "overrides it.\n" +
        request_.host_settings;
    text += "Dir::Etc::main \"/dev/null\";\nDir::Etc::parts " + quoted(empty);
    text += "Dir::Etc::sourcelist \"/dev/null\";\nDir::Etc::sourceparts " +
            quoted(root_ / "etc/sources.list.d");
    text += "Dir::Etc::preferences \"/dev/null\";\nDir::Etc::preferencesparts " + quoted(empty);
    text += "Dir::State " + quoted(root_) + "Dir::State::lists " + quoted(root_ / "lists") +
            "Dir::State::extended_states " + quoted(root_ / "extended_states");
    text += "Dir::Cache " + quoted(root_ / "cache") + "Dir::Log " + quoted(root_ / "log");
    text += "APT::Architecture \"" + request_.architecture + "\";\nAPT::Architectures { \"" +
            request_.architecture + "\"; };\n";
    text += "APT::Sandbox::User \"" + sandbox + "\";\n";
    text +=
        "APT::Update::Error-Mode \"any\";\n"
        "APT::Install-Recommends \"false\";\n"
        "APT::Get::Always-Include-Phased-Updates \"true\";\n"
        "Acquire::Languages \"none\";\n"
        "Acquire::PDiffs \"false\";\n"
        "Acquire::GzipIndexes \"false\";\n"
        "Acquire::AllowInsecureRepositories \"false\";\n"
        "Acquire::AllowWeakRepositories \"false\";\n"
        "Acquire::AllowDowngradeToInsecureRepositories \"false\";\n";
    write_file_atomic(root_ / "apt.conf", text);
}

process::CommandSpec AptRoot::apt(std::vector<std::string> args, std::string purpose,
                                  Seconds deadline) const {
    process::CommandSpec spec;
    spec.program = "apt-get";
    spec.args = std::move(args);
    spec.purpose = std::move(purpose);
    spec.deadline = deadline;
    spec.environment = {{"APT_CONFIG", (root_ / "apt.conf").string()},
                        {"LC_ALL", "C.UTF-8"},
                        {"DEBIAN_FRONTEND", "noninteractive"}};
    return spec;
}

void AptRoot::update() {
    write_file_atomic(root_ / "no-status", "");
    const auto result = runner_.run(
        apt({"update", "-q", "-o", "Dir::State::status=" + (root_ / "no-status").string()},
            "reading the package indexes", Seconds(900)));
    index_read_ = false;
    answers_.clear();
    if (result.timed_out)
        throw Error(ErrorCode::timeout, "reading the package indexes took longer than 15 minutes",
                    "check the network and the package sources");
    if (!result.ok()) throw update_error(result.err);
}

const PackageIndex& AptRoot::index() {
    if (index_read_) return index_;
    index_.clear();
    origins_.clear();
    const auto listing = runner_.require(
        apt({"indextargets", "--format", std::string(index_target_format), "Created-By: Packages",
             "-o", "Dir::State::status=" + (root_ / "no-status").string()},
            "listing the package indexes", Seconds(60)));
    for (const IndexTarget& target : parse_index_targets(listing.out)) {
        if (!target.trusted)
            throw Error(ErrorCode::refused,
                        "the package source " + target.site + " is not trusted");
        if (!fs::exists(target.file)) continue;  // an empty component has no index
        read_index_file(target.file, target.origin + ":" + target.codename,
                        !is_not_automatic(target, root_ / "lists"));
    }
    if (index_.empty())
        throw Error(ErrorCode::lab, "the package sources offer no package at all",
                    "check the package sources of this host");
    index_read_ = true;
    return index_;
}

void AptRoot::read_index_file(const fs::path& file, const std::string& origin, bool automatic) {
    const std::string text = patchlab::read_file(file, most_index);
    origins_.insert(origin);
    StanzaReader reader(text, file.filename().string());
    Stanza stanza;
    while (reader.next(stanza)) {
        AvailablePackage package;
        package.name = stanza.get("Package");
        package.version = stanza.get("Version");
        package.architecture = stanza.get("Architecture");
        package.sha256 = stanza.get("SHA256");
        const std::string size(stanza.get("Size"));
        // A signed index may still be of a sloppy vendor: what we cannot name or check is not a
        // candidate.
        if (!valid_package_name(package.name) || !valid_version(package.version) ||
            !valid_architecture(package.architecture) || package.sha256.size() != 64 ||
            size.empty() || size.size() > 15 ||
            size.find_first_not_of("0123456789") != std::string::npos)
            continue;
        const SourceName source = source_of(stanza);
        if (!valid_package_name(source.name) || !valid_version(source.version)) continue;
        package.source = source.name;
        package.source_version = source.version;
        package.bytes = std::stoull(size);
        package.origin = origin;
        package.automatic = automatic;
        index_[package.name].push_back(std::move(package));
    }
}

const AvailablePackage* AptRoot::find(const std::string& name, const std::string& version,
                                      const std::string& architecture) {
    const auto it = index().find(name);
    if (it == index_.end()) return nullptr;
    for (const AvailablePackage& package : it->second)
        if (package.version == version &&
            (package.architecture == architecture || architecture.empty()))
            return &package;
    return nullptr;
}

std::optional<std::string> AptRoot::taken_back(const OfferedBefore& package) {
    const PackageIndex& all = index();
    if (!origins_.contains(package.origin)) return std::nullopt;  // nobody asked that suite
    std::string newest;
    const auto offered = all.find(package.name);
    if (offered != all.end())
        for (const AvailablePackage& one : offered->second) {
            const bool fits = one.architecture == package.architecture ||
                              one.architecture == "all" || package.architecture == "all";
            if (!fits) continue;
            if (compare_versions(one.version, package.version) >= 0) return std::nullopt;
            if (newest.empty() || compare_versions(one.version, newest) > 0) newest = one.version;
        }
    const std::string what = package.name + " " + package.version;
    return newest.empty() ? what + " is not offered any more, nor any other version of it"
                          : what + " is not offered any more; the newest is " + newest;
}

fs::path AptRoot::answers_folder() {
    if (!answers_.empty()) return answers_;
    std::vector<fs::path> releases;
    for (const auto& item : fs::directory_iterator(root_ / "lists"))
        if (item.path().filename().string().ends_with("Release")) releases.push_back(item.path());
    std::sort(releases.begin(), releases.end());
    Sha256 sha;
    for (const fs::path& release : releases) sha.update(sha256_file(release));
    const fs::path folder = root_ / "answers" / sha.finish().substr(0, 16);
    if (!fs::exists(folder)) remove_tree(root_ / "answers");  // those of older indexes
    make_folder(folder);
    return answers_ = folder;
}

// What apt printed; nullopt and the reason when it found no solution.
std::optional<std::string> AptRoot::ask_apt(const fs::path& status,
                                            const std::vector<std::string>& wanted,
                                            std::string& why_not) {
    // An upgrade that removes something is a decision for a human: --no-remove makes it impossible
    // instead of silent.
    std::vector<std::string> args = {"install",
                                     "--print-uris",
                                     "-q",
                                     "-y",
                                     "--no-install-recommends",
                                     "--no-remove",
                                     "-o",
                                     "Dir::State::status=" + status.string()};
    args.insert(args.end(), wanted.begin(), wanted.end());
    auto result = runner_.run(apt(std::move(args), "solving the prerequisites", Seconds(300)));
    if (result.timed_out)
        throw Error(ErrorCode::timeout, "apt did not solve the prerequisites in 5 minutes");
    if (result.signal != 0)
        throw Error(ErrorCode::lab, "apt was killed while solving the prerequisites");
    if (!result.ok()) {
        why_not = apt_reason(result.err, result.out);
        return std::nullopt;
    }
    return std::move(result.out);
}

void AptRoot::add_pending(const InstalledSystem& image, const std::vector<std::string>& only,
                          std::vector<std::string>& met, std::map<std::string, Plan>& plans,
                          const Notice& notice) {
    plan_image(*this, image.name, image.database, only, met, plans, notice);
}

Solution AptRoot::solve(const std::string& dpkg_status, const std::vector<std::string>& wanted) {
    const fs::path status = root_ / ("status-" + sha256_hex(dpkg_status).substr(0, 16));
    if (!fs::exists(status)) write_file_atomic(status, dpkg_status);
    Sha256 question;
    question.update(dpkg_status);
    for (const std::string& word : wanted) question.update(" " + word);
    const fs::path kept = answers_folder() / question.finish();
    Solution solution;
    auto answer = read_file_if_any(kept);
    if (!answer) {
        answer = ask_apt(status, wanted, solution.why_not);
        if (!answer) return solution;
        write_file_atomic(kept, *answer);  // a refusal is not kept: it may be a fault of this host
    }
    for (const PlannedFile& file : parse_print_uris(*answer)) {
        const AvailablePackage* package = nullptr;
        if (const auto it = index().find(file.name); it != index_.end())
            for (const AvailablePackage& one : it->second)
                if (one.version == file.version && one.architecture == file.architecture &&
                    (file.sha256.empty() || file.sha256 == one.sha256))
                    package = &one;
        if (!package) {
            solution.why_not =
                "apt wants " + file.name + " " + file.version + ", which no verified index offers";
            return solution;
        }
        solution.packages.push_back(*package);
    }
    solution.possible = true;
    return solution;
}

void AptRoot::download(const std::vector<AvailablePackage>& packages, const fs::path& folder,
                       const std::function<void(std::size_t)>& on_file) {
    if (packages.empty()) return;
    TempFolder work(root_, "download");
    if (const auto* user = sandbox_user(root_);
        user && ::chown(work.path().c_str(), user->pw_uid, user->pw_gid) != 0)
        throw Error(ErrorCode::lab, "cannot give the download folder to apt's user");
    std::vector<std::string> args = {"download", "-q", "-o",
                                     "Dir::State::status=" + (root_ / "no-status").string()};
    for (const AvailablePackage& package : packages)
        args.push_back(
            package.name + ":" +
            (package.architecture == "all" ? request_.architecture : package.architecture) + "=" +
            package.version);
    auto spec = apt(std::move(args), "downloading packages", Seconds(3600));
    spec.folder = work.path();
    std::size_t done = 0;
    spec.on_output_line = [&](std::string_view line) {  // for the progress bar only
        if (line.substr(0, 4) == "Get:" && on_file) on_file(std::min(++done, packages.size()));
    };
    const auto result = runner_.run(spec);
    if (result.timed_out)
        throw Error(ErrorCode::timeout, "downloading packages took longer than an hour",
                    "check the network; what was fetched so far is thrown away");
    if (!result.ok()) throw update_error(result.err).during("downloading packages");
    if (::geteuid() == 0 && ::chown(work.path().c_str(), 0, 0) != 0)
        throw Error(ErrorCode::lab, "cannot take the download folder back");
    make_folder(folder);
    for (const AvailablePackage& package : packages) {
        const fs::path from =
            work.path() / apt_file_name(package.name, package.version, package.architecture);
        const fs::path to =
            folder / deb_file_name(package.name, package.version, package.architecture);
        if (!fs::exists(from))
            throw Error(ErrorCode::lab, "apt did not leave " + from.filename().string());
        if (::geteuid() == 0 && ::lchown(from.c_str(), 0, 0) != 0)
            throw Error(ErrorCode::lab, "cannot take " + from.filename().string());
        fs::copy_file(
            from, to,
            fs::copy_options::overwrite_existing);  // a copy: nobody else holds it open for writing
        if (sha256_file(to) != package.sha256)
            throw Error(ErrorCode::refused,
                        to.filename().string() + " is not what the signed index says");
    }
}

std::string host_apt_settings(process::CommandRunner& runner) {
    process::CommandSpec spec;
    spec.program = "apt-config";
    spec.args = {"dump", "--format", "%F \"%v\";%n"};
    spec.purpose = "reading the host's apt configuration";
    return fetch_settings(runner.require(spec).out);
}

}  // namespace patchlab::families::deb
