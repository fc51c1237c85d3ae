// SPDX-License-Identifier: Apache-2.0
//
// The checks of each machine and suite, before, without the patch (control) and after; what fails
// stands first and open.
#include <algorithm>
#include <map>

#include "reports/html/page.hpp"
#include "reports/words.hpp"

namespace patchlab::reports::html {

namespace {

constexpr std::size_t passing_listed = 300;  ///< of one suite; what does not pass is always listed

using Group = std::vector<const RunCheck*>;

void outcome_cell(Writer& out, const char* label, CheckOutcome outcome) {
    static const std::map<CheckOutcome, std::pair<const char*, const char*>> signs{
        {CheckOutcome::pass, {"good", "\u2713 pass"}},
        {CheckOutcome::fail, {"bad", "\u2715 fail"}},
        {CheckOutcome::skip, {"plain", "\u2013 skipped"}},
        {CheckOutcome::unknown, {"unsure", "? unknown"}},
        {CheckOutcome::absent, {"plain", "not run"}}};
    const auto& [tone, words] = signs.at(outcome);
    const auto cell = out.open("td", {{"role", "cell"}, {"data-label", label}});
    out.element("span", {{"class", std::string("outcome ") + tone}}, words);
}

const char* words_of(CheckReading reading) {
    switch (reading) {
        case CheckReading::newly_failing: return "newly failing";
        case CheckReading::not_observed: return "not observed";
        case CheckReading::old_failure: return "failed before the patch too";
        case CheckReading::flickers: return "flickers: fails without the patch too";
        case CheckReading::repaired: return "repaired";
        case CheckReading::skipped: return "";
        case CheckReading::passes: return "";
    }
    return "";
}

void write_check(Writer& out, const RunCheck& check) {
    const auto row = out.open("tr", {{"role", "row"}});
    const CheckReading reading = reading_of(check);
    {
        const auto cell = out.open("th", {{"scope", "row"}, {"role", "rowheader"}});
        out.guest(check.name, 300);
        if (*words_of(reading)) {
            const char* look = "tag plain";
            if (reading == CheckReading::newly_failing) look = "tag";
            else if (reading == CheckReading::not_observed) look = "tag unsure";
            out.element("span", {{"class", look}}, words_of(reading));
        }
        if (check.after == CheckOutcome::pass && check.at_last() != CheckOutcome::pass)
            out.element("span", {{"class", "tag plain"}}, "only after a reboot");
        if (check.flaky && reading != CheckReading::flickers)
            out.element("span", {{"class", "tag plain"}}, "flickers");
        if (!check.detail.empty()) {
            const auto detail = out.open("div", {{"class", "detail"}});
            out.guest(check.detail, 1000);
        }
    }
    outcome_cell(out, "Before", check.before);
    outcome_cell(out, "Control", check.control);
    outcome_cell(out, "After", check.at_last());
}

void write_table(Writer& out, const Group& checks, const std::string& caption) {
    const auto table = out.open("table", {{"class", "checks"}, {"role", "table"}});
    out.element("caption", caption);
    {
        const auto head = out.open("thead", {{"role", "rowgroup"}});
        const auto row = out.open("tr", {{"role", "row"}});
        for (const char* title : {"Check", "Before", "Control", "After"})
            out.element("th", {{"scope", "col"}, {"role", "columnheader"}}, title);
    }
    const auto body = out.open("tbody", {{"role", "rowgroup"}});
    std::size_t passing = 0;
    for (const RunCheck* check : checks)
        if (reading_of(*check) != CheckReading::passes || passing++ < passing_listed)
            write_check(out, *check);
}

struct Suite {
    std::string title;
    Group checks;
    std::size_t passing = 0;
    CheckReading worst() const {
        return checks.empty() ? CheckReading::passes : reading_of(*checks.front());
    }
};

/// One for each machine and suite; the worst check first in each, the worst suite first of all.
std::vector<Suite> suites_of(const std::vector<RunCheck>& checks) {
    std::vector<Suite> suites;
    std::map<std::string, std::size_t> at;
    for (const RunCheck& check : checks) {
        const std::string title = check.suite + " on " + check.machine;
        const auto [found, is_new] = at.try_emplace(title, suites.size());
        if (is_new) suites.push_back({title, {}, 0});
        suites[found->second].checks.push_back(&check);
        suites[found->second].passing += check.at_last() == CheckOutcome::pass;
    }
    for (Suite& suite : suites)
        std::stable_sort(
            suite.checks.begin(), suite.checks.end(),
            [](const RunCheck* a, const RunCheck* b) { return reading_of(*a) < reading_of(*b); });
    std::stable_sort(suites.begin(), suites.end(),
                     [](const Suite& a, const Suite& b) { return a.worst() < b.worst(); });
    return suites;
}

/// Tone and sign of the worst that a suite holds.
std::pair<const char*, const char*> sign_of(const Suite& suite) {
    if (suite.worst() == CheckReading::newly_failing) return {"bad", "\u2715"};
    if (suite.worst() == CheckReading::not_observed) return {"unsure", "?"};
    return suite.passing == suite.checks.size() ? std::pair("good", "\u2713")
                                                : std::pair("plain", "\u2013");
}

void write_suite(Writer& out, const Suite& suite) {
    const bool all_pass = suite.passing == suite.checks.size();
    Attributes open{{"class", "suite"}, {"open", "open"}};
    Attributes closed{{"class", "suite"}};
    const auto box = out.open("details", all_pass ? closed : open);
    {
        const auto title = out.open("summary");
        const auto [tone, sign] = sign_of(suite);
        out.element("span", {{"class", std::string("outcome ") + tone}, {"aria-hidden", "true"}},
                    sign);
        out.guest(suite.title, 200);
        out.element(
            "span", {{"class", "note"}},
            number_text(suite.passing) + " of " + number_text(suite.checks.size()) + " pass");
    }
    write_table(out, suite.checks, "Checks of " + suite.title);
    if (suite.passing > passing_listed)
        out.element(
            "p", {{"class", "note"}},
            "Of the passing checks the first " + number_text(passing_listed) + " are listed.");
}

}  // namespace

void write_checks(Writer& out, const RunDocument& run) {
    const auto section = out.open("section", {{"aria-labelledby", "checks"}});
    out.element("h2", {{"id", "checks"}}, "Checks");
    if (run.checks.empty()) {
        out.element("p", "No check was run.");
        return;
    }
    out.element("p", {{"class", "note"}},
                "Each check runs on the machine as it was, on an unpatched clone that went through "
                "the same steps "
                "(control), and after the patch; where the patched machine was rebooted once more, "
                "after that too.");
    for (const Suite& suite : suites_of(run.checks)) write_suite(out, suite);
}

}  // namespace patchlab::reports::html
