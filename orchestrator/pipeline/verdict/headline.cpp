// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/verdict/headline.hpp"

#include <algorithm>
#include <tuple>

#include "orchestrator/pipeline/lab/unpatched_record.hpp"
#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::pipeline {

namespace {

constexpr std::size_t longest_detail = 200;

/// The service that the check "suite/name" asks about; empty when it asks something else.
std::string service_asked(const MachineRequest& machine, const std::string& check) {
    for (const testsuites::Suite& suite : machine.suites)
        for (const testsuites::Check& one : suite.checks) {
            const auto* service = std::get_if<testsuites::ServiceCheck>(&one.body);
            if (service && service->state == "active" && suite.name + "/" + one.name == check)
                return service->unit;
        }
    return "";
}

/// "nginx does not start after the reboot"
std::string service_down(const std::string& unit, const Reason& reason) {
    return unit + (reason.after_reboot ? " does not start after the reboot"
                                       : " does not run with the patch");
}

bool names_a_failed_unit(const Reason& reason) {
    return reason.kind == ReasonKind::health && reason.subject == failed_unit &&
           reason.detail.find(' ') == std::string::npos;
}

/// What happened, without the detail.
std::string event(const Reason& reason) {
    const std::string& subject = reason.subject;
    switch (reason.kind) {
        case ReasonKind::apply_failed: return "the installation of " + subject + " failed";
        case ReasonKind::apply_stalled: return "the installation of " + subject + " stands still";
        case ReasonKind::apply_timeout:
            return "the installation of " + subject + " did not end in time";
        case ReasonKind::did_not_boot: return "the machine does not come back from its reboot";
        case ReasonKind::channel_lost: return "the machine stopped answering";
        case ReasonKind::check_failed:
            return reason.service.empty() ? "the check " + subject + " fails"
                                          : service_down(reason.service, reason);
        case ReasonKind::check_unknown: return "the check " + subject + " gives no answer";
        case ReasonKind::health:
            return names_a_failed_unit(reason) ? service_down(reason.detail, reason) : subject;
        case ReasonKind::drill_failed: return "the drill failed on the way " + subject;
        case ReasonKind::fault_not_survived: return "the fault '" + subject + "' is not survived";
        case ReasonKind::lab_fault: return "the lab failed at '" + subject + "'";
        case ReasonKind::wrong_version:
        case ReasonKind::package_removed:
        case ReasonKind::not_in_effect:
        case ReasonKind::regression:
        case ReasonKind::untested:
        case ReasonKind::sensitive_change:
        case ReasonKind::unexplained_change:
        case ReasonKind::unreadable:
        case ReasonKind::not_observed: return subject;
    }
    return subject;
}

/// In which of several starts or trials it was seen.
std::string sight_of(const Reason& reason) {
    const bool said = !reason.service.empty() || names_a_failed_unit(reason);
    std::string text;
    if (reason.after_reboot && !said) text += ", only after the next reboot";
    if (!reason.one_of_two.empty()) text += ", in one of two " + reason.one_of_two;
    return text;
}

std::string sentence(const Reason& reason) {
    std::string text = reason.machine.empty() ? "" : reason.machine + ": ";
    text += event(reason) + sight_of(reason);
    if (!reason.detail.empty() && !names_a_failed_unit(reason))
        text += " (" + shortened(with_short_digests(reason.detail), longest_detail) + ")";
    return text;
}

std::string first_of(const std::vector<Reason>& reasons, Effect effect) {
    for (const Reason& reason : reasons)
        if (reason.effect == effect) return sentence(reason);
    return "";
}

/// "sensitive change"
const char* noun_of(const Reason& reason) {
    return reason.kind == ReasonKind::sensitive_change ? "sensitive change" : "unexplained change";
}

/// "new file /etc/x (25 bytes), from libssl3, only at the next start"
std::string change_clause(const Reason& reason) {
    std::string text = with_short_digests(reason.event);
    if (text.empty()) text = reason.subject + " (" + with_short_digests(reason.detail) + ")";
    return shortened(text, 2 * longest_detail) +
           (reason.after_reboot ? ", only at the next start" : "");
}

/// What a person has to look at, in one sentence.
std::string findings_sentence(const std::vector<Reason>& reasons) {
    std::vector<const Reason*> findings;
    for (const Reason& reason : reasons)
        if (reason.effect == Effect::review) findings.push_back(&reason);
    if (findings.empty()) return "";
    const Reason& first = *findings.front();
    const bool alike =
        is_change(first) && std::all_of(findings.begin(), findings.end(),
                                        [&](const Reason* one) { return one->kind == first.kind; });
    const std::string on = first.machine.empty() ? "" : " on " + first.machine;
    if (alike && findings.size() == 1)
        return std::string("1 ") + noun_of(first) + on + ": " + change_clause(first) + ".";
    if (alike)
        return count_text(findings.size(), noun_of(first)) + ", the first" + on + ": " +
               change_clause(first) + ".";
    const std::string what = is_change(first)
                                 ? std::string(noun_of(first)) + on + ": " + change_clause(first)
                                 : sentence(first);
    return findings.size() == 1
               ? "1 finding: " + what + "."
               : count_text(findings.size(), "finding") + ", the first: " + what + ".";
}

}  // namespace

void name_services(std::vector<Reason>& reasons, const std::vector<MachineRequest>& machines) {
    for (Reason& reason : reasons)
        for (const MachineRequest& machine : machines)
            if (reason.kind == ReasonKind::check_failed &&
                reason.machine == machine.definition.name)
                reason.service = service_asked(machine, reason.subject);
}

void sort_by_cause(std::vector<Reason>& reasons) {
    const auto rank = [](const Reason& reason) {
        return std::tuple(reason.effect, reason.kind, reason.service.empty());
    };
    std::stable_sort(reasons.begin(), reasons.end(),
                     [&](const Reason& a, const Reason& b) { return rank(a) < rank(b); });
}

std::string summary(Verdict verdict, const std::vector<Reason>& reasons, std::size_t checks,
                    std::size_t changes) {
    switch (verdict) {
        case Verdict::validated:
            return "The patch installed as announced, all " + std::to_string(checks) +
                   " checks answer as before, and each of " + std::to_string(changes) +
                   " changes is explained.";
        case Verdict::needs_review: return findings_sentence(reasons);
        case Verdict::rejected:
            return "The patch does harm: " + first_of(reasons, Effect::rejects) + ".";
        case Verdict::inconclusive:
            return "Nothing can be said about the patch: " +
                   first_of(reasons, Effect::inconclusive) + ".";
    }
    return "";
}

}  // namespace patchlab::pipeline
