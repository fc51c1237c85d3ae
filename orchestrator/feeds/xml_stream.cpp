// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/feeds/xml_stream.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::feeds {

namespace {

constexpr std::size_t most_depth = 32, most_attributes = 64, longest_name = 128,
                      longest_value = 64U << 10, kept_text = 4096;
constexpr int double_mark = '"', single_mark = '\'';

bool is_blank(int c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool begins_name(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' || c >= 0x80;
}
bool continues_name(int c) {
    return begins_name(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/// A code point as UTF-8; empty: it is none that XML permits.
std::string utf8_of(std::uint32_t code) {
    if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return {};
    const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
    if (code < 0x80) return {byte(code)};
    if (code < 0x800) return {byte(0xC0 | code >> 6), byte(0x80 | (code & 0x3F))};
    if (code < 0x10000)
        return {byte(0xE0 | code >> 12), byte(0x80 | ((code >> 6) & 0x3F)),
                byte(0x80 | (code & 0x3F))};
    return {byte(0xF0 | code >> 18), byte(0x80 | ((code >> 12) & 0x3F)),
            byte(0x80 | ((code >> 6) & 0x3F)), byte(0x80 | (code & 0x3F))};
}

class XmlWalker {
  public:
    XmlWalker(ByteSource& source, const std::string& where, const XmlWanted& wanted)
        : bytes_(source), where_(where), wanted_(wanted) {}

    void walk() {
        skip_mark();
        for (int c = get(); c != ByteCursor::end; c = get()) {
            if (c == '<') markup();
            else if (c == '&') text(entity());
            else text(std::string(1, static_cast<char>(c)));
        }
        if (!path_.empty()) fail("is cut short within <" + path_.back().name + ">");
        if (!rooted_) fail("has no element");
    }

  private:
    [[noreturn]] void fail(const std::string& why) const {
        throw Error(ErrorCode::invalid, where_ + ": line " + std::to_string(bytes_.line()) + ": " +
                                            shortened(plain_text(why, 300), 300));
    }

    int look() { return bytes_.look(); }
    int get() {
        const int c = bytes_.get();
        if (c == 0) fail("holds a NUL byte");
        return c;
    }
    int must_get() {
        const int c = get();
        if (c == ByteCursor::end) fail("is cut short");
        return c;
    }
    void expect(std::string_view word) {
        for (const char c : word)
            if (must_get() != static_cast<unsigned char>(c)) fail("is not well-formed");
    }
    void skip_blanks() {
        while (is_blank(look())) get();
    }
    void skip_mark() {
        if (look() == 0xEF) expect("\xEF\xBB\xBF");
    }
    /// Past the next occurrence of `end`; what comes before goes to `take`.
    template <typename Take>
    void until(std::string_view end, Take take) {
        std::string seen;
        for (;;) {
            seen += static_cast<char>(must_get());
            if (seen.ends_with(end)) return take(seen.substr(0, seen.size() - end.size()));
            if (seen.size() > 2 * longest_value) {
                take(seen.substr(0, longest_value));
                seen.erase(0, longest_value);
            }
        }
    }

    void text(const std::string& more) {
        if (path_.empty()) {
            if (!std::all_of(more.begin(), more.end(), is_blank))
                fail("has text outside of elements");
            return;
        }
        std::string& kept = path_.back().text;
        if (kept.size() < kept_text) kept += more;
    }

    std::string entity() {
        std::string word;
        for (int c = must_get(); c != ';'; c = must_get()) {
            word += static_cast<char>(c);
            if (word.size() > 10) fail("holds an unknown entity");
        }
        static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> named{
            {{"lt", "<"}, {"gt", ">"}, {"amp", "&"}, {"apos", "'"}, {"quot", "\""}}};
        for (const auto& [name, character] : named)
            if (word == name) return std::string(character);
        if (word.size() < 2 || word[0] != '#') fail("holds an unknown entity");
        const bool hex = word[1] == 'x';
        const std::string number = word.substr(hex ? 2 : 1);
        const std::string_view digits = hex ? "0123456789abcdefABCDEF" : "0123456789";
        if (number.empty() || number.find_first_not_of(digits) != std::string::npos)
            fail("holds an unknown entity");
        const std::string character =
            utf8_of(static_cast<std::uint32_t>(std::stoul(number, nullptr, hex ? 16 : 10)));
        if (character.empty()) fail("holds an invalid character");
        return character;
    }

    std::string name() {
        std::string word;
        if (!begins_name(look())) fail("is not well-formed");
        while (continues_name(look())) {
            word += static_cast<char>(get());
            if (word.size() > longest_name) fail("has a name that is too long");
        }
        return word;
    }

    void markup() {
        if (look() == '?') return until("?>", [](const std::string&) {});
        if (look() == '!') return declaration();
        if (look() == '/') return end_tag();
        begin_tag();
    }

    void declaration() {
        get();
        if (look() == '-') {
            expect("--");
            return until("-->", [](const std::string&) {});
        }
        if (look() != '[') fail("has a document type, which is not accepted");
        expect("[CDATA[");
        until("]]>", [&](const std::string& part) { text(part); });
    }

    void end_tag() {
        get();
        const std::string word = name();
        skip_blanks();
        expect(">");
        if (path_.empty() || path_.back().name != word)
            fail("closes <" + word + ">, which is not open");
        leave();
    }

    void begin_tag() {
        XmlElement element{name(), {}, {}};
        if (path_.empty() && rooted_) fail("has more than one root");
        rooted_ = true;
        if (path_.size() == most_depth) fail("is nested too deeply");
        for (;;) {
            skip_blanks();
            if (look() == '>' || look() == '/') break;
            attribute(element);
        }
        const bool empty = look() == '/';
        if (empty) get();
        expect(">");
        path_.push_back(std::move(element));
        wanted_.begin(path_);
        if (empty) leave();
    }

    void attribute(XmlElement& element) {
        if (element.attributes.size() == most_attributes) fail("has too many attributes");
        const std::string key = name();
        skip_blanks();
        expect("=");
        skip_blanks();
        const int mark = must_get();
        if (mark != double_mark && mark != single_mark) fail("is not well-formed");
        std::string value;
        for (int c = must_get(); c != mark; c = must_get()) {
            if (c == '<') fail("is not well-formed");
            value += c == '&' ? entity() : std::string(1, static_cast<char>(c));
            if (value.size() > longest_value) fail("has an attribute that is too long");
        }
        if (!element.attributes.emplace(key, std::move(value)).second)
            fail("names attribute '" + key + "' twice");
    }

    void leave() {
        wanted_.end(path_);
        path_.pop_back();
    }

    ByteCursor bytes_;
    const std::string& where_;
    const XmlWanted& wanted_;
    bool rooted_ = false;
    std::vector<XmlElement> path_;
};

}  // namespace

void walk_xml(ByteSource& source, const std::string& where, const XmlWanted& wanted) {
    XmlWalker(source, where, wanted).walk();
}

}  // namespace patchlab::feeds
