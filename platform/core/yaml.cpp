// SPDX-License-Identifier: Apache-2.0
#include "platform/core/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <charconv>
#include <cmath>
#include <sstream>
#include <vector>

namespace patchlab {

namespace {

constexpr std::size_t max_bytes = 1U << 20;
constexpr std::size_t max_depth = 32;
constexpr std::size_t max_nodes =
    20000;  // with the cap on keys it bounds the memory of the pointer → line map
constexpr std::size_t max_key = 128;
constexpr std::size_t max_mistakes = 100;

/// Ends the parse: the mistake is in the diagnostics already.
struct Stop {};

bool only(std::string_view text, std::string_view allowed) {
    return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

/// A decimal or scientific number as the core schema spells it; never inf, nan or hexadecimal
/// floats.
bool is_float(std::string_view text) {
    if (!only(text, "0123456789+-.eE")) return false;
    if (text.front() == '+' || text.front() == '-') text.remove_prefix(1);
    return only(text.substr(0, 1), "0123456789.") &&
           text.find_first_of("0123456789") != std::string_view::npos;
}

template <typename Number>
bool whole(std::string_view digits, int base, Number& number) {
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
    return error == std::errc() && end == digits.data() + digits.size();
}

Json plain_scalar(const std::string& text) {
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
        return nullptr;
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    std::int64_t integer = 0;
    const std::string_view view(text);
    const std::string_view unsigned_part = view.substr(view[0] == '+' ? 1 : 0);
    if (view.starts_with("0x") && only(view.substr(2), "0123456789abcdefABCDEF") &&
        whole(view.substr(2), 16, integer))
        return integer;
    if (view.starts_with("0o") && only(view.substr(2), "01234567") &&
        whole(view.substr(2), 8, integer))
        return integer;
    if (only(unsigned_part.substr(unsigned_part.starts_with('-') ? 1 : 0), "0123456789") &&
        whole(unsigned_part, 10, integer))
        return integer;
    double real = 0;
    if (is_float(view)) {
        const auto [end, error] = std::from_chars(
            unsigned_part.data(), unsigned_part.data() + unsigned_part.size(), real);
        if (error == std::errc() && end == unsigned_part.data() + unsigned_part.size() &&
            std::isfinite(real))
            return real;
    }
    return text;
}

/// Builds the tree from the parser's events. The parser recurses, so depth is refused here before
/// it can grow.
class Builder final : public YAML::EventHandler {
  public:
    Builder(YamlDocument& document, Diagnostics& diagnostics)
        : document_(document), diagnostics_(diagnostics) {}

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { scalar(mark, nullptr, ""); }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        mistake(mark, "aliases (*name) are not allowed, write the value again");
        scalar(mark, nullptr, "");
    }

    void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
        mistake(mark, "anchors (&" + name + ") are not allowed");
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  const std::string& value) override {
        check_tag(mark, tag);
        if (value.find('\0') != std::string::npos) mistake(mark, "a NUL character is not allowed");
        const bool quoted = tag == "!";
        scalar(mark, quoted ? Json(value) : plain_scalar(value), value);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {
        check_tag(mark, tag);
        open(mark, Json::array());
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {
        check_tag(mark, tag);
        open(mark, Json::object());
    }
    void OnMapEnd() override { close(); }

  private:
    struct Level {
        Json value;
        std::string path;
        std::string key;       // of the member whose value comes next
        bool has_key = false;  // maps alternate: key, value
        bool dropped = false;  // the next value belongs to a refused key
    };

    static int line(const YAML::Mark& mark) { return mark.line + 1; }

    void mistake(const YAML::Mark& mark, const std::string& message) {
        diagnostics_.add(document_.file, line(mark), levels_.empty() ? "" : next_path(), message);
        if (diagnostics_.items.size() >= max_mistakes) throw Stop{};
    }

    void check_tag(const YAML::Mark& mark, const std::string& tag) {
        if (!tag.empty() && tag != "!" && tag != "?")
            mistake(mark, "tags (" + tag.substr(0, 80) + ") are not allowed");
    }

    std::string next_path() const {
        const Level& level = levels_.back();
        if (level.value.is_array())
            return json_pointer(level.path, std::to_string(level.value.size()));
        return level.has_key ? json_pointer(level.path, level.key) : level.path;
    }

    bool awaits_key() const {
        return !levels_.empty() && levels_.back().value.is_object() && !levels_.back().has_key;
    }

    void take_key(const YAML::Mark& mark, const std::string& key) {
        Level& level = levels_.back();
        level.dropped = true;
        if (key == "<<") {
            mistake(mark, "merge keys (<<) are not allowed");
        } else if (key.size() > max_key) {
            mistake(mark, "a key longer than " + std::to_string(max_key) + " bytes");
        } else if (level.value.contains(key)) {
            const int first = document_.line_of(json_pointer(level.path, key));
            mistake(mark, "the key '" + key + "' stands here twice (first in line " +
                              std::to_string(first) + ")");
        } else {
            level.dropped = false;
            document_.lines[json_pointer(level.path, key)] = line(mark);
        }
        level.key = level.dropped ? key.substr(0, max_key) : key;
        level.has_key = true;
    }

    void count(const YAML::Mark& mark) {
        if (++nodes_ <= max_nodes) return;
        mistake(mark, "more than " + std::to_string(max_nodes) + " values");
        throw Stop{};
    }

    void scalar(const YAML::Mark& mark, Json value, const std::string& text) {
        count(mark);
        if (awaits_key()) return take_key(mark, text);
        note_line(mark);
        attach(std::move(value));
    }

    void open(const YAML::Mark& mark, Json container) {
        count(mark);
        if (levels_.size() >= max_depth) {
            mistake(mark, "nested deeper than " + std::to_string(max_depth));
            throw Stop{};
        }
        if (awaits_key()) {
            mistake(mark, "a key must be plain text");
            throw Stop{};
        }
        note_line(mark);
        Level level;
        level.value = std::move(container);
        if (!levels_.empty()) level.path = next_path();
        levels_.push_back(std::move(level));
    }

    void close() {
        Json value = std::move(levels_.back().value);
        levels_.pop_back();
        attach(std::move(value));
    }

    void note_line(const YAML::Mark& mark) {
        const std::string path = levels_.empty() ? "" : next_path();
        document_.lines.try_emplace(path, line(mark));  // a member keeps the line of its key
    }

    void attach(Json value) {
        if (levels_.empty()) {
            document_.value = std::move(value);
            return;
        }
        Level& level = levels_.back();
        if (level.value.is_array()) {
            level.value.push_back(std::move(value));
            return;
        }
        if (!level.dropped) level.value[level.key] = std::move(value);
        level.has_key = false;
        level.dropped = false;
    }

    YamlDocument& document_;
    Diagnostics& diagnostics_;
    std::vector<Level> levels_;
    std::size_t nodes_ = 0;
};

}  // namespace

std::string json_pointer(std::string_view parent, std::string_view token) {
    std::string out(parent);
    out += '/';
    for (const char c : token) {
        if (c == '~') out += "~0";
        else if (c == '/') out += "~1";
        else out += c;
    }
    return out;
}

int YamlDocument::line_of(std::string_view pointer) const {
    return patchlab::line_of(lines, pointer);
}

int line_of(const std::map<std::string, int>& lines, std::string_view pointer) {
    for (std::string at(pointer);; at.resize(at.rfind('/'))) {
        if (const auto found = lines.find(at); found != lines.end()) return found->second;
        if (at.find('/') == std::string::npos) return 0;
    }
}

YamlDocument parse_yaml(std::string_view text, const std::string& file_name,
                        Diagnostics& diagnostics) {
    YamlDocument document;
    document.file = file_name;
    if (text.size() > max_bytes) {
        diagnostics.add(file_name, 0, "", "larger than 1 MiB");
        return document;
    }
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        Builder builder(document, diagnostics);
        if (parser.HandleNextDocument(builder)) {
            YamlDocument second;
            Diagnostics ignored;
            Builder rest(second, ignored);
            if (parser.HandleNextDocument(rest))
                diagnostics.add(file_name, 0, "", "holds more than one document");
        }
    } catch (const Stop&) {
        if (diagnostics.ok()) diagnostics.add(file_name, 0, "", "holds more than one document");
    } catch (const YAML::Exception& error) {
        diagnostics.add(file_name, error.mark.line + 1, "",
                        "not YAML: " + error.msg.substr(0, 200));
    }
    return document;
}

}  // namespace patchlab
