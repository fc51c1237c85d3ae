// SPDX-License-Identifier: Apache-2.0
#include "testsuites/adapters/report.hpp"

#include <map>

#include "platform/core/error.hpp"
#include "testsuites/guest_text.hpp"

namespace patchlab::testsuites::adapters {

namespace {

std::string in_words(std::size_t tests, std::size_t failed) {
    return std::to_string(tests) + (tests == 1 ? " test, " : " tests, ") + std::to_string(failed) +
           " failed";
}

/// The outcome of the whole: unknown unless the report can be believed; fail when the command or
/// any test failed.
void judge(CheckResult& whole, const Report& report, const CommandOutput& output) {
    std::size_t failed = 0, unknown = 0, skipped = 0;
    for (const ReportedTest& test : report.tests) {
        failed += test.outcome == Outcome::fail;
        unknown += test.outcome == Outcome::unknown;
        skipped += test.outcome == Outcome::skip;
    }
    const std::string count = in_words(report.tests.size(), failed);
    const auto set = [&](Outcome outcome, const std::string& detail) {
        whole.outcome = outcome;
        whole.detail = guest_text(detail + (output.detail.empty() ? "" : "; " + output.detail));
    };
    if (failed > 0) return set(Outcome::fail, count);
    if (!report.aborted.empty()) return set(Outcome::fail, count + "; given up: " + report.aborted);
    if (output.truncated) return set(Outcome::unknown, "the report is longer than 1 MiB");
    if (!report.unsound.empty())
        return set(Outcome::unknown, "the report cannot be believed: " + report.unsound);
    if (output.exit != 0) return set(Outcome::fail, count + ", yet the command failed");
    if (!report.skipped.empty() && report.tests.empty()) return set(Outcome::skip, report.skipped);
    if (report.tests.empty()) return set(Outcome::unknown, "the report holds no test");
    if (unknown > 0)
        return set(Outcome::unknown,
                   count + ", " + std::to_string(unknown) + " without an outcome");
    if (skipped == report.tests.size()) return set(Outcome::skip, "every test was skipped");
    whole.outcome = Outcome::pass;
    whole.detail.clear();
}

}  // namespace

std::vector<CheckResult> results_of(const std::string& format, const CommandOutput& output,
                                    const CheckResult& whole) {
    if (format != "tap" && format != "junit")
        throw Error(ErrorCode::internal, "there is no report format '" + format + "'");
    const Report report = format == "tap" ? read_tap(output.report) : read_junit(output.report);
    std::vector<CheckResult> results{whole};
    judge(results[0], report, output);
    std::map<std::string, int> seen;
    for (const ReportedTest& test : report.tests) {
        CheckResult result;
        result.suite = whole.suite;
        result.name = whole.name + ": " + guest_text(test.name, 200);
        if (const int nth = ++seen[result.name]; nth > 1)
            result.name += " (" + std::to_string(nth) + ")";
        result.outcome = test.outcome;
        result.detail = guest_text(test.detail);
        if (result.detail.empty() && result.outcome != Outcome::pass)
            result.detail = "the report gives no reason";
        result.seconds = test.seconds;
        result.attempts = whole.attempts;
        results.push_back(std::move(result));
    }
    return results;
}

}  // namespace patchlab::testsuites::adapters
