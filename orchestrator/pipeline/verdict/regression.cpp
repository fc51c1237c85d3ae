// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/verdict/regression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "orchestrator/pipeline/verdict/statistics.hpp"

namespace patchlab::pipeline {

namespace {

using testsuites::CheckResult;

constexpr double level = 0.001;         ///< of the rank tests
constexpr double slower_by = 1.25;      ///< the median, over the slowest unpatched passage
constexpr double slower_least = 0.001;  ///< seconds
constexpr std::size_t many_rounds =
    10;  ///< slower in each, by however little: by chance once in 1,024 (sign test)
constexpr std::size_t few_rounds = 5;  ///< enough when it is much slower in each
constexpr double much_slower = 1.5;
constexpr double shortest_answer = 1e-6;   ///< seconds, to divide by
constexpr double growth_over_control = 4;  ///< times the steepest unpatched slope

std::string subject_of(const CheckResult& check) { return check.suite + "/" + check.name; }

/// The same list of numbers of each unpatched passage that has it.
std::vector<std::vector<double>> series_of(const UnpatchedChecks& unpatched,
                                           const CheckResult& like,
                                           std::vector<double> CheckResult::*list) {
    std::vector<std::vector<double>> all;
    for (const auto& passage : unpatched)
        for (const CheckResult& check : passage)
            if (check.suite == like.suite && check.name == like.name && !(check.*list).empty())
                all.push_back(check.*list);
    return all;
}

std::vector<double> pooled(const std::vector<std::vector<double>>& lists) {
    std::vector<double> all;
    for (const auto& list : lists) all.insert(all.end(), list.begin(), list.end());
    return all;
}

bool clearly_slower(double now, double before) {
    return now >= before * slower_by && now - before >= slower_least;
}

/// A check of which one answer is all there is to compare seems slower: then it is measured in
/// turns.
constexpr double first_slower_by = 3;
constexpr double first_slower_least = 0.5;  ///< seconds

/// What counts of the answers of a check that passed: its repetitions; and the first one where none
/// were asked for, or not all were done in their time.
std::vector<double> answers_of(const CheckResult& check) {
    if (check.outcome != testsuites::Outcome::pass && check.samples.empty()) return {};
    std::vector<double> answers = check.samples;
    if (check.samples.empty() || testsuites::unfinished_samples(check) > 0)
        answers.push_back(check.seconds);
    return answers;
}

/// What the unpatched passages say of a check.
struct Usual {
    std::vector<std::vector<double>> answers;  ///< of each passage
    double slowest = 0;                        ///< median of a passage
    int most_unfinished = 0;

    Usual(const UnpatchedChecks& unpatched, const CheckResult& like) {
        for (const auto& passage : unpatched)
            for (const CheckResult& check : passage)
                if (check.suite == like.suite && check.name == like.name) add(check);
    }

