// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/image/image_header.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::disk {

namespace {

constexpr std::size_t head_bytes = 64U << 10;

std::string read_head(const fs::path& file) {
    // Without O_NONBLOCK a FIFO would hold us until somebody writes.
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) {
        const int number = errno;
        throw Error(number == ENOENT ? ErrorCode::not_found : ErrorCode::invalid,
                    "cannot open " + file.string() + ": " + std::strerror(number));
    }
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode))
        throw Error(ErrorCode::invalid, file.string() + " is not a regular file");
    std::string head(head_bytes, '\0');
    std::size_t have = 0;
    while (have < head.size()) {
        const ssize_t got =
            ::pread(fd.get(), head.data() + have, head.size() - have, static_cast<off_t>(have));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            throw Error(ErrorCode::lab,
                        "cannot read " + file.string() + ": " + std::strerror(errno));
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    head.resize(have);
    return head;
}

/// `bytes` of `head` at `offset` as a big- or little-endian number; 0 past the end.
std::uint64_t big(std::string_view head, std::size_t offset, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes && offset + i < head.size(); ++i)
        value = value << 8 | static_cast<unsigned char>(head[offset + i]);
    return value;
}

std::uint64_t little(std::string_view head, std::size_t offset, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes; i-- > 0;)
        value = value << 8 |
                (offset + i < head.size() ? static_cast<unsigned char>(head[offset + i]) : 0U);
    return value;
}

std::string quoted(std::string_view text) {
    std::string result = "'";
    for (const char c : text.substr(0, 200))
        result += std::isprint(static_cast<unsigned char>(c)) ? c : '?';
    return result + "'";
}

// Layout: QEMU's docs/interop/qcow2.rst.
ImageHeader read_qcow2(std::string_view head) {
    ImageHeader result{"qcow2", "", false};
    const auto version = big(head, 4, 4);
    if (version < 2 || version > 3)
        throw Error(ErrorCode::invalid,
                    "qcow2 version " + std::to_string(version) + " is not supported");
    const auto offset = static_cast<std::size_t>(big(head, 8, 8));
    const auto length = static_cast<std::size_t>(big(head, 16, 4));
    if (offset != 0) {
        const bool inside =
            length <= 1023 && offset <= head.size() && length <= head.size() - offset;
        result.refers_to = "backing file " + (inside ? quoted(head.substr(offset, length))
                                                     : std::string("(name out of reach)"));
    }
    result.encrypted = big(head, 32, 4) != 0;
    constexpr std::uint64_t external_data_file = 1U << 2;
    if (version == 3 && (big(head, 72, 8) & external_data_file) != 0)
        result.refers_to = "an external data file";
    return result;
}

// Layout: VMware's "Virtual Disk Format 5.0". A sparse extent stands alone; a descriptor names
// extents, which are other files.
ImageHeader read_vmdk(std::string_view head) {
    ImageHeader result{"vmdk", "", false};
    if (!head.starts_with("KDMV")) {
        result.refers_to = "the extents that its descriptor names";
        return result;
    }
    // With capacity 0 QEMU follows the embedded descriptor's extents, wherever they lead.
    if (little(head, 12, 8) == 0) result.refers_to = "the extents that its descriptor names";
    const auto descriptor_sector = little(head, 28, 8);
    const auto descriptor_sectors = little(head, 36, 8);
    if (descriptor_sector == 0) return result;
    if (descriptor_sector * 512 >= head.size() || descriptor_sectors > head_bytes / 512) {
        result.refers_to = "a descriptor that is out of reach";
        return result;
    }
    std::string text(head.substr(static_cast<std::size_t>(descriptor_sector * 512),
                                 static_cast<std::size_t>(descriptor_sectors * 512)));
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (text.find("parentfilenamehint") != std::string::npos) result.refers_to = "a parent disk";
    const auto parent = text.find("parentcid");
    if (parent != std::string::npos && text.find("ffffffff", parent) == std::string::npos)
        result.refers_to = "a parent disk";
    return result;
}

/// How files are packed, by their first bytes, and how they are unpacked. None of these can be the
/// beginning of a disk that boots.
struct Packing {
    std::string_view name;
    std::string_view magic;
    std::size_t at;  ///< where the magic stands
    std::string_view command;
};
using namespace std::string_view_literals;
constexpr Packing packings[] = {
    {"gzip", "\x1f\x8b\x08"sv, 0, "gzip --decompress --keep"},
    {"xz",
     "\xfd"
     "7zXZ\0"sv,
     0, "xz --decompress --keep"},
    {"zstd", "\x28\xb5\x2f\xfd"sv, 0, "zstd --decompress"},
    {"bzip2", "BZh"sv, 0, "bzip2 --decompress --keep"},
    {"lz4", "\x04\x22\x4d\x18"sv, 0, "lz4 -d"},
    {"zip", "PK\x03\x04"sv, 0, "unzip"},
    {"7-zip", "7z\xbc\xaf\x27\x1c"sv, 0, "7z x"},
    {"rar", "Rar!\x1a\x07"sv, 0, "unrar x"},
    {"lzip", "LZIP"sv, 0, "lzip --decompress --keep"},
    {"ar", "!<arch>\n"sv, 0, "ar x"},
    {"tar", "ustar"sv, 257, "tar --extract --file"},
};

std::string packing_of(std::string_view head) {
    for (const Packing& packing : packings)
        if (head.size() > packing.at && head.substr(packing.at).starts_with(packing.magic))
            return std::string(packing.name);
    return "";
}

/// A VHD of fixed size is a raw disk with a footer behind it.
bool has_vhd_footer(const std::filesystem::path& file) {
    constexpr std::size_t footer = 512;
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0 || status.st_size < off_t{footer}) return false;
    std::string tail(8, '\0');
    return ::pread(fd.get(), tail.data(), tail.size(), status.st_size - off_t{footer}) == 8 &&
           tail == "conectix";
}

}  // namespace

ImageHeader read_image_header(const std::filesystem::path& file) {
    const std::string head = read_head(file);
    if (head.starts_with("QFI\xfb"sv))
        return during("reading " + file.string(), [&] { return read_qcow2(head); });
    if (head.starts_with("KDMV"sv) || head.starts_with("COWD"sv) ||
        head.find("# Disk DescriptorFile") < 1024)
        return read_vmdk(head);
    if (head.starts_with("vhdxfile"sv)) return {"vhdx", "", false};
    if (head.starts_with("LUKS\xba\xbe"sv)) return {"luks", "", true};
    if (head.starts_with("QED\0"sv)) return {"qed", "", false};
    if (head.starts_with("conectix"sv) || has_vhd_footer(file)) return {"vpc", "", false};
    if (little(head, 64, 4) == 0xbeda107f) return {"vdi", "", false};
    if (const std::string packing = packing_of(head); !packing.empty()) return {packing, "", false};
    return {"raw", "", false};
}

std::string how_to_unpack(const ImageHeader& header, const std::filesystem::path& file) {
    for (const Packing& packing : packings)
        if (packing.name == header.format)
            return std::string(packing.command) + " " + file.string();
    return "";
}

std::string format_of_name(const std::filesystem::path& file) {
    std::string extension = file.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (extension == ".qcow2" || extension == ".qcow") return "qcow2";
    if (extension == ".raw" || extension == ".img") return "raw";
    if (extension == ".vmdk") return "vmdk";
    if (extension == ".vhdx") return "vhdx";
    return "";
}

}  // namespace patchlab::disk
