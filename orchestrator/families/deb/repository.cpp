// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/family.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "orchestrator/families/deb/control.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::families::deb {

namespace {

constexpr std::uint64_t most_listed = 512ULL << 20;
constexpr const char* local_repo = "channel";

/// aptly with a configuration and a root of its own, both thrown away afterwards: no state of an
/// earlier publish, whole or broken, and no configuration of this host can get into a channel.
class Aptly {
  public:
    Aptly(const RepositoryRequest& request, process::CommandRunner& runner)
        : config_(request.work / "aptly.conf"), runner_(runner) {
        write_json(config_, {{"rootDir", (request.work / "aptly").string()},
                             {"architectures", request.architectures},
                             {"downloadConcurrency", 1},
                             {"gpgDisableSign", true},
                             {"gpgDisableVerify", true},
                             {"skipContentsPublishing", true},
                             {"FileSystemPublishEndpoints",
                              {{"out",
                                {{"rootDir", request.out.string()},
                                 {"linkMethod", "hardlink"},
                                 {"verifyMethod", "md5"}}}}}});
    }

    void run(std::vector<std::string> args, const std::string& purpose) {
        args.insert(args.begin(), "-config=" + config_.string());
        runner_.require(bound_command("aptly", std::move(args), purpose));
    }

  private:
    fs::path config_;
    process::CommandRunner& runner_;
};

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
    return text;
}

/// aptly's bookkeeping for a later publish in place: links that name this folder by its absolute
/// path, which is about to change.
void remove_links(const fs::path& folder) {
    std::vector<fs::path> links;
    for (const auto& item : fs::recursive_directory_iterator(folder))
        if (item.is_symlink()) links.push_back(item.path());
    for (const fs::path& link : links) fs::remove(link);
}

fs::path dist_of(const RepositoryRequest& request) {
    return request.out / "dists" / request.channel;
}

/// As apt reads it: "Sat, 05 Dec 2026 12:00:00 UTC".
std::string release_time(TimePoint time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s, %02d %s %d %02d:%02d:%02d UTC",
                  days.at(static_cast<std::size_t>(parts.tm_wday)), parts.tm_mday,
                  months.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + 1900,
                  parts.tm_hour, parts.tm_min, parts.tm_sec);
    return text.data();
}

/// The value of the field Date of a Release file; empty: it has none.
std::string date_of(const std::string& release) {
    StanzaReader reader(release, "Release");
    Stanza stanza;
    reader.next(stanza);
    return std::string(stanza.get("Date"));
}

fs::path way_back_dist(const RepositoryRequest& request) {
    return request.out / "dists" / apt_way_back(request.channel);
}

/// The stanzas of an index whose packages lead back.
std::string stanzas_that_lead_back(const RepositoryRequest& request, const fs::path& index) {
    const std::string text = read_file(index, most_listed);
    StanzaReader reader(text, index.filename().string());
    Stanza stanza;
    std::string kept;
    while (reader.next(stanza)) {
        const bool leads_back =
            std::any_of(request.packages.begin(), request.packages.end(), [&](const auto& one) {
                return one.leads_back && one.name == stanza.get("Package") &&
                       one.version == stanza.get("Version") &&
                       one.architecture == stanza.get("Architecture");
            });
        if (!leads_back) continue;
        for (const auto& [name, value] : stanza.fields())
            kept += std::string(name) + ": " + std::string(value) + "\n";
        kept += "\n";
    }
    return kept;
}

/// The suite of the versions to return to: a part of the channel's own index, with the same pool.
/// It is there, empty, when nothing leads back, so that hosts can name it always.
void write_way_back(const RepositoryRequest& request) {
    const fs::path dist = way_back_dist(request);
    const std::string release = read_file(dist_of(request) / "Release");
    const std::string suite = apt_way_back(request.channel);
    std::string text = std::string("Origin: ") + apt_origin + "\nLabel: " + apt_origin +
                       "\nSuite: " + suite + "\nCodename: " + suite +
                       "\nDate: " + date_of(release) + "\nArchitectures: ";
    std::string sums;
    for (const std::string& architecture : request.architectures) {
        text += (architecture == request.architectures.front() ? "" : " ") + architecture;
        const std::string part = std::string(apt_component) + "/binary-" + architecture;
        const std::string index =
            stanzas_that_lead_back(request, dist_of(request) / part / "Packages");
        const std::string sum = sha256_hex(index);
        make_folder(dist / part / "by-hash/SHA256");
        write_file_atomic(dist / part / "Packages", index);
        write_file_atomic(dist / part / "by-hash/SHA256" / sum, index);
        sums += " " + sum + " " + std::to_string(index.size()) + " " + part + "/Packages\n";
    }
    text += std::string("\nComponents: ") + apt_component +
            "\nDescription: Generated by aptly\nAcquire-By-Hash: yes\nSHA256:\n" + sums;
    write_file_atomic(dist / "Release", text);
}

