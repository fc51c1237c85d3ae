// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/feeds/ranking/rank.hpp"

#include <algorithm>
#include <tuple>

#include "platform/core/json.hpp"

namespace patchlab::feeds {

namespace {

/// The directive is of this day; it revoked the dates of those before it.
constexpr std::string_view directive_since = "2026-06-10";

Known<bool> yes_if(const Answer& answer, std::string_view yes) {
    return answer.known() ? Known<bool>(answer.is(yes)) : std::nullopt;
}

Known<Exploitation> exploitation_of(const CveAnswers& answers) {
    if (answers.exploited.is("yes") || answers.exploitation.is("active"))
        return Exploitation::active;
    if (answers.exploitation.is("none")) return Exploitation::none;
    return answers.exploitation.is("poc") ? Known<Exploitation>(Exploitation::poc) : std::nullopt;
}

std::string after(const std::string& start, Limit limit) {
    const auto days = days_of(limit);
    return days ? to_rfc3339(from_rfc3339(start) + std::chrono::hours(24 * *days)) : "";
}

/// An empty date is the latest of all.
bool earlier(const std::string& a, const std::string& b) {
    return !a.empty() && (b.empty() || a < b);
}

void note_assumed(RankedCve& cve, const char* question, bool known) {
    if (!known) cve.assumed.emplace_back(question);
}

/// The time begins when the patch is known here and, of a vulnerability that is exploited, when
/// that was known.
std::string start_of(const CveAnswers& answers, const std::string& known_since) {
    const std::string listed = answers.since.empty() ? "" : answers.since + "T00:00:00Z";
    return std::max(known_since, listed);
}

/// The catalogue's own date counts when it is earlier, unless the directive revoked it.
void apply_catalogue(RankedCve& cve) {
    const CveAnswers& answers = cve.answers;
    if (answers.due.empty() || answers.since < directive_since) return;
    const std::string due = answers.due + "T23:59:59Z";
    if (earlier(due, cve.due)) {
        cve.due = due;
        cve.by = "kev";
    }
    if (earlier(due, cve.due_at_best)) cve.due_at_best = due;
}

auto urgency_of(const RankedCve& cve) {
    return std::tuple(cve.due.empty(), cve.due.substr(0, 10), cve.at_worst, cve.at_best,
                      -cve.answers.score.value_or(0), cve.answers.cve);
}

Json days_json(Limit limit) {
    const auto days = days_of(limit);
    return days ? Json(*days) : Json(nullptr);
}

std::string_view word_of(Exposure exposure) {
    switch (exposure) {
        case Exposure::open: return "internet";
        case Exposure::controlled: return "internal";
        case Exposure::small: break;
    }
    return "isolated";
}

std::string_view word_of(HumanImpact impact) {
    switch (impact) {
        case HumanImpact::low: return "low";
        case HumanImpact::medium: return "medium";
        case HumanImpact::high: return "high";
        case HumanImpact::very_high: break;
    }
    return "very high";
}

Json stakes_json(const Stakes& stakes) {
    return {{"host_count", stakes.hosts},
            {"exposure",
             stakes.exposure ? Json(std::string(word_of(*stakes.exposure))) : Json(nullptr)},
            {"exposure_from", stakes.exposure_from},
            {"human_impact",
             stakes.impact ? Json(std::string(word_of(*stakes.impact))) : Json(nullptr)},
            {"human_impact_from", stakes.impact_from}};
}

Json ranked_json(const RankedCve& cve) {
    Json json = to_json(cve.answers);
    json["limit"] = std::string(name(cve.at_worst));
    json["limit_days"] = days_json(cve.at_worst);
    json["limit_at_best"] = std::string(name(cve.at_best));
    json["priority"] =
        cve.priority ? Json(std::string(name(cve.priority->at_worst))) : Json(nullptr);
    json["priority_at_best"] =
        cve.priority ? Json(std::string(name(cve.priority->at_best))) : Json(nullptr);
    json["assumed"] = cve.assumed;
    json["due_at"] = text_or_null(cve.due);
    json["due_at_best_at"] = text_or_null(cve.due_at_best);
    json["due_by"] = cve.by;
    return json;
}

}  // namespace

std::string_view name(Table table) {
    return table == Table::bod_26_04 ? "bod-26-04" : "ssvc-deployer";
}

std::optional<Table> table_from(std::string_view word) {
    for (const Table table : {Table::bod_26_04, Table::ssvc_deployer})
        if (name(table) == word) return table;
    return std::nullopt;
}

RankedCve rank_cve(CveAnswers answers, const Stakes& stakes, const std::string& known_since,
                   Table table) {
    RankedCve cve;
    cve.answers = std::move(answers);
    const CveAnswers& said = cve.answers;
    const Known<bool> automatable = yes_if(said.automatable, "yes");
    if (table == Table::bod_26_04) {
        const BodQuestions questions{yes_if(said.exploited, "yes"), stakes.exposed(), automatable,
                                     yes_if(said.impact, "total")};
        const auto [worst, best] = bod_26_04(questions);
        cve.at_worst = worst;
        cve.at_best = best;
        note_assumed(cve, "exploited", questions.exploited.has_value());
        note_assumed(cve, "exposed", questions.exposed.has_value());
        note_assumed(cve, "automatable", automatable.has_value());
        note_assumed(cve, "impact", questions.total.has_value());
    } else {
        const DeployerQuestions questions{exploitation_of(said), stakes.exposure, automatable,
                                          stakes.impact};
        cve.priority = deployer(questions);
        cve.at_worst = limit_of(cve.priority->at_worst);
        cve.at_best = limit_of(cve.priority->at_best);
        note_assumed(cve, "exploitation", questions.exploitation.has_value());
        note_assumed(cve, "exposure", stakes.exposure.has_value());
        note_assumed(cve, "automatable", automatable.has_value());
        note_assumed(cve, "human impact", stakes.impact.has_value());
    }
    cve.by = std::string(name(table));
    const std::string start = start_of(said, known_since);
    cve.due = after(start, cve.at_worst);
    cve.due_at_best = after(start, cve.at_best);
    apply_catalogue(cve);
    return cve;
}

std::string RankedPatch::due_at_best() const {
    std::string due;
    for (const RankedCve& cve : cves)
        if (earlier(cve.due_at_best, due)) due = cve.due_at_best;
    return due;
}

double RankedPatch::best_score() const {
    double score = 0;
    for (const RankedCve& cve : cves) score = std::max(score, cve.answers.score.value_or(0));
    return score;
}

void settle(RankedPatch& patch) {
    std::sort(patch.cves.begin(), patch.cves.end(),
              [](const RankedCve& a, const RankedCve& b) { return urgency_of(a) < urgency_of(b); });
}

void sort_by_due_date(std::vector<RankedPatch>& patches) {
    const auto key = [](const RankedPatch& patch) {
        const RankedCve* cve = patch.decisive();
        return std::tuple(cve == nullptr, !cve || cve->due.empty(), patch.due().substr(0, 10),
                          cve ? cve->at_worst : Limit::next_upgrade,
                          cve ? cve->at_best : Limit::next_upgrade, -patch.best_score(), patch.id);
    };
    std::sort(patches.begin(), patches.end(),
              [&](const RankedPatch& a, const RankedPatch& b) { return key(a) < key(b); });
}

Json to_json(const RankedPatch& patch, TimePoint now) {
    const RankedCve* cve = patch.decisive();
    const std::string due = patch.due();
    Json cves = Json::array();
    for (const RankedCve& one : patch.cves) cves.push_back(ranked_json(one));
    return {{"id", patch.id},
            {"source", patch.source},
            {"known_since_at", patch.known_since},
            {"due_at", text_or_null(due)},
            {"due_at_best_at", text_or_null(patch.due_at_best())},
            {"overdue", !due.empty() && from_rfc3339(due) < now},
            {"limit", cve ? Json(std::string(name(cve->at_worst))) : Json(nullptr)},
            {"limit_at_best", cve ? Json(std::string(name(cve->at_best))) : Json(nullptr)},
            {"why_no_limit", cve ? Json(nullptr) : Json("it names no CVE: its urgency is unknown")},
            {"decided_by", cve ? Json(cve->answers.cve) : Json(nullptr)},
            {"stakes", stakes_json(patch.stakes)},
            {"cves", std::move(cves)}};
}

}  // namespace patchlab::feeds
