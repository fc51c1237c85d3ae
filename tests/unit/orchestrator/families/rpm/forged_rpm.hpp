// SPDX-License-Identifier: Apache-2.0
//
// rpm packages and headers made by hand, byte for byte: sound ones, and such as rpmbuild never
// makes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/families/rpm/header.hpp"
#include "platform/core/digest.hpp"

namespace patchlab::test {

inline std::string big_endian(std::uint64_t value, std::size_t width) {
    std::string bytes(width, '\0');
    for (std::size_t i = width; i > 0; --i, value >>= 8U)
        bytes[i - 1] = static_cast<char>(value & 0xffU);
    return bytes;
}

/// A header, field by field.
class HeaderMaker {
  public:
    HeaderMaker& text(std::uint32_t tag, const std::string& value) {
        return add(tag, 6, 1, value + '\0', 1);
    }
    HeaderMaker& texts(std::uint32_t tag, const std::vector<std::string>& values) {
        std::string bytes;
        for (const std::string& value : values) bytes += value + '\0';
        return add(tag, 8, values.size(), bytes, 1);
    }
    /// `width`: 1, 2, 4 or 8 bytes each.
    HeaderMaker& numbers(std::uint32_t tag, std::size_t width,
                         const std::vector<std::uint64_t>& values) {
        std::string bytes;
        for (const std::uint64_t value : values) bytes += big_endian(value, width);
        std::uint32_t type = 2;
        for (std::size_t w = width; w > 1; w /= 2) ++type;
        return add(tag, type, values.size(), bytes, width);
    }
    /// Any entry, also one that is wrong.
    HeaderMaker& entry(std::uint32_t tag, std::uint32_t type, std::uint32_t offset,
                       std::uint32_t count) {
        index_ +=
            big_endian(tag, 4) + big_endian(type, 4) + big_endian(offset, 4) + big_endian(count, 4);
        return *this;
    }
    std::string bytes() const {
        return std::string("\x8e\xad\xe8\x01\0\0\0\0", 8) + big_endian(index_.size() / 16, 4) +
               big_endian(data_.size(), 4) + index_ + data_;
    }

  private:
    HeaderMaker& add(std::uint32_t tag, std::uint32_t type, std::size_t count,
                     const std::string& bytes, std::size_t alignment) {
        while (data_.size() % alignment != 0) data_ += '\0';
        entry(tag, type, static_cast<std::uint32_t>(data_.size()),
              static_cast<std::uint32_t>(count));
        data_ += bytes;
        return *this;
    }
    std::string index_, data_;
};

struct ForgedRpmFile {
    std::string path;
    std::string content;
    unsigned mode = 0100644;
    std::uint64_t flags = 0;  ///< 1: a configuration file, 64: a ghost
    std::string target{};     ///< of a link
};

/// A cpio archive without its trailer, as `newc` writes it.
inline std::string cpio_member(const std::string& name, unsigned mode, const std::string& content) {
    const auto field = [](std::uint64_t value) {
        std::string text;
        for (int shift = 28; shift >= 0; shift -= 4)
            text += "0123456789abcdef"[(value >> static_cast<unsigned>(shift)) & 15U];
        return text;
    };
    static std::uint64_t inode = 0;
    std::string bytes = "070701" + field(++inode) + field(mode) + field(0) + field(0) + field(1) +
                        field(1700000000) + field(content.size()) + field(0) + field(0) + field(0) +
                        field(0) + field(name.size() + 1) + field(0) + name + '\0';
    while (bytes.size() % 4 != 0) bytes += '\0';
    bytes += content;
    while (bytes.size() % 4 != 0) bytes += '\0';
    return bytes;
}

inline std::string cpio_of(const std::vector<ForgedRpmFile>& files) {
    std::string bytes;
    for (const ForgedRpmFile& file : files)
        if ((file.flags & 64U) == 0)
            bytes += cpio_member("." + file.path, file.mode,
                                 file.target.empty() ? file.content : file.target);
    return bytes + cpio_member("TRAILER!!!", 0, "");
}

/// The fields that list the files.
inline void list_files(HeaderMaker& header, const std::vector<ForgedRpmFile>& files) {
    namespace tag = families::rpm::tag;
    if (files.empty()) return;
    std::vector<std::string> names, folders, targets, digests;
    std::vector<std::uint64_t> indexes, modes, sizes, flags;
    for (const ForgedRpmFile& file : files) {
        const auto slash = file.path.rfind('/');
        indexes.push_back(folders.size());
        folders.push_back(file.path.substr(0, slash + 1));
        names.push_back(file.path.substr(slash + 1));
        modes.push_back(file.mode);
        sizes.push_back(file.content.size());
        flags.push_back(file.flags);
        targets.push_back(file.target);
        digests.push_back((file.mode & 0170000U) == 0100000U ? sha256_hex(file.content) : "");
    }
    header.texts(tag::base_names, names).texts(tag::dir_names, folders);
    header.numbers(tag::dir_indexes, 4, indexes).numbers(tag::file_modes, 2, modes);
    header.numbers(tag::file_sizes, 4, sizes).numbers(tag::file_flags, 4, flags);
    header.texts(tag::file_link_targets, targets).texts(tag::file_digests, digests);
    header.numbers(tag::file_digest_algorithm, 4, {families::rpm::digest_sha256});
}

inline HeaderMaker named_header(const std::string& name, const std::string& version,
                                const std::string& release) {
    namespace tag = families::rpm::tag;
    HeaderMaker header;
    header.text(tag::name, name).text(tag::version, version).text(tag::release, release);
    header.text(tag::arch, "noarch").text(tag::source_rpm, "src-1-1.src.rpm");
    return header;
}

/// A package with this header and this payload, neither of them packed nor signed.
inline std::string rpm_of(const std::string& header, const std::string& payload) {
    std::string lead = "\xed\xab\xee\xdb\x03";
    lead.resize(96, '\0');
    std::string signature = HeaderMaker().text(1000, "x").bytes();
    signature.resize((signature.size() + 7) / 8 * 8, '\0');
    return lead + signature + header + payload;
}

inline std::string rpm_of(const std::string& name, const std::string& version,
                          const std::string& release, const std::vector<ForgedRpmFile>& files) {
    HeaderMaker header = named_header(name, version, release);
    list_files(header, files);
    return rpm_of(header.bytes(), cpio_of(files));
}

}  // namespace patchlab::test
