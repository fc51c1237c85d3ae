// SPDX-License-Identifier: Apache-2.0
//
// The headers of rpm: of a package file (a lead, a signature, the header, then the payload), and a
// list of headers as a package database is exported. Read here from the bytes alone, strictly and
// within limits: they are untrusted. Views into the bytes, which must outlive the header. Thread
// safety: values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace patchlab::families::rpm {

/// The numbers by which rpm names the fields that are read here.
namespace tag {
enum : std::uint32_t {
    signature_sha256 = 273,  ///< of a signature header: digest of the header
    name = 1000,
    version = 1001,
    release = 1002,
    epoch = 1003,
    summary = 1004,
    build_time = 1006,
    build_host = 1007,
    size = 1009,
    vendor = 1011,
    license = 1014,
    packager = 1015,
    group = 1016,
    url = 1020,
    arch = 1022,
    pre_install = 1023,
    post_install = 1024,
    pre_remove = 1025,
    post_remove = 1026,
    old_file_names = 1027,
    file_sizes = 1028,
    file_modes = 1030,
    file_digests = 1035,
    file_link_targets = 1036,
    file_flags = 1037,
    source_rpm = 1044,
    archive_size = 1046,
    provide_name = 1047,
    require_flags = 1048,
    require_name = 1049,
    require_version = 1050,
    conflict_flags = 1053,
    conflict_name = 1054,
    conflict_version = 1055,
    trigger_scripts = 1065,
    trigger_names = 1066,
    verify_script = 1079,
    changelog_name = 1081,
    changelog_text = 1082,
    obsolete_name = 1090,
    file_devices = 1095,
    file_inodes = 1096,
    provide_flags = 1112,
    provide_version = 1113,
    obsolete_flags = 1114,
    obsolete_version = 1115,
    dir_indexes = 1116,
    base_names = 1117,
    dir_names = 1118,
    payload_format = 1124,
    pre_transaction = 1151,
    post_transaction = 1152,
    long_file_sizes = 5008,
    file_digest_algorithm = 5011,
    file_trigger_scripts = 5066,
    file_trigger_names = 5069,
    transaction_file_trigger_scripts = 5076,
    transaction_file_trigger_names = 5079,
    payload_digest = 5092,
    payload_digest_algorithm = 5093,
};
}  // namespace tag

/// Digests by their OpenPGP number.
inline constexpr std::uint64_t digest_sha256 = 8;

class Header {
  public:
    /// Reads the header that begins at the front of `bytes` with its magic number, and takes it
    /// off. Error(invalid) for what is none, is cut short or is beyond a limit; `where` names it.
    static Header take(std::string_view& bytes, std::string_view where);

    bool has(std::uint32_t tag) const { return entries_.contains(tag); }
    /// The first text of the field; empty when there is none.
    std::string_view text(std::uint32_t tag) const;
    std::vector<std::string_view> texts(std::uint32_t tag) const;
    /// The numbers of the field, whatever their width.
    std::vector<std::uint64_t> numbers(std::uint32_t tag) const;
    std::uint64_t number_or(std::uint32_t tag, std::uint64_t otherwise) const;
    /// All of it, with its magic number.
    std::string_view bytes() const { return bytes_; }

  private:
    struct Entry {
        std::uint32_t type = 0;
        std::uint32_t offset = 0;
        std::uint32_t count = 0;
    };
    const Entry* find(std::uint32_t tag) const;

    std::string where_;
    std::string_view bytes_;
    std::string_view data_;
    std::map<std::uint32_t, Entry> entries_;
};

/// A package file, cut into its parts.
struct PackageParts {
    Header header;
    std::string_view before_header;  ///< the lead and the signature
    std::string_view head;           ///< all that stands before the payload
    std::string_view payload;        ///< packed
};

/// Error(invalid) for what is no binary package.
PackageParts split_package(std::string_view bytes, std::string_view where);

/// "[epoch:]version-release", without an epoch of 0.
std::string version_of(const Header& header);

/// What a package asks for, provides, conflicts with or takes the place of.
struct Dependency {
    std::string_view name;
    std::uint64_t flags = 0;
    std::string_view version;  ///< empty: any

    bool less() const { return (flags & 2U) != 0; }
    bool greater() const { return (flags & 4U) != 0; }
    bool equal() const { return (flags & 8U) != 0; }
    /// "(a or b)"
    bool rich() const { return name.starts_with('('); }
    /// What rpm itself must be able to do, not a package.
    bool of_rpm() const { return name.starts_with("rpmlib("); }
};
/// Error(invalid) when the three fields do not fit each other.
std::vector<Dependency> dependencies(const Header& header, std::uint32_t names, std::uint32_t flags,
                                     std::uint32_t versions, std::string_view where);

struct HeaderFile {
    std::string path;
    unsigned mode = 0;  ///< with the type of the file
    std::uint64_t bytes = 0;
    std::string_view target;  ///< of a link
    std::string_view digest;
    std::uint64_t flags = 0;
    std::uint64_t device = 0, inode = 0;

    bool config() const { return (flags & 1U) != 0; }
    bool ghost() const { return (flags & 64U) != 0; }
    bool is(unsigned type) const { return (mode & 0170000U) == type; }
};
/// The files of a package as its header lists them. Error(invalid) for a name that is not absolute,
/// climbs out of the root or hides in a log, and for lists that do not fit each other.
std::vector<HeaderFile> files_of(const Header& header, std::string_view where);

}  // namespace patchlab::families::rpm
