// SPDX-License-Identifier: Apache-2.0
//
// Debian control data ("Field: value" stanzas separated by blank lines): control files, Packages
// indexes, the dpkg status file. The reader hands out views into the text it was given, so that an
// index of 50 MB is read without a copy.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orchestrator/families/package_facts.hpp"

namespace patchlab::families::deb {

/// Whether both name one field: case does not matter.
bool same_field(std::string_view a, std::string_view b);

/// One stanza; valid as long as the text it was read from.
class Stanza {
  public:
    /// The value without surrounding blanks, further lines as they stand; empty when there is no
    /// such field. Case does not matter.
    std::string_view get(std::string_view field) const;
    const std::vector<std::pair<std::string_view, std::string_view>>& fields() const {
        return fields_;
    }

  private:
    friend class StanzaReader;
    std::vector<std::pair<std::string_view, std::string_view>> fields_;
};

class StanzaReader {
  public:
    /// `where` names the text in errors.
    StanzaReader(std::string_view text, std::string where)
        : rest_(text), where_(std::move(where)) {}
    /// False at the end. Error(invalid) with the line for a line that is neither a field nor a
    /// continuation, for a repeated field, and for more than 1,000 fields.
    bool next(Stanza& stanza);

  private:
    std::string_view rest_;
    std::string where_;
    int line_ = 0;
};

struct SourceName {
    std::string name;
    std::string version;
};
/// The source package of a binary package: its Source field ("linux (6.1.2-1)", "linux" or none)
/// over its own name and version.
SourceName source_of(std::string_view source_field, std::string_view package,
                     std::string_view version);
SourceName source_of(const Stanza& stanza);

/// "a (>= 1) | b, libc6:any (>= 2.36) [amd64]" → a list of groups of alternatives. Error(invalid)
/// for anything else.
std::vector<Requirement> parse_relations(std::string_view field);

}  // namespace patchlab::families::deb
