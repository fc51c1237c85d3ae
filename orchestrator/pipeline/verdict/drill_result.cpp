// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/verdict/drill_result.hpp"

#include <algorithm>

#include "platform/core/json.hpp"

namespace patchlab::pipeline {

namespace {

void add_difference(Json& to, const Difference& difference, double seconds) {
    to["restored"] = difference.none();
    to["difference"] = difference.changes;
    to["first"] = difference.first;
    to["left_behind"] = difference.named;
    to["broken_checks"] = difference.broken;
    to["seconds"] = seconds;
}

Json downgrade_json(const Downgrade& downgrade) {
    Json json{{"possible", downgrade.possible},
              {"restored", false},
              {"difference", nullptr},
              {"detail", downgrade.detail}};
    if (!downgrade.stumbled.empty()) json["stumbled"] = downgrade.stumbled;
    if (!downgrade.broken_before_reboot.empty())
        json["broken_before_reboot"] = downgrade.broken_before_reboot;
    if (downgrade.difference) add_difference(json, *downgrade.difference, downgrade.seconds);
    return json;
}

Reason drill_failed(const std::string& way, const std::string& detail, Effect effect) {
    return {ReasonKind::drill_failed, "", way, detail, effect};
}

constexpr std::size_t most_told = 5;

}  // namespace

void add_change(Difference& difference, const std::string& text) {
    if (difference.changes++ == 0) difference.first = text;
    if (difference.named.size() < most_named) difference.named.push_back(text);
}

std::string words_of_changes(const Difference& difference) {
    std::string words;
    const std::size_t told = std::min(most_told, difference.named.size());
    for (std::size_t i = 0; i < told; ++i) words += (i ? "; " : "") + difference.named[i];
    return difference.changes > told
               ? words + " and " + std::to_string(difference.changes - told) + " more"
               : words;
}

Json to_json(const DrillResult& drill) {
    Json json;
    add_difference(json, drill.reverted.difference, drill.reverted.seconds);
    json["restore_seconds"] = drill.reverted.restore_seconds;
    json["at_once"] = drill.at_once;
    json["instructions"] = drill.instructions;
    json["downgrade"] = downgrade_json(drill.downgrade);
    return json;
}

std::vector<Reason> reasons_of_drill(const DrillResult& drill) {
    std::vector<Reason> reasons;
    const Difference& left = drill.reverted.difference;
    if (!left.none())
        reasons.push_back(drill_failed(
            "back to the checkpoint",
            std::to_string(left.changes) +
                (left.changes == 1 ? " difference remains: " : " differences remain, first: ") +
                left.first,
            Effect::review));
    const std::string way = "back to the old versions";
    const Downgrade& back = drill.downgrade;
    if (!back.possible) {
        reasons.push_back(drill_failed(way, back.detail, Effect::review));
    } else if (!back.restored()) {
        const bool all_works = back.difference && back.difference->broken.empty();
        reasons.push_back(
            drill_failed(way, back.detail, all_works ? Effect::review : Effect::rejects));
    } else if (!back.stumbled.empty()) {
        reasons.push_back(drill_failed(
            way, "they installed only when it was tried a second time; first " + back.stumbled,
            Effect::review));
    }
    return reasons;
}

}  // namespace patchlab::pipeline
