// SPDX-License-Identifier: Apache-2.0
//
// What came of a run. The sections are those of the sealed report; what the console adds is what
// one can do next, and every check at every moment.
#include <algorithm>
#include <map>

#include "orchestrator/service/console/runs.hpp"
#include "platform/core/text_units.hpp"
#include "reports/html/page.hpp"

namespace patchlab::service::console {

namespace {

using reports::CheckOutcome;
using reports::CheckReading;
using reports::RunCheck;

struct Moment {
    const char* sign;
    const char* tone;
    const char* words;
};

Moment moment_of(CheckOutcome outcome) {
    switch (outcome) {
        case CheckOutcome::pass: return {"\u2713", "good", "pass"};
        case CheckOutcome::fail: return {"\u2715", "bad", "fail"};
        case CheckOutcome::skip: return {"\u2013", "plain", "skipped"};
        case CheckOutcome::unknown: return {"?", "unsure", "unknown"};
        case CheckOutcome::absent: return {"\u00b7", "plain", "not run"};
    }
    return {"?", "unsure", "unknown"};
}

void write_moment(Writer& out, const char* title, CheckOutcome outcome) {
    const auto [sign, tone, words] = moment_of(outcome);
    const auto box =
        out.open("td", {{"class", std::string("moment ") + tone}, {"data-label", title}});
    out.element("span", {{"aria-hidden", "true"}}, sign);
    out.element("span", {{"class", "moment-words"}}, words);
}

void write_check_row(Writer& out, const RunCheck& check) {
    const auto row = out.open("tr");
    {
        const auto name = out.open("th", {{"scope", "row"}});
        out.guest(check.name, 300);
        if (check.flaky) tag(out, "plain", "flickers");
        if (!check.detail.empty() && reading_of(check) != CheckReading::passes)
            detail_line(out, check.detail, 1000);
    }
    write_moment(out, "Before", check.before);
    write_moment(out, "Control", check.control);
    write_moment(out, "After", check.after);
    write_moment(out, "After reboot", check.after_reboot);
}

void write_suite_matrix(Writer& out, const std::string& title,
                        const std::vector<const RunCheck*>& checks) {
    const bool fine = std::all_of(checks.begin(), checks.end(), [](const RunCheck* check) {
        return reading_of(*check) == CheckReading::passes;
    });
    std::vector<Attribute> attributes{{"class", "suite"}};
    if (!fine) attributes.push_back({"open", "open"});
    const auto box = out.open_with("details", attributes);
    {
        const auto summary = out.open("summary");
        outcome(out, fine ? "good" : "bad", title);
        out.element("span", {{"class", "note"}}, count_text(checks.size(), "check"));
    }
    const auto table = out.open("table", {{"class", "matrix"}});
    table_head(out, "Checks of " + title, {"Check", "Before", "Control", "After", "After reboot"});
    const auto body = out.open("tbody");
    for (const RunCheck* check : checks) write_check_row(out, *check);
}

void write_next_steps(const View& view, const reports::RunDocument& run) {
    const auto bar = view.out.open("div", {{"class", "buttons steps"}});
    const std::string at = address("/runs/", run.id);
    const auto to = [&](const std::string& path, const char* css, std::string_view words) {
        view.out.element("a", {{"href", path}, {"class", css}}, words);
    };
    to(at + "/decision", "button primary", "Decide");
    to(at + "/changes?only=review", "button", "Changes to look at");
    to(at + "/report.html", "button", "Report (HTML)");
    to(at + "/report.xml", "button", "JUnit");
    to(at + "/report.md", "button", "Markdown");
    to(at + "/report.json", "button", "JSON");
}

void write_change_counts(const View& view, const reports::RunDocument& run) {
    const Region section(view.out, "changes", "Changes");
    const reports::RunChanges& changes = run.changes;
    const auto facts = view.out.open("dl", {{"class", "facts"}});
    const auto count = [&](const char* label, std::uint64_t n, const char* tone, const char* only) {
        const auto item =
            view.out.open("div", {{"class", std::string("fact ") + (n > 0 ? tone : "plain")}});
        view.out.element("dt", label);
        const auto answer = view.out.open("dd");
        const auto strong = view.out.open("strong");
        link(view.out, address("/runs/", run.id) + "/changes" + query_text({{"only", only}}),
             number_text(n));
    };
    count("Unexplained", changes.unexplained, "warn", "unexplained");
    count("Sensitive", changes.sensitive, "warn", "sensitive");
    count("Explained", changes.explained, "good", "");
    count("Noise", changes.noise, "plain", "");
}

/// Every check before, without the patch, after it, and after the reboot.
void write_check_matrix(Writer& out, const std::vector<RunCheck>& checks) {
    const Region section(out, "checks", "Checks");
    if (checks.empty()) {
        out.element("p", "No check was run.");
        return;
    }
    out.element("p", {{"class", "note"}},
                "Before: the machine as it was. Control: an unpatched clone that went through the "
                "same steps. After: with the patch, and once more after a reboot.");
    std::map<std::string, std::vector<const RunCheck*>> suites;
    for (const RunCheck& check : checks)
        suites[check.suite + " on " + check.machine].push_back(&check);
    const auto worst = [](const std::vector<const RunCheck*>& of_suite) {
        return reading_of(*of_suite.front());
    };
    std::vector<std::pair<std::string, std::vector<const RunCheck*>>> sorted;
    for (auto& [title, of_suite] : suites) {
        std::stable_sort(of_suite.begin(), of_suite.end(), [](const auto* a, const auto* b) {
            return reading_of(*a) < reading_of(*b);
        });
        sorted.emplace_back(title, of_suite);
    }
    std::stable_sort(sorted.begin(), sorted.end(), [&](const auto& a, const auto& b) {
        return worst(a.second) < worst(b.second);
    });
    for (const auto& [title, of_suite] : sorted) write_suite_matrix(out, title, of_suite);
}

}  // namespace

void render_result(const View& view, const reports::RunDocument& run) {
    run_tabs(view, run.id, "Result");
    {
        const auto tone = view.out.open(
            "div", {{"class", run.verdict ? std::string(name(*run.verdict)) : "not-judged"}});
        reports::html::write_verdict(view.out, run);
    }
    write_next_steps(view, run);
    reports::html::write_reasons(view.out, run, {});
    write_measurements(view, run);
    write_check_matrix(view.out, run.checks);
    write_change_counts(view, run);
    reports::html::write_way_back(view.out, run);
    reports::html::write_faults(view.out, run);
    reports::html::write_patches(view.out, run);
    reports::html::write_machines(view.out, run);
    reports::html::write_stages(view.out, run);
    from_a_shell(view,
                 {{"run show " + shell_word(run.id), "run.show", {{"run", run.id}}},
                  {"report " + shell_word(run.id) + " --format html -o report.html",
                   "evidence.report",
                   {{"run", run.id}, {"format", "html"}}},
                  {"evidence verify " + shell_word(run.id), "evidence.verify", {{"run", run.id}}}});
}

}  // namespace patchlab::service::console
