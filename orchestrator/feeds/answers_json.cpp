// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/feeds/answers.hpp"
#include "platform/core/json.hpp"

namespace patchlab::feeds {

namespace {

template <typename Value>
Json value_or_null(const std::optional<Value>& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json states_json(const CveAnswers& answers) {
    Json states = Json::array();
    for (const auto& [source, state] : answers.debian)
        for (const auto& [release, about] : state.releases)
            states.push_back({{"source", state.source},
                              {"release", release},
                              {"status", about.status},
                              {"fixed", text_or_null(about.fixed)},
                              {"urgency", text_or_null(about.urgency)},
                              {"no_advisory", text_or_null(about.no_advisory)},
                              {"from", to_json(source)}});
    return states;
}

Json fixes_json(const CveAnswers& answers) {
    Json fixes = Json::array();
    for (const auto& [source, fix] : answers.fixes)
        fixes.push_back({{"advisory", fix.advisory},
                         {"ecosystem", fix.ecosystem},
                         {"package", fix.package},
                         {"fixed", text_or_null(fix.fixed)},
                         {"status", text_or_null(fix.status)},
                         {"from", to_json(source)}});
    return fixes;
}

Json vex_json(const CveAnswers& answers) {
    Json statements = Json::array();
    for (const auto& [source, vex] : answers.vex)
        statements.push_back({{"document", vex.document},
                              {"package", vex.package},
                              {"status", vex.status},
                              {"justification", text_or_null(vex.justification)},
                              {"explanation", text_or_null(vex.detail)},
                              {"product", text_or_null(vex.product)},
                              {"product_count", vex.products},
                              {"from", to_json(source)}});
    return statements;
}

}  // namespace

Json to_json(const AnswerSource& source) {
    return {{"feed", source.feed},
            {"file", source.file},
            {"dated_at", source.dated},
            {"sha256", source.digest},
            {"stale", source.stale}};
}

Json to_json(const Answer& answer) {
    return {{"answer", value_or_null(answer.word)},
            {"why_unknown", text_or_null(answer.why)},
            {"from", answer.source ? to_json(*answer.source) : Json(nullptr)}};
}

Json to_json(const CveAnswers& answers) {
    Json exploited = to_json(answers.exploited);
    exploited["since"] = text_or_null(answers.since);
    exploited["due"] = text_or_null(answers.due);
    exploited["ransomware"] = value_or_null(answers.ransomware);
    exploited["forensics"] = value_or_null(answers.forensics);
    Json epss = to_json(answers.epss);
    epss["score"] = value_or_null(answers.score);
    epss["percentile"] = value_or_null(answers.percentile);
    return {{"cve", answers.cve},
            {"exploited", std::move(exploited)},
            {"exploitation", to_json(answers.exploitation)},
            {"automatable", to_json(answers.automatable)},
            {"impact", to_json(answers.impact)},
            {"cvss", value_or_null(answers.cvss)},
            {"epss", std::move(epss)},
            {"debian", states_json(answers)},
            {"fixes", fixes_json(answers)},
            {"vex", vex_json(answers)}};
}

}  // namespace patchlab::feeds
