// SPDX-License-Identifier: Apache-2.0
#include "reports/html/writer.hpp"
#include "platform/core/text.hpp"

namespace patchlab::reports::html {

std::string escape(std::string_view text, std::size_t max_bytes) {
    std::string out;
    for (const char c : plain_text(text, max_bytes)) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += c;
        }
    }
    return out;
}

Writer::Element::~Element() {
    writer_.html_ += "</";
    writer_.html_ += tag_;
    writer_.html_ += ">\n";
}

void Writer::start(const char* tag, std::span<const Attribute> attributes) {
    html_ += '<';
    html_ += tag;
    for (const Attribute& attribute : attributes) {
        html_ += ' ';
        html_ += attribute.name;
        html_ += "=\"";
        html_ += escape(attribute.value);
        html_ += '"';
    }
    html_ += '>';
}

Writer::Element Writer::open(const char* tag, Attributes attributes) {
    start(tag, {attributes.begin(), attributes.size()});
    return Element(*this, tag);
}

Writer::Element Writer::open_with(const char* tag, const std::vector<Attribute>& attributes) {
    start(tag, attributes);
    return Element(*this, tag);
}

void Writer::lone(const char* tag, Attributes attributes) {
    start(tag, {attributes.begin(), attributes.size()});
}

void Writer::lone_with(const char* tag, const std::vector<Attribute>& attributes) {
    start(tag, attributes);
}

void Writer::element(const char* tag, Attributes attributes, std::string_view text) {
    const Element whole = open(tag, attributes);
    html_ += escape(text);
}

void Writer::text(std::string_view text) { html_ += escape(text); }

void Writer::guest(std::string_view text, std::size_t max_bytes) {
    html_ += "<bdi>";
    html_ += escape(text, max_bytes);
    html_ += "</bdi>";
}

void Writer::guest_code(std::string_view text, std::size_t max_bytes) {
    html_ += "<code dir=\"ltr\">";
    guest(text, max_bytes);
    html_ += "</code>";
}

}  // namespace patchlab::reports::html