void sign_release(const RepositoryRequest& request, const fs::path& dist, Signer& key) {
    std::string text = read_file(dist / "Release");
    const std::string date = "\nDate: " + date_of(text) + "\n";
    const std::size_t dated = text.find(date);
    if (dated == std::string::npos)
        throw Error(ErrorCode::lab, "the index that aptly wrote has no date");
    text.insert(dated + date.size(), "Valid-Until: " + release_time(request.valid_until) + "\n");
    constexpr std::string_view by_aptly = "\nDescription: Generated by aptly\n";
    if (const auto at = text.find(by_aptly); at != std::string::npos)
        text.replace(at, by_aptly.size(),
                     "\nDescription: channel " + request.channel + " of patchlab, snapshot " +
                         request.snapshot + "\n");
    write_file_atomic(dist / "Release", text);
    write_file_atomic(dist / "InRelease", key.clear_sign(text));
    write_file_atomic(dist / "Release.gpg", key.detached_signature(text));
}

/// What one of apt's index files lists, in its order; `file_name` is the path from the repository's
/// top. Error(invalid).
std::vector<RepositoryPackage> read_packages_index(const fs::path& index) {
    const std::string text = read_file(index, most_listed);
    StanzaReader reader(text, index.filename().string());
    Stanza stanza;
    std::vector<RepositoryPackage> packages;
    while (reader.next(stanza)) {
        RepositoryPackage package;
        package.name = stanza.get("Package");
        package.architecture = stanza.get("Architecture");
        package.version = stanza.get("Version");
        package.sha256 = stanza.get("SHA256");
        package.file_name = stanza.get("Filename");
        const std::string size(stanza.get("Size"));
        if (size.empty() || size.size() > 15 ||
            size.find_first_not_of("0123456789") != std::string::npos)
            throw Error(ErrorCode::invalid, index.string() + ": " + package.name + " has no size");
        package.bytes = std::stoull(size);
        packages.push_back(std::move(package));
    }
    return packages;
}

/// Each architecture's index lists the packages for all architectures as well; here each stands
/// once.
std::vector<RepositoryPackage> packages_of(const RepositoryRequest& request, const fs::path& dist) {
    std::vector<RepositoryPackage> all;
    for (const std::string& architecture : request.architectures)
        for (RepositoryPackage& package :
             read_packages_index(dist / apt_component / ("binary-" + architecture) / "Packages")) {
            if (package.architecture != architecture && package.architecture != "all")
                throw Error(ErrorCode::refused, "the index for " + architecture + " lists " +
                                                    package.name + " for " + package.architecture);
            const bool known =
                std::any_of(all.begin(), all.end(), [&](const RepositoryPackage& one) {
                    return one.name == package.name && one.version == package.version &&
                           one.architecture == package.architecture && one.sha256 == package.sha256;
                });
            if (!known) all.push_back(std::move(package));
        }
    return all;
}

class AptRepository final : public RepositoryWriter {
  public:
    std::string_view folder() const override { return ""; }
    bool always() const override { return true; }

    std::vector<RepositoryPackage> write(const RepositoryRequest& request,
                                         process::CommandRunner& runner) const override {
        Aptly aptly(request, runner);
        aptly.run({"repo", "create", "-distribution=" + request.channel,
                   std::string("-component=") + apt_component, local_repo},
                  "preparing aptly");
        if (!request.packages.empty())
            aptly.run({"repo", "add", local_repo, request.incoming().string()},
                      "reading the packages");
        aptly.run(
            {"publish", "repo", "-acquire-by-hash", "-batch", "-skip-signing", "-skip-contents",
             "-skip-bz2", std::string("-origin=") + apt_origin, std::string("-label=") + apt_origin,
             "-suite=" + request.channel, "-architectures=" + joined(request.architectures),
             "-distribution=" + request.channel, local_repo, "filesystem:out:."},
            "writing the repository");
        remove_links(dist_of(request));
        write_way_back(request);
        return packages_of(request, dist_of(request));
    }

    std::vector<SignedFile> sign(const RepositoryRequest& request, Signer& signer) const override {
        const fs::path dist = dist_of(request);
        const fs::path back = way_back_dist(request);
        sign_release(request, dist, signer);
        sign_release(request, back, signer);
        return {{dist / "InRelease", {}},
                {dist / "Release", dist / "Release.gpg"},
                {back / "InRelease", {}},
                {back / "Release", back / "Release.gpg"}};
    }

    RepositoryPart part(std::string_view path) const override {
        if (path.find("/by-hash/") != std::string_view::npos)
            return RepositoryPart::index_by_digest;
        return path.starts_with("pool/") ? RepositoryPart::package : RepositoryPart::other;
    }
};

}  // namespace

const RepositoryWriter& apt_repository() {
    static const AptRepository writer;
    return writer;
}

}  // namespace patchlab::families::deb
