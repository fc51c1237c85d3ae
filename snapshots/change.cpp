// SPDX-License-Identifier: Apache-2.0
#include "snapshots/change.hpp"

#include <algorithm>

#include "platform/core/json.hpp"

namespace patchlab::snapshots {
namespace {

constexpr std::string_view unexplained_word = "unexplained";
constexpr std::string_view noise_word = "noise";
constexpr std::string_view package_mark = "package:";

}  // namespace

std::string_view name(ChangeKind kind) {
    switch (kind) {
        case ChangeKind::added: return "added";
        case ChangeKind::removed: return "removed";
        case ChangeKind::changed: return "changed";
        case ChangeKind::unreadable: return "unreadable";
    }
    throw Error(ErrorCode::internal, "a kind of change has no name");
}

std::string Attribution::to_text() const {
    if (is_unexplained()) return std::string(unexplained_word);
    if (is_noise()) return std::string(noise_word);
    const bool ambiguous = package_.empty() || package_ == unexplained_word ||
                           package_ == noise_word || package_.starts_with(package_mark);
    return ambiguous ? std::string(package_mark) + package_ : package_;
}

Attribution Attribution::from_text(std::string_view text) {
    if (text == unexplained_word) return {};
    if (text == noise_word) return noise();
    if (text.starts_with(package_mark)) text.remove_prefix(package_mark.size());
    return by(std::string(text));
}

std::vector<std::string> Change::files() const {
    std::vector<std::string> paths;
    if (is_of_file()) paths.push_back(subject);
    if (const auto* fact = std::get_if<FileFact>(&about)) paths.push_back(fact->path);
    for (const std::string& path : merged)
        if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
    return paths;
}

Json to_json(const Change& change) {
    Json json{{"machine", change.machine},
              {"class", name(change.cls)},
              {"subject", change.subject},
              {"change", name(change.kind)},
              {"before", change.before ? Json(to_text(*change.before)) : Json(nullptr)},
              {"after", change.after ? Json(to_text(*change.after)) : Json(nullptr)},
              {"attribution", change.attribution.to_text()},
              {"why", change.why},
              {"sensitive", change.sensitive}};
    if (const std::string differs = difference_text(change); !differs.empty())
        json["differs"] = differs;
    if (auto files = change.files(); !files.empty()) json["files"] = std::move(files);
    if (!change.concern.empty()) json["concern"] = change.concern;
    if (change.rewritten) json["rewritten"] = true;
    return json;
}

}  // namespace patchlab::snapshots
