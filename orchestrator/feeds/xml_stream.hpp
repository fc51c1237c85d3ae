// SPDX-License-Identifier: Apache-2.0
//
// XML as a stream, as far as indexes of repositories use it: elements, attributes, text, comments,
// CDATA and the five named entities. A document type is refused, so nothing can be defined that
// expands. Thread safety: one call a thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "orchestrator/feeds/byte_source.hpp"

namespace patchlab::feeds {

struct XmlElement {
    std::string name;
    std::map<std::string, std::string> attributes;
    std::string text;  ///< its own, without that of its children; only its first 4 KiB are kept
    std::string attribute(const std::string& key) const {
        const auto found = attributes.find(key);
        return found == attributes.end() ? "" : found->second;
    }
};

struct XmlWanted {
    /// `path`: the open elements, this one last.
    std::function<void(const std::vector<XmlElement>& path)> begin;
    std::function<void(const std::vector<XmlElement>& path)> end;
};

/// Error(invalid) "WHERE: line N: …" for what is not well-formed, is cut short or is beyond a
/// limit.
void walk_xml(ByteSource& source, const std::string& where, const XmlWanted& wanted);

}  // namespace patchlab::feeds
