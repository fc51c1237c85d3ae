// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/verdict/reason.hpp"

#include <algorithm>

#include "platform/core/json.hpp"

namespace patchlab::pipeline {

namespace {

/// "removed: …" → "removed at the next start: …"
std::string at_the_next_start(const std::string& detail) {
    const std::size_t end = std::min(detail.find(':'), detail.size());
    return detail.substr(0, end) + " at the next start" + detail.substr(end);
}

}  // namespace

std::string told(const Reason& reason) {
    if (is_change(reason))
        return (reason.concern.empty() ? "" : reason.concern + "; ") +
               (reason.after_reboot ? at_the_next_start(reason.detail) : reason.detail);
    std::string text = reason.after_reboot ? "only after the next reboot: " : "";
    if (!reason.one_of_two.empty()) text += "in one of two " + reason.one_of_two + ": ";
    return text + reason.detail;
}

Json to_json(const Reason& reason) {
    Json json{{"kind", name(reason.kind)},
              {"machine", reason.machine},
              {"subject", reason.subject},
              {"detail", told(reason)},
              {"effect", name(reason.effect)}};
    if (reason.seen_twice) json["seen_twice"] = true;
    return json;
}

Reason reason_from_json(const Json& json) {
    const JsonReader in(json, "reason");
    const std::string kind = in.string("kind");
    const auto known = reports::reason_kind_from(kind);
    if (!known) in.fail("kind", "is '" + kind + "', which this version does not know");
    Reason reason{*known,
                  in.string("machine"),
                  in.string("subject"),
                  in.string("detail"),
                  Effect::inconclusive,
                  in.boolean_or("seen_twice", false)};
    const std::string effect = in.string("effect");
    for (const Effect candidate : {Effect::rejects, Effect::review, Effect::inconclusive})
        if (name(candidate) == effect) reason.effect = candidate;
    return reason;
}

Json to_json(const std::vector<Reason>& reasons) {
    Json list = Json::array();
    for (const Reason& reason : reasons) list.push_back(to_json(reason));
    return list;
}

std::vector<Reason> reasons_from_json(const Json& list) {
    std::vector<Reason> reasons;
    for (const Json& item : list) reasons.push_back(reason_from_json(item));
    return reasons;
}

}  // namespace patchlab::pipeline