  private:
    void add(const CheckResult& check) {
        std::vector<double> of_one = answers_of(check);
        if (of_one.empty()) return;
        slowest = std::max(slowest, median(of_one));
        most_unfinished = std::max(most_unfinished, testsuites::unfinished_samples(check));
        answers.push_back(std::move(of_one));
    }
};

/// "only 7 of 20 repetitions were done in their 30 s", or nothing.
std::string words_of_unfinished(const CheckResult& check) {
    if (testsuites::unfinished_samples(check) == 0) return "";
    return fmt::format("only {} of {} repetitions were done in their {:.0f} s",
                       check.samples.size(), check.wanted_samples, check.sampling_limit);
}

std::string words_of_median(double now, const Usual& usual) {
    return fmt::format(
        "answers in {:.1f} ms (median); without the patch in {:.1f} ms at most over {} passages",
        now * 1000, usual.slowest * 1000, usual.answers.size());
}

/// Why this check is called slower by itself, or nothing.
std::string slower(const UnpatchedChecks& unpatched, const CheckResult& after) {
    const std::vector<double> answers = answers_of(after);
    const Usual usual(unpatched, after);
    if (answers.empty() || usual.answers.size() < 3)
        return "";  // the spread between passages is not known
    const double now = median(answers);
    if (testsuites::unfinished_samples(after) > 0 && usual.most_unfinished == 0)
        return words_of_unfinished(after) + ", without the patch all of them; " +
               words_of_median(now, usual);
    if (after.samples.empty() && after.wanted_samples == 0)
        return now >= usual.slowest * first_slower_by && now - usual.slowest >= first_slower_least
                   ? words_of_median(now, usual)
                   : "";
    if (!clearly_slower(now, usual.slowest) ||
        larger_by_chance(pooled(usual.answers), answers) >= level)
        return "";
    return words_of_median(now, usual) + " (Mann-Whitney, p < 0.001)";
}

/// How many times as long the patched side took, round by round.
std::vector<double> ratios(const Rounds& rounds) {
    std::vector<double> by;
    for (std::size_t i = 0; i < std::min(rounds.patched.size(), rounds.unpatched.size()); ++i)
        by.push_back(median(rounds.patched[i]) /
                     std::max(median(rounds.unpatched[i]), shortest_answer));
    return by;
}

/// Slower in all rounds, and these are enough to say so.
bool slower_throughout(const std::vector<double>& by) {
    if (by.size() < few_rounds) return false;
    const double least = *std::min_element(by.begin(), by.end());
    return by.size() < many_rounds ? least >= much_slower : least > 1;
}

/// Why the check is called slower than beside it on the unpatched clone, or nothing.
std::string slower(const Rounds& rounds) {
    const std::vector<double> by = ratios(rounds);
    const double before = median(pooled(rounds.unpatched)), after = median(pooled(rounds.patched));
    if (!slower_throughout(by) || median(by) < slower_by || after - before < slower_least)
        return "";
    return fmt::format(
        "answers in {:.1f} ms (median); an unpatched clone beside it in {:.1f} ms, {:.1f} times as "
        "long in the middle of {} rounds in "
        "turns, slower in each",
        after * 1000, before * 1000, median(by), by.size());
}

/// Why this check is called slower, or nothing.
std::string slower(const UnpatchedChecks& unpatched, const CheckResult& after,
                   const std::vector<Rounds>& rounds) {
    std::string why = slower(unpatched, after);
    const auto beside = std::find_if(rounds.begin(), rounds.end(), [&](const Rounds& r) {
        return r.suite == after.suite && r.name == after.name;
    });
    if (why.empty() || beside == rounds.end()) return why;
    why = slower(*beside);
    const std::string unfinished = words_of_unfinished(after);
    return why.empty() || unfinished.empty() ? why : unfinished + "; " + why;
}

/// What a service may hold more of with every request.
struct Holding {
    std::vector<double> CheckResult::*list;
    double least;  ///< smallest growth over the repetitions that counts
    const char* words;
};
constexpr Holding holdings[] = {
    {&CheckResult::memory_kib, 256,
     "the service's memory grows by {:.0f} KiB with every repetition; without the patch by {:.0f}"},
    {&CheckResult::handles, 8,
     "the service holds {:.1f} open files or threads more with every repetition; without the patch "
     "{:.1f}"},
};

/// Why the service beside this check is called growing, or nothing.
std::string growing(const UnpatchedChecks& unpatched, const CheckResult& after,
                    const Holding& holding) {
    const std::vector<double>& held = after.*holding.list;
    if (held.empty()) return "";
    const double per_step = slope(held);
    if (per_step * static_cast<double>(held.size()) < holding.least ||
        rises_by_chance(held) >= level)
        return "";
    double steepest = 0;
    for (const auto& passage : series_of(unpatched, after, holding.list))
        steepest = std::max(steepest, slope(passage));
    if (per_step < steepest * growth_over_control) return "";
    return fmt::format(fmt::runtime(holding.words), per_step, steepest) +
           " (Theil-Sen; Mann-Kendall, p < 0.001)";
}

struct Measure {
    const char* name;
    const char* subject;
    const char* format;  ///< now, the most without the patch
    double share;        ///< smallest share of the unpatched maximum that counts
    double least;        ///< smallest difference that counts
    double scale;        ///< for people
};

constexpr Measure measures[] = {
    {"memory-kib", "memory in use",
     "{:.0f} MiB after everything settled; without the patch {:.0f} MiB at most", 0.15, 16 * 1024,
     1.0 / 1024},
    {"busy-share", "processor use at rest",
     "{:.0f} % of the processors while nobody asks for anything; without the patch {:.0f} % at "
     "most",
     0.5, 0.15, 100},
    {"growth-kib", "memory growth at rest",
     "{:.1f} MiB more in use with every second while nobody asks for anything; without the patch "
     "{:.1f} MiB at most",
     0.5, 1024, 1.0 / 1024},
};
constexpr Measure boot_measure{
    "boot-seconds",
    boot_time,
    "the machine needed {:.0f} s to start; without the patch {:.0f} s at most",
    0.5,
    10,
    1};
/// Two boots in the same moment have the same host: a smaller share tells. Each slows the other, so
/// that a wait seems shorter against them.
constexpr Measure boot_beside_measure = [] {
    Measure measure = boot_measure;
    measure.share = 0.25;
    return measure;
}();

std::vector<double> values_of(const std::vector<snapshots::Capture>& captures, const char* name) {
    std::vector<double> values;
    for (const snapshots::Capture& capture : captures)
        if (const auto found = capture.measures.find(name); found != capture.measures.end())
            values.push_back(found->second);
    return values;
}

bool large_enough(const Measure& measure, double most, double now) {
    return now - most >= std::max(measure.least, most * measure.share);
}

Reason reason_of(const std::string& machine, const Measure& measure, double most, double now,
                 const std::string& how) {
    return {
        ReasonKind::regression, machine, measure.subject,
        fmt::format(fmt::runtime(measure.format), now * measure.scale, most * measure.scale) + how,
        Effect::review};
}

}  // namespace

std::vector<double> turn_of(const CheckResult& check) {
    if (testsuites::unfinished_samples(check) > 0)
        return {std::max(median(answers_of(check)), check.sampling_limit / check.wanted_samples)};
    return answers_of(check);
}

bool is_open(const Rounds& rounds) {
    const std::vector<double> by = ratios(rounds);
    return by.size() < many_rounds && !slower_throughout(by) &&
           std::all_of(by.begin(), by.end(), [](double ratio) { return ratio > 1; });
}

std::vector<std::string> slower_checks(const UnpatchedChecks& unpatched,
                                       const std::vector<CheckResult>& after) {
    std::vector<std::string> found;
    for (const CheckResult& check : after)
        if (!slower(unpatched, check, {}).empty()) found.push_back(subject_of(check));
    return found;
}

std::vector<Reason> regressions_of_checks(const std::string& machine,
                                          const UnpatchedChecks& unpatched,
                                          const std::vector<CheckResult>& after,
                                          const std::vector<Rounds>& rounds) {
    std::vector<Reason> reasons;
    const auto add = [&](const CheckResult& check, const std::string& why) {
        if (!why.empty())
            reasons.push_back(
                {ReasonKind::regression, machine, subject_of(check), why, Effect::review});
    };
    for (const CheckResult& check : after) {
        add(check, slower(unpatched, check, rounds));
        for (const Holding& holding : holdings) add(check, growing(unpatched, check, holding));
    }
    return reasons;
}

std::vector<Reason> regressions_of_measures(const std::string& machine,
                                            const std::vector<snapshots::Capture>& unpatched,
                                            const snapshots::Capture& after, bool rebooted,
                                            const std::optional<Boots>& beside) {
    std::vector<Reason> reasons;
    for (const Measure& measure : measures) {
        const auto now = after.measures.find(measure.name);
        const std::vector<double> others = values_of(unpatched, measure.name);
        if (now == after.measures.end() || others.size() < 3) continue;
        const double most = *std::max_element(others.begin(), others.end());
        if (large_enough(measure, most, now->second) &&
            stands_clear_above(others, now->second, measure.least / 20))
            reasons.push_back(reason_of(machine, measure, most, now->second, " (Dixon's Q, 99 %)"));
    }
    if (!rebooted || !after.measures.contains(boot_measure.name)) return reasons;
    std::map<std::string, double> boots;
    for (const snapshots::Capture& capture : unpatched)
        if (const auto found = capture.measures.find(boot_measure.name);
            found != capture.measures.end())
            boots[capture.boot_id] = found->second;
    if (boots.empty() || boots.contains(after.boot_id)) return reasons;
    double most = 0;
    for (const auto& [id, seconds] : boots) most = std::max(most, seconds);
    const double now = after.measures.at(boot_measure.name);
    if (!large_enough(boot_measure, most, now)) return reasons;
    if (!beside)
        reasons.push_back(reason_of(
            machine, boot_measure, most, now,
            ", of " + std::to_string(boots.size()) + " boots (half as long again, and 10 s)"));
    else if (large_enough(boot_beside_measure, beside->unpatched, beside->patched))
        reasons.push_back(reason_of(machine, boot_measure, beside->unpatched, beside->patched,
                                    ", started in the same moment (25 %, and 10 s)"));
    return reasons;
}

}  // namespace patchlab::pipeline
