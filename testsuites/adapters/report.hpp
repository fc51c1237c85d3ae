// SPDX-License-Identifier: Apache-2.0
//
// Test reports (TAP, JUnit XML) that a command in the guest printed, as results. Untrusted input: a
// report that is cut short, contradicts itself or holds no test never passes. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "testsuites/model.hpp"

namespace patchlab::testsuites {

/// What a report-giving command printed and how it ended.
struct CommandOutput {
    std::string report;
    int exit = 0;
    bool truncated = false;
    std::string detail;  ///< how it ended and what it said on stderr, when it did not exit 0
};

namespace adapters {

inline constexpr std::size_t max_tests = 5000;

struct ReportedTest {
    std::string name;
    Outcome outcome = Outcome::unknown;
    std::string detail;
    double seconds = 0;
};

struct Report {
    std::vector<ReportedTest> tests;
    std::string skipped;  ///< the report says that everything was skipped, and why
    std::string aborted;  ///< the report says that it was given up ("Bail out!"), and why
    std::string unsound;  ///< why it is not a whole, consistent report; empty: it is
};

/// First the check itself (`whole`: its suite, name and times), as the sum of the report, then one
/// result "CHECK: TEST" for each test. `format` is "tap" or "junit".
std::vector<CheckResult> results_of(const std::string& format, const CommandOutput& output,
                                    const CheckResult& whole);

/// JUnit XML as test tools write it. Every <testcase> below <testsuites> or <testsuite>, named
/// "classname.name". `unsound` when the text is not whole XML, has a document type (entities are
/// never expanded), has another root, or a suite that counts other tests than it holds.
Report read_junit(std::string_view text);

/// The Test Anything Protocol, versions 12 to 14. Subtests count through the line of their parent.
/// A failed TODO test is a skip. `unsound` when there is no plan, or two, when the tests are not
/// exactly those of the plan, or when a number stands twice.
Report read_tap(std::string_view text);

}  // namespace adapters
}  // namespace patchlab::testsuites
