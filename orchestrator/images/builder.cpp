// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/images/builder.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "orchestrator/families/deb/own_sources.hpp"
#include "orchestrator/images/archive.hpp"
#include "orchestrator/images/boot_disk.hpp"
#include "orchestrator/images/root_folder.hpp"
#include "orchestrator/images/rpm_system.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/disk/image/qemu_img.hpp"

namespace patchlab::images {

namespace {

/// Room for the folder, the raw disk, the qcow2 and the packages of a usual build.
constexpr std::uint64_t needed_bytes = 5ULL << 30;

std::string random_uuid() {
    std::string hex = random_hex(16);
    hex[12] = '4';
    hex[16] = "89ab"[static_cast<unsigned char>(hex[16]) % 4];
    return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
           hex.substr(16, 4) + "-" + hex.substr(20);
}

std::string joined(const std::vector<std::string>& items, const char* separator) {
    std::string text;
    for (const auto& item : items) text += (text.empty() ? "" : separator) + item;
    return text;
}

std::vector<families::deb::AptSource> all_sources(const BuildRequest& request) {
    return request.own_sources.empty() ? families::deb::host_apt_sources(request.etc_apt)
                                       : request.own_sources;
}

std::vector<families::deb::AptSource> sources_for(const BuildRequest& request) {
    const bool own = !request.own_sources.empty();
    const auto sources = all_sources(request);
    const auto known = families::deb::suites_of(sources);
    const std::string whose = own ? "the given package sources"
                                  : "the host's package sources (" + request.etc_apt.string() + ")";
    for (const auto& suite : request.suites)
        if (std::find(known.begin(), known.end(), suite) == known.end())
            throw Error(ErrorCode::invalid, whose + " have no suite '" + suite + "'",
                        known.empty() ? "give the release's sources with --sources FILE"
                                      : "suites there: " + joined(known, ", ") +
                                            "; for another release give --sources FILE");
    return families::deb::restrict_to_suites(sources, request.suites);
}

/// A machine's name may hold letters, digits and '-' only.
std::string hostname_for(const std::string& image) {
    std::string name = image.substr(0, 63);
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == '.' || c == '_'; }, '-');
    while (name.ends_with('-')) name.pop_back();
    return name;
}

void require_host(const BuildFolder& folder) {
    if (::geteuid() != 0)
        throw Error(ErrorCode::lab, "building an image needs root, whose files it writes",
                    "run it with sudo");
    struct utsname host {};
    if (::uname(&host) != 0 || std::string_view(host.machine) != "x86_64")
        throw Error(ErrorCode::lab, "images can be built on x86_64 hosts only");
    if (const auto left = free_bytes(folder.root); left < needed_bytes)
        throw Error(ErrorCode::lab,
                    "building an image needs 5 GiB of disk space; " + std::to_string(left >> 20) +
                        " MiB are free",
                    "free some space on the filesystem that holds " + folder.root.string());
}

Selection select(const BuildRequest& request, const std::vector<families::deb::AptSource>& sources,
                 const BuildFolder& folder, const BuildTools& tools) {
    Selection selection;
    if (!request.host.empty()) {
        tools.progress("asking the archive for the host's versions");
        const fs::path work = folder.root / "offer";
        selection = select_packages(request.host, read_offer(sources, work, *tools.commands),
                                    request.nearest, *tools.commands);
        remove_tree(work);
    }
    selection.packages.insert(selection.packages.end(), request.packages.begin(),
                              request.packages.end());
    return selection;
}

/// Installs the system into `folder`/root, with the packages and the package database beside it.
std::vector<disk::InstalledPackage> install(const BuildRequest& request,
                                            const RootRequest& root_request,
                                            const BuildFolder& folder, const BuildTools& tools) {
    const fs::path root = folder.root / "root";
    const process::OwnIds ids;
    install_root(root_request, root, ids, *tools.commands);
    if (request.family != "rpm") {
        settle_root(root, folder.packages(), ids);
        const std::string status = read_file(root / "var/lib/dpkg/status");
        write_file_atomic(folder.status(), status);
        return installed_packages(families::family(request.family), {"under construction", status});
    }
    const auto updates = families::deb::parse_deb822_sources(
        families::deb::sources_for_release(families::deb::to_deb822(all_sources(request)),
                                           request.suites.front()),
        "the package sources");
    RpmSystem system =
        make_rpm_system({root, ids, folder.packages(), updates, tools.progress}, *tools.commands);
    write_file_atomic(folder.status(), system.database);
    return std::move(system.packages);
}

