// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/control.hpp"

#include <algorithm>

#include "orchestrator/families/deb/family.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::families::deb {

namespace {

bool is_field_name(std::string_view text) {
    return !text.empty() && text[0] != '-' &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > 32 && c < 127; });
}

constexpr std::size_t most_fields = 1000;

}  // namespace

bool same_field(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return small(x) == small(y); });
}

std::string_view Stanza::get(std::string_view field) const {
    for (const auto& [name, value] : fields_)
        if (same_field(name, field)) return value;
    return {};
}

bool StanzaReader::next(Stanza& stanza) {
    stanza.fields_.clear();
    const char* value_begin = nullptr;
    const auto fail = [&](std::string_view why) {
        throw Error(ErrorCode::invalid,
                    where_ + ":" + std::to_string(line_) + ": " + std::string(why));
    };
    while (!rest_.empty()) {
        const auto end = rest_.find('\n');
        const std::string_view line = rest_.substr(0, end);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
        ++line_;
        if (trimmed(line).empty()) {
            if (stanza.fields_.empty()) continue;
            return true;
        }
        if (line[0] == '#') continue;
        if (line[0] == ' ' || line[0] == '\t') {
            if (!value_begin) fail("continues a field that was never begun");
            auto& value = stanza.fields_.back().second;
            value = trimmed(
                {value_begin, static_cast<std::size_t>(line.data() + line.size() - value_begin)});
            continue;
        }
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || !is_field_name(line.substr(0, colon)))
            fail("is not 'Field: value'");
        const std::string_view name = line.substr(0, colon);
        if (stanza.fields_.size() >= most_fields) fail("has more than 1000 fields");
        for (const auto& [known, unused] : stanza.fields_)
            if (same_field(known, name)) fail("field " + std::string(name) + " stands twice");
        value_begin = line.data() + colon + 1;
        stanza.fields_.emplace_back(name, trimmed(line.substr(colon + 1)));
    }
    return !stanza.fields_.empty();
}

SourceName source_of(std::string_view source_field, std::string_view package,
                     std::string_view version) {
    source_field = trimmed(source_field);
    if (source_field.empty()) return {std::string(package), std::string(version)};
    const auto open = source_field.find('(');
    if (open == std::string_view::npos) return {std::string(source_field), std::string(version)};
    const auto close = source_field.find(')', open);
    if (close == std::string_view::npos)
        return {std::string(trimmed(source_field.substr(0, open))), std::string(version)};
    return {std::string(trimmed(source_field.substr(0, open))),
            std::string(trimmed(source_field.substr(open + 1, close - open - 1)))};
}

SourceName source_of(const Stanza& stanza) {
    return source_of(stanza.get("Source"), stanza.get("Package"), stanza.get("Version"));
}

namespace {

Relation parse_relation(std::string_view text) {
    const auto fail = [&] {
        throw Error(ErrorCode::invalid,
                    "'" + std::string(text.substr(0, 100)) + "' is no package relation");
    };
    Relation relation;
    std::string_view rest = trimmed(text);
    const auto name_end = rest.find_first_of(" \t\n([<");
    std::string_view name = rest.substr(0, name_end);
    rest = name_end == std::string_view::npos ? std::string_view{} : trimmed(rest.substr(name_end));
    if (const auto colon = name.find(':'); colon != std::string_view::npos) {
        const std::string_view qualifier = name.substr(colon + 1);
        if (qualifier != "any" && qualifier != "native" && !valid_architecture(qualifier)) fail();
        name = name.substr(0, colon);
    }
    if (!valid_package_name(name)) fail();
    relation.name = name;
    if (!rest.empty() && rest[0] == '(') {
        const auto close = rest.find(')');
        if (close == std::string_view::npos) fail();
        const std::string_view inside = trimmed(rest.substr(1, close - 1));
        const auto op_end = inside.find_first_not_of("<>=");
        if (op_end == std::string_view::npos) fail();
        relation.op = inside.substr(0, op_end);
        relation.version = trimmed(inside.substr(op_end));
        static constexpr std::string_view known[] = {"<<", "<=", "=", ">=", ">>", "<", ">"};
        if (std::find(std::begin(known), std::end(known), relation.op) == std::end(known) ||
            !valid_version(relation.version))
            fail();
        rest = trimmed(rest.substr(close + 1));
    }
    // [architectures] and <profiles> belong to source packages; a binary package that carries them
    // is malformed.
    if (!rest.empty()) fail();
    return relation;
}

}  // namespace

std::vector<Requirement> parse_relations(std::string_view field) {
    std::vector<std::vector<Relation>> groups;
    while (!trimmed(field).empty()) {
        const auto comma = field.find(',');
        std::string_view group = field.substr(0, comma);
        field.remove_prefix(comma == std::string_view::npos ? field.size() : comma + 1);
        if (trimmed(group).empty()) continue;  // dpkg accepts a trailing comma
        auto& alternatives = groups.emplace_back();
        for (;;) {
            const auto bar = group.find('|');
            alternatives.push_back(parse_relation(group.substr(0, bar)));
            if (bar == std::string_view::npos) break;
            group.remove_prefix(bar + 1);
        }
    }
    return groups;
}

}  // namespace patchlab::families::deb
