// SPDX-License-Identifier: Apache-2.0
//
// What a lab is: machines, the networks between them, and what to test on each. Values.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/diagnostics.hpp"

namespace patchlab::labdefs {

struct Machine {
    std::string name;
    std::string image;  ///< name of an image in the store
    unsigned vcpus = 1;
    unsigned memory_mib = 512;
    std::string criticality =
        "business-operational";  ///< mission-critical | business-critical | business-operational
    std::vector<std::string> suites;  ///< names; files beside the lab win over built-in ones
    std::map<std::string, std::string>
        answers;  ///< debconf "package question" → answer, for patches that ask
};

struct NetworkMember {
    std::string machine;
    std::string address;  ///< "10.0.0.5/24", empty: none configured
    std::string mac;      ///< empty: derived from lab and machine name
};

struct Network {
    std::string name;
    std::vector<NetworkMember> members;
};

struct Lab {
    std::string name;
    std::string description;
    std::vector<Machine> machines;  ///< in the order of the file
    std::vector<Network> networks;
    std::vector<std::string> suite_files;  ///< extra suite files, absolute
    std::string identity =
        "keep";  ///< keep | new: whether clones keep production's machine-id, host keys, MACs
    bool keep_contents = true;  ///< what small text files said before and after is kept as evidence
    std::string rules;          ///< what it adds to the rules of attribution (JSON); empty: nothing
    std::string source;         ///< the YAML text
    std::string digest;         ///< sha256 of `source`
    std::map<std::string, int> lines;  ///< JSON pointer of a node of the source → its line

    /// Of the node, or of its nearest ancestor that has one; 0 when none has.
    int line_of(std::string_view pointer) const;
};

/// Reads and checks a lab; every mistake goes to `diagnostics`, those of form and those of meaning
/// in one pass, in the order of the lines. With mistakes the lab holds what could be read. Suites
/// named must exist built in, in `suite_files`, or as `<name>.yaml` beside the file (checked by the
/// caller, which knows the suites).
Lab load_lab(const std::filesystem::path& file, Diagnostics& diagnostics);
/// Of a file beside a lab, by its absolute path; nullopt when it is not there.
using ReadBeside = std::function<std::optional<std::string>(const std::filesystem::path& file)>;
/// Reads it from the disk. Error(invalid) when it is larger than 1 MiB.
std::optional<std::string> read_beside(const std::filesystem::path& file);
/// A lab whose text somebody has read already.
struct LabText {
    std::string file;  ///< its name, for mistakes
    std::string text;
    std::filesystem::path folder;  ///< where it stands, absolute: names in it are relative to that
};
LabText read_lab_text(const std::filesystem::path& file);
Lab load_lab(const LabText& lab, const ReadBeside& beside, Diagnostics& diagnostics);
Lab parse_lab(const std::string& yaml, const std::string& file_name, Diagnostics& diagnostics);
/// The published JSON Schema text.
std::string lab_schema();
/// The example labs that ship with patchlab: their names, and the YAML text of one
/// (Error(not_found)).
std::vector<std::string> lab_example_names();
std::string lab_example(const std::string& name);

/// An address with its prefix length, IPv4 or IPv6, as a network member has it.
struct NetworkAddress {
    std::array<unsigned char, 16> bytes{};
    unsigned size = 4;  ///< bytes in use: 4 or 16
    unsigned prefix = 0;

    /// nullopt when `text` is not "ADDRESS/PREFIX".
    static std::optional<NetworkAddress> parse(const std::string& text);
    /// Whether the address of `other` lies in the network of this one.
    bool network_holds(const NetworkAddress& other) const;
    /// True when no bit after the prefix is set, as in 10.0.0.0/24.
    bool names_a_network() const;
    /// Whether one of the two networks lies in the other.
    bool overlaps(const NetworkAddress& other) const {
        return prefix <= other.prefix ? network_holds(other) : other.network_holds(*this);
    }
    /// Why no machine can have this address in a network of `length` bits of prefix ("is the
    /// network's own address"), or nothing.
    std::string why_no_machines(unsigned length) const;
    bool same_host(const NetworkAddress& other) const {
        return size == other.size && bytes == other.bytes;
    }
};

}  // namespace patchlab::labdefs
