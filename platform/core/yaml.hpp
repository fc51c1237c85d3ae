// SPDX-License-Identifier: Apache-2.0
//
// YAML as people write definitions, read into JSON together with the line of every node, so that a
// validator can say where a mistake is. Only what a definition needs: no anchors, aliases, merge
// keys or tags (an alias bomb is a few hundred bytes), no duplicate keys, one document. Scalars
// follow the YAML 1.2 core schema: quoted is a string, plain `true`, `12`, `1.5`, `null` are typed,
// and `yes`, `on`, `1:30` are strings. Values; thread-safe as such.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "platform/core/diagnostics.hpp"
#include "platform/core/json.hpp"

namespace patchlab {

struct YamlDocument {
    std::string file;  ///< as named in diagnostics
    Json value;        ///< null for an empty document
    std::map<std::string, int>
        lines;  ///< JSON pointer of a node → its line, from 1 (of its key, when it is a member)

    /// The line of the node, or of its nearest ancestor that has one.
    int line_of(std::string_view pointer) const;
};

/// The same, of lines by their pointers.
int line_of(const std::map<std::string, int>& lines, std::string_view pointer);

/// Limits: 1 MiB of text, 32 levels, 20,000 nodes, keys of 128 bytes; no NUL in any string.
/// Every mistake goes to `diagnostics`; the document is usable only if none was added.
YamlDocument parse_yaml(std::string_view text, const std::string& file_name,
                        Diagnostics& diagnostics);

/// `parent` with one more reference token, escaped as RFC 6901 says ("/" is "~1", "~" is "~0").
std::string json_pointer(std::string_view parent, std::string_view token);

}  // namespace patchlab
