// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/images/archive.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <sstream>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::images {

namespace {

constexpr std::uint64_t max_index_bytes = 512ULL << 20;

process::CommandSpec command(std::string program, std::vector<std::string> args,
                             std::string purpose) {
    process::CommandSpec spec;
    spec.program = std::move(program);
    spec.args = std::move(args);
    spec.purpose = std::move(purpose);
    return spec;
}

bool newer(const std::string& a, const std::string& b, process::CommandRunner& commands) {
    return commands.run(command("dpkg", {"--compare-versions", a, "gt", b}, "comparing versions"))
               .exit_code == 0;
}

/// The lowest version above `asked`, else the highest below.
std::string nearest_version(const std::string& asked, const std::vector<std::string>& offered,
                            process::CommandRunner& commands) {
    std::string above;
    std::string below;
    for (const auto& version : offered) {
        if (newer(version, asked, commands)) {
            if (above.empty() || newer(above, version, commands)) above = version;
        } else if (below.empty() || newer(version, below, commands)) {
            below = version;
        }
    }
    return above.empty() ? below : above;
}

/// A folder with these sources in which apt-get can work; the host's own state is not touched.
void write_apt_folder(const std::vector<families::deb::AptSource>& sources,
                      const std::filesystem::path& folder) {
    for (const auto* sub : {"sources", "state/lists/partial", "cache/archives/partial"})
        make_folder(folder / sub);
    write_file_atomic(folder / "sources" / "image.sources", families::deb::to_deb822(sources));
}

process::CommandSpec apt_in(const std::filesystem::path& folder,
                            const std::filesystem::path& status,
                            const std::vector<std::string>& words) {
    auto spec = command("apt-get", {}, "reading what the archive offers");
    spec.deadline = Seconds(600);
    spec.environment = {{"DEBIAN_FRONTEND", "noninteractive"}, {"LC_ALL", "C.UTF-8"}};
    const auto option = [&](const std::string& text) {
        spec.args.insert(spec.args.end(), {"-o", text});
    };
    option("Dir::State=" + (folder / "state").string());
    option("Dir::Cache=" + (folder / "cache").string());
    option("Dir::State::status=" + status.string());
    option("Dir::Etc::sourcelist=/dev/null");
    option("Dir::Etc::sourceparts=" + (folder / "sources").string());
    option("Acquire::GzipIndexes=false");
    option("Acquire::Languages=none");
    option("APT::Update::Error-Mode=any");  // an index that could not be had must not be taken for
                                            // an empty one
    spec.args.insert(spec.args.end(), words.begin(), words.end());
    return spec;
}

/// Boot loaders that would take the place of grub-pc, which the image boots with.
bool is_other_boot_loader(const std::string& name) {
    static constexpr std::array prefixes{"grub-efi", "grub-ieee1275", "grub-coreboot",
                                         "grub-xen", "shim-",         "lilo",
                                         "extlinux", "syslinux-efi"};
    static const std::set<std::string> names{"shim-signed", "systemd-boot", "systemd-boot-efi",
                                             "grub-legacy"};
    return names.contains(name) ||
           std::any_of(prefixes.begin(), prefixes.end(),
                       [&](const char* prefix) { return name.starts_with(prefix); });
}

}  // namespace

void add_index(Offer& offer, std::string_view text) {
    std::string name;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        constexpr std::string_view package = "Package: ";
        constexpr std::string_view version = "Version: ";
        if (line.empty()) name.clear();
        if (line.starts_with(package)) name = line.substr(package.size());
        if (!line.starts_with(version) || !is_package_name(name)) continue;
        auto& versions = offer[name];
        std::string value(line.substr(version.size()));
        if (is_package_version(value) &&
            std::find(versions.begin(), versions.end(), value) == versions.end())
            versions.push_back(std::move(value));
    }
}

Offer read_offer(const std::vector<families::deb::AptSource>& sources,
                 const std::filesystem::path& folder, process::CommandRunner& commands) {
    write_apt_folder(sources, folder);
    write_file_atomic(folder / "status", "");
    commands.require(apt_in(folder, folder / "status", {"update"}));
    Offer offer;
    for (const auto& entry : fs::directory_iterator(folder / "state" / "lists"))
        if (entry.path().filename().string().ends_with("_Packages"))
            add_index(offer, read_file(entry.path(), max_index_bytes));
    if (offer.empty()) throw Error(ErrorCode::lab, "the archive offers no package at all");
    return offer;
}

void download_pending(const std::vector<families::deb::AptSource>& sources,
                      const std::filesystem::path& status, const std::filesystem::path& folder,
                      process::CommandRunner& commands) {
    write_apt_folder(sources, folder);
    commands.require(apt_in(folder, status, {"update"}));
    commands.require(apt_in(folder, status,
                            {"-y", "--download-only", "--no-install-recommends", "dist-upgrade"}));
}

Selection select_packages(const std::vector<ListedPackage>& host, const Offer& offer, bool nearest,
                          process::CommandRunner& commands) {
    Selection selection;
    std::string missing;
    for (const auto& package : host) {
        const std::string asked = package.version.empty() ? "any" : package.version;
        if (is_other_boot_loader(package.name) ||
            (!package.architecture.empty() && package.architecture != "amd64" &&
             package.architecture != "all")) {
            selection.deviations.push_back({package.name, asked, ""});
            continue;
        }
        const auto offered = offer.find(package.name);
        const bool known = offered != offer.end();
        if (known && package.version.empty()) {
            selection.packages.push_back(package.name);
        } else if (known && std::find(offered->second.begin(), offered->second.end(),
                                      package.version) != offered->second.end()) {
            selection.packages.push_back(package.name + "=" + package.version);
        } else if (nearest) {
            const std::string got =
                known ? nearest_version(package.version, offered->second, commands) : "";
            selection.deviations.push_back({package.name, asked, got});
            if (!got.empty()) selection.packages.push_back(package.name + "=" + got);
        } else {
            missing += "\n  " + package.name + " " + asked +
                       (known ? " (the archive has " + offered->second.front() + ")"
                              : " (unknown to the archive)");
        }
    }
    if (!missing.empty())
        throw Error(
            ErrorCode::invalid, "the archive does not have these versions:" + missing,
            "--nearest takes the nearest version on offer and records the difference in the image");
    return selection;
}

std::vector<std::string> host_acquire_options(process::CommandRunner& commands) {
    std::istringstream lines(
        commands
            .require(command("apt-config",
                             {"dump", "--no-empty", "--format", "%F \"%v\";%n", "Acquire"},
                             "reading apt's settings"))
            .out);
    std::vector<std::string> result;
    for (std::string line; std::getline(lines, line);) {
        static constexpr std::array kept{"Acquire::http::", "Acquire::https::", "Acquire::Retries",
                                         "Acquire::Proxy", "Acquire::ForceIPv"};
        if (std::any_of(kept.begin(), kept.end(),
                        [&](const char* prefix) { return line.starts_with(prefix); }))
            result.push_back(line);
    }
    return result;
}

}  // namespace patchlab::images
