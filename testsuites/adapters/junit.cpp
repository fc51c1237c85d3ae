// SPDX-License-Identifier: Apache-2.0
#include "testsuites/adapters/report.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <pugixml.hpp>

#include "platform/core/text.hpp"

namespace patchlab::testsuites::adapters {

namespace {

constexpr int max_depth = 16;

std::size_t number_or(const char* text, std::size_t fallback) {
    const std::string_view view(text);
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), value);
    return error == std::errc() && end == view.data() + view.size() ? value : fallback;
}

double seconds_of(const pugi::xml_node& node) {
    const double value = node.attribute("time").as_double(0);
    return std::isfinite(value) && value >= 0 && value < 1e7 ? value : 0;
}

std::string lower(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '-' || c == '_' || c == ' ') continue;  // "not-run", "not_run"
        out += small(c);
    }
    return out;
}

/// What some tools write into "status" and "result" rather than into an element; the worse of the
/// two counts. A word that nobody knows is no success.
Outcome outcome_in_words(const pugi::xml_node& node) {
    constexpr std::string_view passed[] = {
        "",          "run",      "passed",    "pass",     "success",  "ok",   "successful",
        "completed", "complete", "succeeded", "executed", "finished", "fixed"};
    constexpr std::string_view skipped[] = {
        "notrun",     "disabled", "skipped",     "skip",       "ignored",  "ignore", "pending",
        "suppressed", "filtered", "notexecuted", "deselected", "inactive", "todo"};
    constexpr std::string_view failed[] = {"failed",  "fail",       "failure", "error",
                                           "errored", "broken",     "aborted", "timeout",
                                           "crashed", "regression", "timedout"};
    Outcome outcome = Outcome::pass;
    for (const char* attribute : {"status", "result"}) {
        const std::string word = lower(node.attribute(attribute).as_string());
        const auto is_in = [&](const auto& words) {
            return std::find(std::begin(words), std::end(words), word) != std::end(words);
        };
        if (is_in(failed)) return Outcome::fail;
        if (is_in(skipped)) outcome = Outcome::skip;
        else if (!is_in(passed) && outcome == Outcome::pass) outcome = Outcome::unknown;
    }
    return outcome;
}

class JunitReader {
  public:
    Report read(std::string_view text) {
        pugi::xml_document document;
        const auto parsed =
            document.load_buffer(text.data(), text.size(),
                                 pugi::parse_default | pugi::parse_doctype, pugi::encoding_utf8);
        if (!parsed) return refused(std::string("not XML: ") + parsed.description());
        for (const pugi::xml_node& node : document.children()) {
            if (node.type() == pugi::node_doctype) return refused("it has a document type");
            if (node.type() == pugi::node_element && node != document.document_element())
                return refused("it has two roots");
        }
        const pugi::xml_node root = document.document_element();
        const std::string_view name = root.name();
        if (name != "testsuites" && name != "testsuite")
            return refused("its root is neither <testsuites> nor <testsuite>");
        read_suite(root, 0);
        return std::move(report_);
    }

  private:
    Report refused(const std::string& why) {
        report_.unsound = why;
        return std::move(report_);
    }

    /// Returns how many tests stand below.
    std::size_t read_suite(const pugi::xml_node& suite, int depth) {
        if (depth > max_depth) {
            unsound("its suites are nested too deep");
            return 0;
        }
        std::size_t tests = 0;
        const std::size_t failed_before = failed_, skipped_before = skipped_;
        for (const pugi::xml_node& child : suite.children()) {
            const std::string_view name = child.name();
            if (name == "testsuite") tests += read_suite(child, depth + 1);
            if (name == "testcase") {
                read_case(child);
                ++tests;
            }
            // an error of the suite itself (its set-up died) has no test to stand in
            if (name == "error" || name == "failure")
                report_.aborted =
                    std::string(child.attribute("message").as_string("a suite failed"));
            if (report_.tests.size() > max_tests) {
                unsound("more than " + std::to_string(max_tests) + " tests");
                return tests;
            }
        }
        const std::size_t counted = number_or(suite.attribute("tests").as_string(), tests);
        if (counted != tests)
            unsound("a suite counts " + std::to_string(counted) + " tests and holds " +
                    std::to_string(tests));
        check_failures(suite, failed_ - failed_before);
        check_skipped(suite, skipped_ - skipped_before);
        return tests;
    }

    /// A suite that counts failures which no test shows would pass falsely.
    void check_failures(const pugi::xml_node& suite, std::size_t shown) {
        const std::size_t counted = number_or(suite.attribute("failures").as_string(), 0) +
                                    number_or(suite.attribute("errors").as_string(), 0);
        if (counted > 0 && shown == 0)
            unsound("a suite counts " + std::to_string(counted) + " failures and shows none");
    }

    /// A suite that counts tests which did not run must show which: the others would pass falsely.
    void check_skipped(const pugi::xml_node& suite, std::size_t shown) {
        const std::size_t counted =
            std::max(number_or(suite.attribute("skipped").as_string(), 0),
                     std::max(number_or(suite.attribute("disabled").as_string(), 0),
                              number_or(suite.attribute("skips").as_string(), 0)));
        if (counted > shown)
            unsound("a suite counts " + std::to_string(counted) +
                    " tests that did not run and shows " + std::to_string(shown));
    }

    void read_case(const pugi::xml_node& node) {
        ReportedTest test;
        const std::string group = node.attribute("classname").as_string();
        const std::string own = node.attribute("name").as_string();
        test.name = group.empty() ? own : group + "." + own;
        if (own.empty()) unsound("a test has no name");
        test.seconds = seconds_of(node);
        test.outcome = outcome_in_words(node);
        for (const pugi::xml_node& child : node.children()) {
            const std::string_view kind = child.name();
            const bool bad = kind == "failure" || kind == "error";
            if (!bad && kind != "skipped") continue;
            if (bad || test.outcome != Outcome::fail)
                test.outcome = bad ? Outcome::fail : Outcome::skip;
            add_detail(test.detail, child.attribute("message").as_string());
            add_detail(test.detail, child.child_value());
        }
        failed_ += test.outcome == Outcome::fail;
        skipped_ += test.outcome == Outcome::skip;
        if (test.detail.empty() && test.outcome == Outcome::skip) test.detail = "did not run";
        if (test.detail.empty() && test.outcome == Outcome::unknown)
            add_detail(test.detail, node.attribute("status").as_string());
        report_.tests.push_back(std::move(test));
    }

    static void add_detail(std::string& detail, const char* text) {
        if (*text == '\0' || detail.size() > 4096) return;
        detail += (detail.empty() ? "" : "\n") + std::string(text).substr(0, 4096);
    }

    void unsound(const std::string& why) {
        if (report_.unsound.empty()) report_.unsound = why;
    }

    Report report_;
    std::size_t failed_ = 0, skipped_ = 0;
};

}  // namespace

Report read_junit(std::string_view text) { return JunitReader().read(text); }

}  // namespace patchlab::testsuites::adapters