/// Converted packages have no versions that a list of a host could ask for.
void check_family(const BuildRequest& request) {
    if (request.family != "deb" && request.family != "rpm")
        throw Error(ErrorCode::usage,
                    "images of '" + request.family.substr(0, 40) + "' packages cannot be built",
                    "families: deb, rpm");
    if (request.family == "rpm" && !request.host.empty())
        throw Error(ErrorCode::usage, "an rpm image cannot be built from a host's list",
                    "import that host's disk: patchlab image import NAME FILE");
}

}  // namespace

void set_sources(BuildRequest& request, std::string_view text, const std::string& file,
                 const std::optional<fs::path>& keyring) {
    request.own_sources = families::deb::self_contained_sources(text, file, keyring);
}

void check_request(const BuildRequest& request) {
    check_image_name(request.name);
    check_family(request);
    if (request.suites.empty())
        throw Error(ErrorCode::usage, "no suite was given", "for example: --suite bookworm");
    if (request.packages.empty() && request.host.empty())
        throw Error(ErrorCode::usage, "no packages were given",
                    "name some with --package, or a host's list with --like");
    for (const auto& package : request.packages) {
        const auto equals = package.find('=');
        const bool good = is_package_name(package.substr(0, equals)) &&
                          (equals == std::string::npos ||
                           is_package_version(std::string_view(package).substr(equals + 1)));
        if (!good)
            throw Error(ErrorCode::usage,
                        "'" + package.substr(0, 80) + "' is not a package, nor PACKAGE=VERSION");
    }
    if (request.bytes < (1ULL << 30) || request.bytes > (1ULL << 40))
        throw Error(ErrorCode::usage, "the size of the disk must be from 1G to 1024G");
    sources_for(request);
}

void build_image(const BuildRequest& request, const BuildFolder& folder, const BuildTools& tools) {
    check_request(request);
    require_host(folder);
    const auto sources = sources_for(request);
    const Selection selection = select(request, sources, folder, tools);

    const fs::path root = folder.root / "root";
    const fs::path raw = folder.root / "disk.raw";
    const RootRequest root_request{
        sources,       request.suites.front(), selection.packages, hostname_for(request.name),
        random_uuid(), request.family,         request.uefi,       tools.progress};
    tools.progress("reading the package lists");
    Image image;
    image.os = describe_root(root_request, root, install(request, root_request, folder, tools));
    prepare_root(root_request, root);

    tools.progress("writing the disk");
    make_boot_disk({request.bytes, root_request.filesystem_uuid, request.uefi}, root, raw,
                   *tools.commands);
    remove_tree(root);
    const FirstBoot boot = boot_first({raw, request.family, request.uefi}, folder.console(),
                                      tools.workbench, tools.progress);

    tools.progress("packing the image");
    disk::ImageTool(*tools.commands).convert(raw, folder.qcow2(), {"raw"});
    fs::remove(raw);
    fs::remove(folder.root / "image.sources");
    image.name = request.name;
    image.virtual_bytes = request.bytes;
    image.created = to_rfc3339(tools.clock->now());
    image.origin = "built";
    image.suite = joined(request.suites, " ");
    image.sources = request.family == "rpm" ? synthetic_repositories()
                                            : families::deb::to_deb822(request.own_sources);
    image.kernel = boot.kernel;
    image.deviations = selection.deviations;
    image.warnings = boot.warnings;
    write_json(folder.manifest(), to_json(image));
}

std::uint64_t parse_size(const std::string& text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string unit(end, text.data() + text.size());
    static const std::map<std::string, unsigned> shifts{
        {"M", 20}, {"MiB", 20}, {"G", 30}, {"GiB", 30}};
    const auto known = shifts.find(unit);
    const unsigned shift = known == shifts.end() ? 0 : known->second;
    if (error != std::errc() || shift == 0 || number == 0 || number > (1ULL << 20))
        throw Error(ErrorCode::usage, "'" + text.substr(0, 40) + "' is not a size",
                    "write it as 3G or 4096M");
    return number << shift;
}

}  // namespace patchlab::images
