// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <map>
#include <pugixml.hpp>
#include <sstream>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"
#include "reports/render.hpp"
#include "reports/sealed_file.hpp"
#include "reports/words.hpp"

namespace patchlab::reports {

namespace {

/// What a CI system is told about one testcase.
struct Finding {
    const char* element = "";  ///< "failure", "error", "skipped"; empty: it passed
    std::string type;
    std::string message;
    std::string text;
};

std::string seconds_text(double seconds) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", seconds);
    return text;
}

/// A testsuite whose counts are written when all its cases are in.
class Suite {
  public:
    Suite(pugi::xml_node root, const std::string& name, const std::string& timestamp)
        : name_(plain_text(name, 300)), node_(root.append_child("testsuite")) {
        node_.append_attribute("name") = name_.c_str();
        for (const char* count : {"tests", "failures", "errors", "skipped"})
            node_.append_attribute(count) = 0;
        node_.append_attribute("time") = "0.000";
        if (timestamp.size() == 20) node_.append_attribute("timestamp") = timestamp.c_str();
    }

    void add(const std::string& name, double seconds, const Finding& finding) {
        pugi::xml_node test = node_.append_child("testcase");
        test.append_attribute("classname") = name_.c_str();
        test.append_attribute("name") = plain_text(name, 500).c_str();
        test.append_attribute("time") = seconds_text(seconds).c_str();
        seconds_ += seconds;
        count("tests");
        if (!*finding.element) return;
        const std::string_view element = finding.element;
        if (element == "failure") count("failures");
        else if (element == "error") count("errors");
        else count("skipped");
        pugi::xml_node child = test.append_child(finding.element);
        child.append_attribute("message") = plain_text(finding.message, 500).c_str();
        if (finding.element == std::string_view("skipped")) return;
        child.append_attribute("type") = plain_text(finding.type, 100).c_str();
        if (!finding.text.empty()) child.text() = plain_text(finding.text, 100'000).c_str();
    }

    /// `seconds`: of the whole, where it is more than its cases.
    void close(double seconds = 0) {
        node_.attribute("time") = seconds_text(std::max(seconds, seconds_)).c_str();
    }

  private:
    void count(const char* what) { node_.attribute(what) = node_.attribute(what).as_uint() + 1; }

    std::string name_;
    pugi::xml_node node_;
    double seconds_ = 0;
};

std::string type_of(ReasonKind kind) { return std::string(name(kind)); }

Finding finding_of(const RunCheck& check) {
    switch (reading_of(check)) {
        case CheckReading::newly_failing:
            return {"failure", type_of(ReasonKind::check_failed),
                    check.detail.empty() ? "fails after the patch" : check.detail, check.detail};
        case CheckReading::not_observed: {
            const char* why = check.at_last() == CheckOutcome::absent
                                  ? "was not run after the patch"
                                  : "could not be observed";
            return {"error", "unknown", check.detail.empty() ? why : check.detail, check.detail};
        }
        case CheckReading::old_failure:
            return {"skipped", "", "failed before the patch too: " + check.detail, ""};
        case CheckReading::flickers:
            return {"skipped", "", "flickers, fails without the patch too: " + check.detail, ""};
        case CheckReading::skipped:
            return {"skipped", "", check.detail.empty() ? "skipped" : check.detail, ""};
        case CheckReading::repaired:
        case CheckReading::passes: break;
    }
    return {};
}

/// A line for each: what a guest said begins none of its own.
std::string lines_of(const std::vector<RunReason>& reasons,
                     std::initializer_list<ReasonKind> kinds) {
    std::string text;
    for (const RunReason& reason : reasons) {
        const auto is_it = [&](ReasonKind kind) { return reason.is(kind); };
        if (kinds.size() > 0 && std::none_of(kinds.begin(), kinds.end(), is_it)) continue;
        text +=
            one_line(reason.kind + ": " + (reason.machine.empty() ? "" : reason.machine + ": ") +
                     reason.subject + (reason.detail.empty() ? "" : ": " + reason.detail)) +
            "\n";
    }
    return text;
}

Finding apply_finding(const RunDocument& run, const RunStage* stage) {
    const std::string why =
        lines_of(run.reasons, {ReasonKind::apply_failed, ReasonKind::apply_stalled,
                               ReasonKind::apply_timeout, ReasonKind::wrong_version});
    if (!why.empty())
        return {"failure", type_of(ReasonKind::apply_failed), why.substr(0, why.find('\n')), why};
    if (!stage || stage->outcome == "skipped")
        return {"error", "not-reached", "the patch was not applied", ""};
    if (stage->outcome != "ok")
        return {"error", type_of(ReasonKind::lab_fault),
                stage->detail.empty() ? "the stage failed" : stage->detail, stage->detail};
    return {};
}

/// A failure, or what the caller wants a finding to be called that only asks for a person.
Finding to_look_at(NeedsReview needs_review, Finding finding) {
    if (needs_review == NeedsReview::skipped) {
        finding.element = "skipped";
        finding.message = "needs review: " + finding.message;
    }
    return finding;
}

bool was_compared(const RunDocument& run) {
    const RunStage* compared = run.last_passage("compare");
    return compared && compared->outcome == "ok";
}

/// A line for each change of which `counts` is true.
template <typename Counts>
std::pair<std::string, std::uint64_t> list_of_changes(const RunDocument& run, Counts&& counts) {
    std::string list;
    std::uint64_t count = 0;
    for (const RunChange& change : run.changes.items) {
        if (!counts(change)) continue;
        ++count;
        list +=
            one_line(change.machine + ": " + change.cls + " " + change.subject + " " +
                     change.change +
                     (change.differs.empty() ? "" : ": " + with_short_digests(change.differs))) +
            "\n";
    }
    return {list, count};
}

Finding unexplained_finding(const RunDocument& run, NeedsReview needs_review) {
    if (!was_compared(run))
        return {"error", "not-compared", "what the patch changed was not compared", ""};
    // the unreadable count here too: what could not be compared is not explained
    if (run.changes.unexplained + run.changes.unreadable == 0) return {};
    const auto [list, count] = list_of_changes(
        run, [](const RunChange& change) { return change.unexplained() || change.unreadable(); });
    const Finding finding{"failure", type_of(ReasonKind::unexplained_change),
                          count_text(run.changes.unexplained_and_read(), "unexplained change",
                                     "unexplained changes") +
                              ", " + number_text(run.changes.unreadable) + " unreadable",
                          list};
    return run.changes.unreadable > 0 ? finding : to_look_at(needs_review, finding);
}

Finding sensitive_finding(const RunDocument& run, NeedsReview needs_review) {
    if (!was_compared(run))
        return {"error", "not-compared", "what the patch changed was not compared", ""};
    const auto [list, count] = list_of_changes(run, [](const RunChange& change) {
        return change.sensitive && !change.noise() && !change.unreadable();
    });
    if (count == 0) return {};
    return to_look_at(needs_review, {"failure", type_of(ReasonKind::sensitive_change),
                                     count_text(count, "sensitive change"), list});
}

/// A stage that a user may leave out: `failed` is what it found.
Finding practice_finding(const RunDocument& run, const char* stage, const Finding& failed) {
    const RunStage* passage = run.last_passage(stage);
    if (*failed.element) return failed;
    if (passage && passage->outcome == "ok") return {};
    if (passage && passage->outcome == "failed")
        return {"error", type_of(ReasonKind::lab_fault),
                passage->detail.empty() ? "the stage failed" : passage->detail, passage->detail};
    if (passage && !passage->detail.empty()) return {"skipped", "", passage->detail, ""};
    return {"error", "not-reached", "was not practised", ""};
}

Finding drill_finding(const RunDocument& run) {
    if (!run.drill) return practice_finding(run, "drill", {});
    if (!run.drill->restored)
        return {"failure", type_of(ReasonKind::drill_failed), "the way back did not work",
                lines_of(run.reasons, {ReasonKind::drill_failed})};
    if (run.drill->difference != 0)
        return {"failure", type_of(ReasonKind::drill_failed),
                std::to_string(run.drill->difference) +
                    " things were left different after the way back",
                ""};
    return {};
}

Finding fault_finding(const RunDocument& run) {
    const std::string why = lines_of(run.reasons, {ReasonKind::fault_not_survived});
    if (why.empty()) return {};
    return {"failure", type_of(ReasonKind::fault_not_survived), why.substr(0, why.find('\n')), why};
}

/// What only the next start of the patched machines brought to light says so.
Finding reboot_finding(const RunDocument& run) {
    const auto said_at_the_reboot = [](const RunReason& reason) {
        return reason.effect == Effect::rejects &&
               (reason.detail.find("only after the next reboot") != std::string::npos ||
                reason.detail.find(" at the next start") != std::string::npos ||
                reason.is(ReasonKind::did_not_boot));
    };
    std::vector<RunReason> found;
    std::copy_if(run.reasons.begin(), run.reasons.end(), std::back_inserter(found),
                 said_at_the_reboot);
    const std::string why = lines_of(found, {});
    return practice_finding(
        run, "endure",
        why.empty() ? Finding{}
                    : Finding{"failure", found.front().kind, why.substr(0, why.find('\n')), why});
}

Finding verdict_finding(const RunDocument& run, NeedsReview needs_review) {
    if (run.verdict == Verdict::validated) return {};
    const std::string why = lines_of(run.reasons, {});
    if (!run.verdict) return {"error", "not-judged", "the run has no verdict", why};
    const bool lab = *run.verdict == Verdict::inconclusive;
    const Finding finding{
        lab ? "error" : "failure", std::string(name(*run.verdict)),
        run.summary.empty() ? std::string(verdict_meaning(*run.verdict)) : run.summary, why};
    return *run.verdict == Verdict::needs_review ? to_look_at(needs_review, finding) : finding;
}

/// A case for each reason but those that the cases of checks tell.
void write_reasons(pugi::xml_node root, const RunDocument& run, NeedsReview needs_review) {
    const auto is_of_a_check = [](const RunReason& reason) {
        return reason.is(ReasonKind::check_failed) || reason.is(ReasonKind::check_unknown);
    };
    if (std::all_of(run.reasons.begin(), run.reasons.end(), is_of_a_check)) return;
    Suite suite(root, "patchlab.reasons", run.started);
    for (const RunReason& reason : run.reasons) {
        if (is_of_a_check(reason)) continue;
        const std::string title =
            one_line(reason.kind + ": " + (reason.machine.empty() ? "" : reason.machine + ": ") +
                     reason.subject);
        const std::string detail = one_line(with_short_digests(reason.detail));
        const Finding finding{reason.effect == Effect::inconclusive ? "error" : "failure",
                              reason.kind, detail.empty() ? title : detail, detail};
        suite.add(title, 0,
                  reason.effect == Effect::review ? to_look_at(needs_review, finding) : finding);
    }
    suite.close();
}

void write_checks(pugi::xml_node root, const RunDocument& run) {
    std::vector<Suite> suites;
    std::map<std::string, std::size_t> at;
    for (const RunCheck& check : run.checks) {
        const std::string title = check.machine + "." + check.suite;
        const auto [found, is_new] = at.try_emplace(title, suites.size());
        if (is_new) suites.emplace_back(root, title, run.started);
        suites[found->second].add(check.name, check.seconds, finding_of(check));
    }
    for (Suite& suite : suites) suite.close();
}

void write_run(pugi::xml_node root, const RunDocument& run, NeedsReview needs_review) {
    const auto seconds_of = [&](const char* name) {
        double seconds = 0;
        for (const RunStage& stage : run.stages)
            if (stage.name == name) seconds += stage.seconds;
        return seconds;
    };
    Suite suite(root, "patchlab", run.started);
    suite.add("apply", seconds_of("apply"), apply_finding(run, run.last_passage("apply")));
    suite.add("unexplained changes", seconds_of("compare"), unexplained_finding(run, needs_review));
    suite.add("sensitive changes", 0, sensitive_finding(run, needs_review));
    if (run.last_passage("endure"))
        suite.add("reboot check", seconds_of("endure"), reboot_finding(run));
    suite.add("drill", std::max(seconds_of("drill"), run.drill ? run.drill->seconds : 0),
              drill_finding(run));
    if (run.last_passage("faults"))
        suite.add("fault tests", seconds_of("faults"),
                  practice_finding(run, "faults", fault_finding(run)));
    suite.add("verdict", 0, verdict_finding(run, needs_review));
    suite.close(run.seconds);
}

}  // namespace

std::string junit_xml(const RunDocument& run, NeedsReview needs_review) {
    pugi::xml_document document;
    pugi::xml_node root = document.append_child("testsuites");
    root.append_attribute("name") = plain_text(run.id, 200).c_str();
    write_run(root, run, needs_review);
    write_reasons(root, run, needs_review);
    write_checks(root, run);
    pugi::xml_node declaration = document.prepend_child(pugi::node_declaration);
    declaration.append_attribute("version") = "1.0";
    declaration.append_attribute("encoding") = "UTF-8";
    std::ostringstream out;
    document.save(out, "  ", pugi::format_default, pugi::encoding_utf8);
    return out.str();
}

std::string render_junit(const std::filesystem::path& folder, NeedsReview needs_review) {
    return during("rendering the JUnit report", [&] {
        return junit_xml(
            parse_run_document(parse_json(SealedFolder(folder).read("run.json"), "run.json")),
            needs_review);
    });
}

}  // namespace patchlab::reports
