// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/requirements.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "platform/core/error.hpp"

namespace patchlab::governance {

namespace {

using reports::CheckOutcome;
using reports::RunCheck;
using State = RequirementState;

void settle(Requirement& requirement, State state, std::string detail) {
    requirement.state = state;
    requirement.detail = std::move(detail);
}

constexpr double day = 86400;

std::string days_words(double days) {
    std::string text = std::to_string(std::ceil(days * 10) / 10);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text + (text == "1" ? " day" : " days");
}

std::string plural(std::size_t n, const std::string& one) {
    return std::to_string(n) + " " + one + (n == 1 ? "" : "s");
}

std::string criticality_of(const reports::RunDocument& run, const std::string& machine) {
    for (const reports::RunMachine& candidate : run.machines)
        if (candidate.name == machine) return candidate.criticality;
    return {};
}

/// How the given checks, all of one suite or of one name, came out together. One that failed
/// outweighs one that gave no answer.
Requirement judge(std::string id, const std::vector<const RunCheck*>& checks,
                  const std::string& nowhere) {
    Requirement out{std::move(id), State::missing, nowhere, {"run.json#/checks"}};
    std::size_t passed = 0, failed = 0, silent = 0;
    for (const RunCheck* check : checks) {
        const bool pass = check->after == CheckOutcome::pass,
                   skip = check->after == CheckOutcome::skip,
                   fail = check->after == CheckOutcome::fail;
        passed += pass;
        failed += fail;
        silent += !pass && !skip && !fail;
        if (!pass && !skip && out.evidence.size() < 10)
            out.evidence.push_back(check->machine + "/" + check->suite + "/" + check->name + ": " +
                                   std::string(name(check->after)));
    }
    if (checks.empty()) return out;
    if (failed > 0)
        settle(out, State::failed,
               plural(failed, "check") + " of " + std::to_string(checks.size()) +
                   " failed after the patch");
    else if (silent > 0)
        out.detail = plural(silent, "check") + " of " + std::to_string(checks.size()) +
                     " gave no answer after the patch";
    else if (passed == 0) out.detail = "was skipped";
    else settle(out, State::passed, plural(passed, "check") + " passed after the patch");
    return out;
}

template <typename Wanted>
std::vector<const RunCheck*> checks_of(const reports::RunDocument& run,
                                       const std::string& criticality, Wanted wanted) {
    std::vector<const RunCheck*> checks;
    for (const RunCheck& check : run.checks)
        if (wanted(check) &&
            (criticality.empty() || criticality_of(run, check.machine) == criticality))
            checks.push_back(&check);
    return checks;
}

std::string where(const ScopedDemand& demand) {
    return demand.criticality.empty() ? "on no machine"
                                      : "on no " + demand.criticality + " machine";
}

}  // namespace

std::optional<TimePoint> time_of(const std::string& text) {
    if (text.empty()) return std::nullopt;
    try {
        return from_rfc3339(text);
    } catch (const Error&) {
        return std::nullopt;
    }
}

std::vector<Requirement> require_evidence(const Policy& policy, const EvidenceFacts& facts) {
    std::vector<Requirement> all;
    Requirement evidence{"evidence",
                         State::passed,
                         "is intact, digest " + facts.digest.substr(0, 16),
                         {"manifest.json"}};
    if (facts.digest.empty()) settle(evidence, State::missing, "there is no sealed evidence");
    else if (!facts.seal_problem.empty())
        settle(evidence, State::failed, "is not what was sealed: " + facts.seal_problem);
    all.push_back(evidence);
    if (!facts.intact()) return all;  // nothing in it can be believed

    Requirement signature{"signature",
                          State::passed,
                          "of this installation, key " + facts.signer.substr(0, 16),
                          {"evidence.dsse.json"}};
    if (!facts.signature_problem.empty()) settle(signature, State::failed, facts.signature_problem);
    else if (facts.signer.empty()) settle(signature, State::missing, "the evidence is not signed");
    all.push_back(signature);

    Requirement requester{"requester",
                          State::passed,
                          facts.run.requester + " asked for the run",
                          {"run.json#/requester"}};
    if (facts.run.requester.empty())
        settle(requester, State::missing, "the evidence does not say who asked for the run");
    all.push_back(requester);

    Requirement machines{
        "real-machines", State::passed, "ran on " + facts.run.backend, {"run.json#/host/backend"}};
    if (facts.run.backend.empty())
        settle(machines, State::missing, "the evidence does not say what the machines ran on");
    else if (facts.run.backend == "fake" && policy.played_runs)
        machines.detail = "no real machine ran; the policy accepts played runs";
    else if (facts.run.backend == "fake")
        settle(machines, State::failed, "no real machine ran: it was played");
    all.push_back(machines);
    return all;
}

Requirement require_verdict(const Policy& policy, const EvidenceFacts& facts) {
    Requirement out{"verdict", State::missing, "the run was not judged", {"run.json#/verdict"}};
    if (!facts.run.verdict) return out;
    const std::string verdict(name(*facts.run.verdict));
    out.evidence.push_back("verdict: " + verdict);
    if (*facts.run.verdict == reports::Verdict::inconclusive)
        out.detail = "inconclusive: nothing is known about the patch";
    else if (policy.verdicts.contains(verdict)) settle(out, State::passed, verdict);
    else settle(out, State::failed, verdict + " may not be promoted");
    return out;
}

Requirement require_suite(const ScopedDemand& demand, const reports::RunDocument& run) {
    const auto checks = checks_of(run, demand.criticality, [&](const RunCheck& check) {
        return check.suite == demand.subject;
    });
    return judge(demand.id("suite"), checks, "suite '" + demand.subject + "' ran " + where(demand));
}

Requirement require_check(const ScopedDemand& demand, const reports::RunDocument& run) {
    const auto checks = checks_of(run, demand.criticality, [&](const RunCheck& check) {
        return check.suite + "/" + check.name == demand.subject;
    });
    return judge(demand.id("check"), checks, "check '" + demand.subject + "' ran " + where(demand));
}

Requirement require_drill(DrillDemand demand, const reports::RunDocument& run) {
    Requirement out{"drill", State::missing, "the way back was not practised", {"run.json#/drill"}};
    if (!run.drill) return out;
    const auto left = [](std::int64_t difference) {
        return plural(static_cast<std::size_t>(std::max<std::int64_t>(0, difference)), "thing") +
               " left different";
    };
    out.state = State::failed;
    if (!run.drill->restored) out.detail = "going back to the checkpoint did not work";
    else if (run.drill->difference != 0)
        out.detail = "back at the checkpoint, " + left(run.drill->difference);
    else settle(out, State::passed, "back to the checkpoint, nothing left different");
    if (demand != DrillDemand::downgrade || out.state != State::passed) return out;

    out.evidence.push_back("run.json#/drill/downgrade");
    out.state = State::failed;
    if (!run.drill->downgrade)
        settle(out, State::missing, "going back to the old versions was not practised");
    else if (!run.drill->downgrade->possible)
        out.detail = "the exact old versions cannot be had: " + run.drill->downgrade->detail;
    else if (!run.drill->downgrade->restored)
        out.detail = "going back to the old versions did not work: " + run.drill->downgrade->detail;
    else if (run.drill->downgrade->difference != 0)
        out.detail = "back at the old versions, " + left(run.drill->downgrade->difference);
    else
        settle(out, State::passed,
               "back to the checkpoint and back to the old versions, nothing left different");
    return out;
}

Requirement require_evidence_age(double days, const EvidenceFacts& facts, TimePoint now) {
    Requirement out{"evidence-age",
                    State::missing,
                    "the evidence does not say when it was sealed",
                    {"manifest.json#/created"}};
    const auto sealed = time_of(facts.sealed);
    if (!sealed) return out;
    const double age = Seconds(now - *sealed).count() / day;
    out.evidence.push_back("sealed: " + facts.sealed);
    if (age < -1.0 / 24) settle(out, State::failed, "was sealed in the future");
    else if (age > days)
        settle(
            out, State::expired,
            "is " + days_words(age) + " old, at most " + days_words(days) + " count; run it again");
    else settle(out, State::passed, "is younger than " + days_words(days));
    return out;
}

double wait_of(const std::vector<ReleaseAge>& ages, const PatchRelease& release,
               const PatchDue* due, TimePoint now) {
    double wanted = 0;
    for (const ReleaseAge& age : ages) {
        double days = age.of(release.urgency);
        for (const auto& [within, enough] : age.due_within)
            if (certainly_due_within(due, within, now)) days = std::min(days, enough);
        wanted = std::max(wanted, days);
    }
    return wanted;
}

Requirement require_release_age(const std::vector<ReleaseAge>& ages, const Policy& policy,
                                const EvidenceFacts& facts, TimePoint now) {
    Requirement out{"release-age",
                    State::missing,
                    "the evidence does not say which patches were rehearsed",
                    {"request.json#/patches"}};
    if (facts.releases.empty()) return out;
    std::string unknown, young;
    for (const PatchRelease& release : facts.releases) {
        const PatchDue* due = due_of(facts, policy, release.patch);
        const double wanted = wait_of(ages, release, due, now);
        const auto seen = time_of(release.seen);
        out.evidence.push_back(release.patch + ": urgency " + release.urgency + ", known since " +
                               (seen ? release.seen : "an unknown time"));
        if (wanted < wait_of(ages, release, nullptr, now)) out.evidence.push_back(line_of(*due));
        if (!seen) unknown = release.patch;
        else if (Seconds(now - *seen).count() < wanted * day)
            young = release.patch + " must have been known for " + days_words(wanted) +
                    ": wait until " +
                    to_rfc3339(*seen + std::chrono::duration_cast<TimePoint::duration>(
                                           Seconds(wanted * day)));
    }
    if (!young.empty()) settle(out, State::failed, young);
    else if (!unknown.empty())
        out.detail = "it is not on record since when " + unknown + " is known";
    else settle(out, State::passed, "long enough on offer");
    return out;
}

namespace {

/// Every patch of a bundle must be urgent enough, or a slow one would travel with it.
bool excepted_from(const Freeze& freeze, const Policy& policy, const EvidenceFacts& facts,
                   TimePoint now, Requirement& out) {
    std::vector<std::string> lines;
    for (const PatchRelease& release : facts.releases) {
        if (freeze.except_urgency.contains(release.urgency)) continue;
        const PatchDue* due = due_of(facts, policy, release.patch);
        if (freeze.except_due_within <= 0 ||
            !certainly_due_within(due, freeze.except_due_within, now))
            return false;
        lines.push_back(line_of(*due));
    }
    out.evidence.insert(out.evidence.end(), lines.begin(), lines.end());
    return !facts.releases.empty();
}

}  // namespace

Requirement require_no_freeze(const Policy& policy, const EvidenceFacts& facts, TimePoint now) {
    Requirement out{"freeze",
                    State::passed,
                    "no freeze today",
                    {"policy#/freezes", "date: " + to_rfc3339(now).substr(0, 10)}};
    const std::string today = to_rfc3339(now).substr(0, 10);
    for (const Freeze& freeze : policy.freezes) {
        if (today < freeze.from || today > freeze.until) continue;
        if (excepted_from(freeze, policy, facts, now, out)) {
            out.detail =
                "urgent enough for the freeze until " + freeze.until + " (" + freeze.reason + ")";
            continue;
        }
        out.state = State::failed;
        out.detail = "nothing is promoted from " + freeze.from + " until " + freeze.until + ": " +
                     freeze.reason;
        return out;
    }
    return out;
}

namespace {

void add_scoped(std::vector<ScopedDemand>& all, const std::vector<std::string>& subjects,
                const std::string& criticality) {
    for (const std::string& subject : subjects) {
        const bool known = std::any_of(all.begin(), all.end(), [&](const ScopedDemand& d) {
            return d.subject == subject && d.criticality == criticality;
        });
        if (!known) all.push_back({subject, criticality});
    }
}

void add(Demanded& all, const Demands& more, const std::string& criticality) {
    add_scoped(all.suites, more.suites, criticality);
    add_scoped(all.checks, more.checks, criticality);
    all.drill = std::max(all.drill, more.drill);
    if (more.release_age) all.release_ages.push_back(*more.release_age);
    for (const ApprovalDemand& approval : more.approvals) {
        ApprovalDemand& wanted =
            all.approvals.try_emplace(approval.role, ApprovalDemand{approval.role, 0, false})
                .first->second;
        wanted.count = std::max(wanted.count, approval.count);
        wanted.own_key = wanted.own_key || approval.own_key;
    }
}

}  // namespace

Demanded demanded_of(const Policy& policy, const reports::RunDocument& run) {
    Demanded all;
    add(all, policy.all, "");
    if (run.verdict == reports::Verdict::needs_review) add(all, policy.needs_review, "");
    std::set<std::string> present;
    for (const reports::RunMachine& machine : run.machines) present.insert(machine.criticality);
    for (const auto& [criticality, demands] : policy.criticality)
        if (present.contains(criticality)) add(all, demands, criticality);
    return all;
}

}  // namespace patchlab::governance
