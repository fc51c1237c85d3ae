// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "snapshots/compare.hpp"

namespace patchlab::snapshots {
namespace {

constexpr std::pair<ChangeKind, std::string_view> kind_names[] = {
    {ChangeKind::added, "added"},
    {ChangeKind::removed, "removed"},
    {ChangeKind::changed, "changed"},
    {ChangeKind::unreadable, "unreadable"}};

ChangeKind change_kind_from(std::string_view text) {
    for (const auto& [kind, word] : kind_names) {
        if (word == text) return kind;
    }
    throw Error(ErrorCode::invalid, "'" + std::string(text) + "' is no kind of change");
}

std::optional<std::string> text_or_null(const JsonReader& reader, std::string_view key) {
    if (!reader.has(key) || reader.raw(key).is_null()) return std::nullopt;
    return reader.string(key);
}

}  // namespace

std::string_view name(ChangeKind kind) {
    for (const auto& [known, word] : kind_names) {
        if (known == kind) return word;
    }
    throw Error(ErrorCode::internal, "a kind of change has no name");
}

Json to_json(const Change& change) {
    Json json{{"machine", change.machine},
              {"class", name(change.cls)},
              {"subject", change.subject},
              {"change", name(change.kind)},
              {"before", change.before ? Json(*change.before) : Json(nullptr)},
              {"after", change.after ? Json(*change.after) : Json(nullptr)},
              {"attribution", change.attribution},
              {"why", change.why},
              {"sensitive", change.sensitive}};
    if (change.rewritten) json["rewritten"] = true;
    return json;
}

Change change_from_json(const Json& json) {
    const JsonReader reader(json, "change");
    Change change;
    change.machine = reader.string("machine");
    change.cls = change_class_from(reader.string("class"));
    change.subject = reader.string("subject");
    change.kind = change_kind_from(reader.string("change"));
    change.before = text_or_null(reader, "before");
    change.after = text_or_null(reader, "after");
    change.attribution = reader.string("attribution");
    change.why = reader.string_or("why", "");
    change.sensitive = reader.boolean_or("sensitive", false);
    change.rewritten = reader.boolean_or("rewritten", false);
    return change;
}

}  // namespace patchlab::snapshots
