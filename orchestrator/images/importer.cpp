// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/images/importer.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "orchestrator/images/package_list.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/disk/image/image_header.hpp"
#include "platform/disk/image/qemu_img.hpp"

namespace patchlab::images {

namespace {

constexpr std::array formats{"qcow2", "raw", "vmdk", "vhdx"};
constexpr std::uint64_t largest_disk = 4ULL << 40;

void require_sound(const fs::path& source, const std::string& format, disk::ImageTool& tool) {
    const auto info = tool.info(source, format);
    if (info.backing_file || info.data_file)
        throw Error(ErrorCode::invalid,
                    source.string() + " depends on another file of this host, and is not opened");
    if (info.encrypted) throw Error(ErrorCode::invalid, source.string() + " is encrypted");
    if (info.virtual_bytes == 0)
        throw Error(ErrorCode::invalid, source.string() + " is an empty disk");
    if (info.virtual_bytes > largest_disk)
        throw Error(ErrorCode::invalid, source.string() + " claims to be larger than 4 TiB");
    disk::CheckReport report;
    try {
        report = tool.check(source, format);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::lab) throw;
        report.state = disk::CheckState::corrupt;  // so damaged that it cannot even be checked
    }
    if (report.state == disk::CheckState::corrupt)
        throw Error(ErrorCode::invalid,
                    source.string() + " is damaged (qemu-img check found errors)",
                    "copy it again, or repair it with: qemu-img check -r all");
}

void require_room(const fs::path& source, const fs::path& folder) {
    const auto size = fs::file_size(source);
    if (free_bytes(folder) < size + (1ULL << 30))
        throw Error(ErrorCode::lab,
                    "importing needs as much free space as the source has (" +
                        std::to_string(size >> 20) + " MiB) and 1 GiB",
                    "free some space on the filesystem that holds " + folder.string());
}

/// A family may look in several places.
std::optional<std::string> read_if_any(disk::OfflineDisk& offline, const fs::path& image,
                                       const std::string& path, std::size_t most) {
    try {
        return offline.read_file(image, "qcow2", path, most);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::not_found) throw;
        return std::nullopt;
    }
}

/// The families that the system may be of: the one that libguestfs found, else any.
std::vector<const families::PackageFamily*> possible_families(const std::string& found) {
    if (found.empty()) return families::all_families();
    const auto* family = families::find_family(found);
    return family == nullptr ? std::vector<const families::PackageFamily*>()
                             : std::vector<const families::PackageFamily*>{family};
}

/// What is installed, and the package database beside the image.
void read_packages(Image& image, const BuildFolder& folder, disk::OfflineDisk& offline) {
    const auto read = [&](const std::string& path, std::size_t most) {
        return read_if_any(offline, folder.qcow2(), path, most);
    };
    for (const auto* family : possible_families(image.os.package_format)) {
        const std::string database = family->database_of(read);
        if (database.empty()) continue;
        image.os.package_format = family->name();
        image.os.packages = installed_packages(*family, {image.name, database});
        write_file_atomic(folder.status(), database);
        return;
    }
}

}  // namespace

std::string format_of(const ImportRequest& request) {
    const auto header = disk::read_image_header(request.source);
    const std::string named = disk::format_of_name(request.source);
    const std::string source = request.source.string();
    if (!request.format.empty() &&
        std::find(formats.begin(), formats.end(), request.format) == formats.end())
        throw Error(ErrorCode::usage,
                    "'" + request.format + "' is not a format that can be imported",
                    "formats: qcow2, raw, vmdk, vhdx");
    if (const std::string unpack = disk::how_to_unpack(header, request.source); !unpack.empty())
        throw Error(ErrorCode::invalid,
                    source + (header.format == "tar"
                                  ? " is a tar archive (an OVA is one), and no disk"
                                  : " is packed with " + header.format + ", and no disk by itself"),
                    "unpack it first (" + unpack + "), and import the disk that is in it");
    const std::string expected = request.format.empty() ? named : request.format;
    // "raw" said by the user is believed: every content is a raw disk. Said by the file's name
    // alone it is not.
    if (request.format == "raw") return "raw";
    if (std::find(formats.begin(), formats.end(), header.format) == formats.end())
        throw Error(
            ErrorCode::invalid,
            source + " is of the format " + header.format + ", which cannot be imported",
            "convert it with qemu-img on a host that trusts it; formats: qcow2, raw, vmdk, vhdx");
    if (!expected.empty() && expected != header.format)
        throw Error(ErrorCode::invalid,
                    source + " is called " + expected + " but has the content of " + header.format,
                    "say which with --format");
    if (expected.empty() && header.format == "raw")
        throw Error(ErrorCode::invalid, source + " has no header of a known format",
                    "if it is a raw disk, say so with --format raw");
    if (!header.refers_to.empty())
        throw Error(ErrorCode::invalid,
                    source + " depends on " + header.refers_to + ", which is not followed",
                    "flatten it where it comes from: qemu-img convert -O qcow2 SOURCE TARGET");
    if (header.encrypted) throw Error(ErrorCode::invalid, source + " is encrypted");
    return header.format;
}

void import_image(const ImportRequest& request, const BuildFolder& folder,
                  const ImportTools& tools) {
    check_image_name(request.name);
    const std::string format = format_of(request);
    disk::ImageTool tool(*tools.commands);
    tools.progress("checking " + request.source.filename().string());
    require_sound(request.source, format, tool);
    require_room(request.source, folder.root);
    tools.progress("converting " + request.source.filename().string());
    disk::ImageTool::Conversion conversion;
    conversion.source_format = format;
    tool.convert(request.source, folder.qcow2(), conversion);

    tools.progress("looking for the operating system");
    Image image;
    image.name = request.name;
    image.os = tools.offline->inspect(folder.qcow2(), "qcow2");
    read_packages(image, folder, *tools.offline);
    image.virtual_bytes = tool.info(folder.qcow2(), "qcow2").virtual_bytes;
    image.created = to_rfc3339(tools.clock->now());
    image.origin = "imported";
    if (!image.os.guest_agent)
        image.warnings.emplace_back(
            "no guest agent: install qemu-guest-agent in it before it can be rehearsed");
    if (image.os.type != "linux")
        image.warnings.push_back("a system of type '" + image.os.type +
                                 "' can be kept, not yet rehearsed");
    write_json(folder.manifest(), to_json(image));
}

}  // namespace patchlab::images
