// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/assessment/checks.hpp"

#include <algorithm>
#include <cmath>

#include "platform/core/json.hpp"

namespace patchlab::assessment {

namespace {

using testsuites::CheckResult;
using testsuites::Outcome;

using Lines = std::vector<std::string>;

const CheckResult* find(const std::vector<CheckResult>& results, const CheckResult& like) {
    const auto it = std::find_if(results.begin(), results.end(), [&](const CheckResult& r) {
        return r.suite == like.suite && r.name == like.name;
    });
    return it == results.end() ? nullptr : &*it;
}

Outcome outcome_of(const CheckResult* result) {
    return result ? result->outcome : Outcome::unknown;
}

/// What the unpatched controls say together, and whether they (with the baseline) disagree among
/// themselves.
void join_controls(CheckComparison& joined, const CheckResult& like,
                   const std::vector<std::vector<CheckResult>>& controls) {
    std::set<Outcome> seen;
    for (const auto& control : controls) seen.insert(outcome_of(find(control, like)));
    if (seen.empty()) return;  // no control ran: unknown
    if (seen.size() == 1) joined.control = *seen.begin();
    else joined.control = seen.count(Outcome::fail) ? Outcome::fail : Outcome::unknown;
    seen.insert(joined.before);
    seen.erase(Outcome::unknown);
    joined.flaky = seen.count(Outcome::pass) && seen.count(Outcome::fail);
}

/// What differs between two printings, for people: the first line that only one of them has.
std::string first_difference(const Lines& before, const Lines& after) {
    for (const std::string& line : before)
        if (std::find(after.begin(), after.end(), line) == after.end())
            return "no longer prints '" + line + "'";
    for (const std::string& line : after)
        if (std::find(before.begin(), before.end(), line) == before.end())
            return "now prints '" + line + "'";
    return "prints the same lines in another order";
}

/// What the check says now; `before` is known. `now`: nullptr when it was not run.
void join_after(CheckComparison& joined, const CheckResult* now) {
    joined.after = outcome_of(now);
    if (now) joined.seconds = now->seconds;
    if (!now) joined.detail = "not run after the patch";
    else if (now->outcome != Outcome::pass) joined.detail = now->detail;
}

/// Whether a difference in what the check prints counts.
bool compares_output(const CheckComparison& joined, const CheckResult* now) {
    return joined.before == Outcome::pass && joined.after == Outcome::pass && now->unchanged;
}

void fail_by_output(CheckComparison& joined, const std::string& difference) {
    joined.after = Outcome::fail;
    joined.detail = "not as before the patch: " + difference;
}

}  // namespace

Json to_json(const CheckComparison& check) {
    return {{"machine", check.machine},
            {"suite", check.suite},
            {"name", check.name},
            {"before", name(check.before)},
            {"control", name(check.control)},
            {"after", name(check.after)},
            {"flaky", check.flaky},
            {"detail", check.detail},
            {"seconds", std::round(check.seconds * 1000) / 1000}};
}

std::vector<CheckComparison> compare_checks(const std::string& machine,
                                            const std::vector<CheckResult>& before,
                                            const std::vector<std::vector<CheckResult>>& controls,
                                            const std::vector<CheckResult>& after) {
    std::vector<CheckComparison> joined;
    const auto add = [&](const CheckResult& like) {
        CheckComparison check{machine, like.suite, like.name};
        const CheckResult* const then = find(before, like);
        const CheckResult* const now = find(after, like);
        check.before = outcome_of(then);
        join_controls(check, like, controls);
        join_after(check, now);
        if (compares_output(check, now) && then->lines != now->lines) {
            fail_by_output(check, first_difference(then->lines, now->lines));
            // unless the unpatched machine prints now this, now that
            for (const auto& control : controls) {
                const CheckResult* const other = find(control, like);
                if (other && other->outcome == Outcome::pass && other->lines != then->lines)
                    check.flaky = true;
            }
        }
        joined.push_back(std::move(check));
    };
    for (const CheckResult& result : before) add(result);
    for (const CheckResult& result : after)
        if (!find(before, result)) add(result);
    return joined;
}

std::vector<CheckComparison> compare_checks(const Baseline& before,
                                            const std::vector<CheckResult>& after) {
    std::map<std::string, const CheckResult*> seen;
    for (const auto& [key, ignored] : before.checks) seen[key] = nullptr;
    for (const CheckResult& check : after) seen[key_of(check)] = &check;
    std::vector<CheckComparison> joined;
    for (const auto& [key, now] : seen) {
        const std::size_t slash = key.find('/');
        CheckComparison check{"", key.substr(0, slash),
                              slash == std::string::npos ? "" : key.substr(slash + 1)};
        const auto then = before.checks.find(key);
        if (then != before.checks.end()) check.before = then->second.outcome;
        join_after(check, now);
        if (compares_output(check, now) && !then->second.prints_the_same(*now))
            fail_by_output(check, "it prints something else");
        check.only_history = check.before == Outcome::pass && check.after == Outcome::fail &&
                             then->second.knows_all_of(*now);
        if (check.before == Outcome::fail && check.after == Outcome::fail &&
            !then->second.earlier.empty())
            if (const auto line = then->second.first_new_line(*now)) {
                check.new_complaint = true;
                check.detail = "new since the patch: " + *line;
            }
        joined.push_back(std::move(check));
    }
    return joined;
}

CheckFinding finding_of(const CheckComparison& check) {
    const bool worked_without =
        check.before == Outcome::pass && check.control != Outcome::fail && !check.flaky;
    if (check.after == Outcome::fail && check.only_history) return CheckFinding::nothing;
    if (check.new_complaint) return CheckFinding::broken;
    if (check.after == Outcome::fail && worked_without) return CheckFinding::broken;
    if ((check.after == Outcome::unknown || check.after == Outcome::skip) &&
        check.before == Outcome::pass)
        return CheckFinding::silent;
    if (check.after == Outcome::fail && check.before != Outcome::fail && !check.flaky)
        return CheckFinding::failing;
    return CheckFinding::nothing;
}

bool stopped_passing(const CheckComparison& check) {
    return check.before == Outcome::pass && check.after != Outcome::pass && !check.flaky;
}

}  // namespace patchlab::assessment
