// SPDX-License-Identifier: Apache-2.0
//
// Reads a page strictly: every element is closed where it must be, ids are unique, and what refers
// to an id finds it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace patchlab::tests {

struct HtmlElement {
    std::string tag;
    std::map<std::string, std::string> attributes;  ///< values unescaped
    std::string text;                               ///< of itself and what is in it
    std::vector<std::size_t> inside;                ///< elements that it is in, the outermost first
    std::string at(const std::string& name) const {
        const auto found = attributes.find(name);
        return found == attributes.end() ? "" : found->second;
    }
    bool has(const std::string& name) const { return attributes.contains(name); }
};

struct HtmlPage {
    std::vector<HtmlElement> elements;
    std::vector<std::string> mistakes;
    std::vector<const HtmlElement*> all(std::string_view tag) const;
    /// Text of the whole page.
    std::string text() const { return elements.empty() ? "" : elements.front().text; }
};

HtmlPage read_html(std::string_view html);

}  // namespace patchlab::tests
