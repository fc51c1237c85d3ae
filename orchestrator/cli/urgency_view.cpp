// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/urgency_view.hpp"

#include <iostream>

#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

namespace {

constexpr std::size_t most_cves_shown = 20, label_width = 16;

std::string date_of(const JsonReader& object, const char* key) {
    const std::string time = object.string_or(key, "");
    return time.empty() ? "at the next upgrade" : time.substr(0, 10);
}

/// "yes (kev of 2026-11-28)", "unknown, counts as the worse answer: there is no feed of kind ssvc".
std::string answer_text(const JsonReader& answer) {
    const std::string word = answer.string_or("answer", "");
    if (word.empty()) return "unknown: " + answer.string_or("why_unknown", "");
    const JsonReader from = answer.object("from");
    return word + " (" + from.string("feed") + " of " + from.string("dated_at").substr(0, 10) +
           (from.boolean("stale") ? ", out of date)" : ")");
}

std::string exploited_text(const JsonReader& answer) {
    std::string text = answer_text(answer);
    const std::string since = answer.string_or("since", ""), due = answer.string_or("due", "");
    if (!since.empty()) text += ", since " + since;
    if (!due.empty()) text += ", due " + due + " by the catalogue";
    if (answer.boolean_or("ransomware", false)) text += ", used by ransomware";
    return text;
}

std::string score_text(const JsonReader& answer) {
    std::string text = answer_text(answer);
    if (answer.has("percentile") && answer.raw("percentile").is_number())
        text += ", above " + std::to_string(static_cast<int>(answer.number("percentile") * 100)) +
                " % of all";
    return text;
}

void line(const std::string& label, const std::string& text) {
    std::cout << labelled("    " + label, text, label_width);
}

std::string vex_text(const JsonReader& statement) {
    const std::string why = statement.string_or("justification", "");
    const std::string more = statement.string_or("explanation", "");
    std::string text = statement.string("package") + ": " + statement.string("status");
    if (!why.empty()) text += " (" + why + ")";
    if (!more.empty()) text += ", " + more;
    const JsonReader from = statement.object("from");
    return text + " [" + statement.string("document") + ", " + from.string("feed") + "]";
}

std::string state_text(const JsonReader& state) {
    const std::string fixed = state.string_or("fixed", "");
    std::string text = state.string("release") + " " + state.string("status");
    if (!fixed.empty()) text += fixed == "0" ? ", never affected" : ", fixed in " + fixed;
    const std::string why = state.string_or("no_advisory", "");
    return why.empty() ? text : text + ", no advisory: " + why;
}

void print_cve(const JsonReader& cve) {
    const std::vector<std::string> assumed = cve.strings("assumed");
    std::cout << "  " << cve.string("cve") << "  " << cve.string("limit") << ", due "
              << date_of(cve, "due_at")
              << (cve.string("due_by") == "kev" ? " by the catalogue" : "") << "\n";
    if (!assumed.empty())
        line("assumed", joined(assumed) + "; at best " + cve.string("limit_at_best"));
    line("exploited", exploited_text(cve.object("exploited")));
    line("exploitation", answer_text(cve.object("exploitation")));
    line("automatable", answer_text(cve.object("automatable")));
    line("impact", answer_text(cve.object("impact")));
    line("epss", score_text(cve.object("epss")));
    for (const JsonReader& state : cve.objects("debian")) line("debian", state_text(state));
    for (const JsonReader& fix : cve.objects("fixes"))
        line("advisory", fix.string("advisory") + " " + fix.string("package") + " " +
                             fix.string_or("fixed", "(no fix yet)") + " " +
                             fix.string_or("status", ""));
    for (const JsonReader& statement : cve.objects("vex")) line("vex", vex_text(statement));
}

}  // namespace

std::string due_text(const JsonReader& ranked) {
    if (ranked.string_or("limit", "").empty()) return "unknown";
    const std::string due = date_of(ranked, "due_at"), best = date_of(ranked, "due_at_best_at");
    std::string text = due;
    if (ranked.boolean("overdue")) text += " (overdue)";
    return due == best ? text : text + ", at best " + best;
}

void print_urgency(const JsonReader& ranked) {
    std::cout << "\nurgency\n";
    const std::string silent = ranked.string_or("why_no_limit", "");
    if (!silent.empty()) {
        std::cout << "  " << silent << "\n";
        return;
    }
    const JsonReader stakes = ranked.object("stakes");
    const auto about = [](const std::string& label, const std::string& text) {
        std::cout << labelled("  " + label, text, label_width);
    };
    about("due",
          due_text(ranked) + ": " + ranked.string("limit") + ", by " + ranked.string("decided_by"));
    about("exposure", stakes.string_or("exposure", "unknown, counts as exposed") + " (" +
                          stakes.string("exposure_from") + ")");
    about("hosts", std::to_string(stakes.integer("host_count")) + " need it, or may");
    const std::vector<JsonReader> cves = ranked.objects("cves");
    for (std::size_t i = 0; i < std::min(cves.size(), most_cves_shown); ++i) print_cve(cves[i]);
    if (cves.size() > most_cves_shown)
        std::cout << "  and " << cves.size() - most_cves_shown << " less urgent\n";
}

void print_history(const JsonReader& history) {
    const std::int64_t runs = history.integer("run_count"),
                       rollouts = history.integer("rollout_count");
    std::cout << "\nhistory of " << history.string("source") << "\n";
    if (runs == 0) {
        std::cout << "  no update of it was rehearsed here yet\n";
        return;
    }
    std::string verdicts;
    for (const auto& [verdict, count] : history.raw("verdicts").items())
        if (count.get<std::int64_t>() > 0)
            verdicts += (verdicts.empty() ? "" : ", ") + std::to_string(count.get<std::int64_t>()) +
                        " " + verdict;
    std::cout << labelled("  runs",
                          std::to_string(runs) + (verdicts.empty() ? "" : ": " + verdicts),
                          label_width)
              << labelled("  rollouts",
                          std::to_string(rollouts) + ", " +
                              count_text(history.integer("hosts_updated"), "host") + " updated, " +
                              std::to_string(history.integer("hosts_failed")) + " failed, " +
                              std::to_string(history.integer("hosts_backed_out")) + " went back",
                          label_width);
}

}  // namespace patchlab::cli
