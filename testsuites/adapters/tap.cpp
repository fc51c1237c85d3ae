// SPDX-License-Identifier: Apache-2.0
#include "testsuites/adapters/report.hpp"

#include <cctype>
#include <charconv>
#include <optional>
#include <set>

#include "platform/core/text.hpp"

namespace patchlab::testsuites::adapters {

namespace {

bool starts_with_word(std::string_view text, std::string_view lower_case_word) {
    if (text.size() < lower_case_word.size()) return false;
    for (std::size_t i = 0; i < lower_case_word.size(); ++i)
        if (std::tolower(static_cast<unsigned char>(text[i])) != lower_case_word[i]) return false;
    return true;
}

/// Takes a number from the front of `text`.
std::optional<std::size_t> take_number(std::string_view& text) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

/// The first "#" that no backslash escapes.
std::size_t directive_mark(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\') ++i;
        else if (text[i] == '#') return i;
    }
    return std::string_view::npos;
}

class TapReader {
  public:
    Report read(std::string_view text) {
        while (!text.empty()) {
            const std::size_t end = text.find('\n');
            std::string_view line = text.substr(0, end);
            if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
            if (!take(line)) break;
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        }
        if (report_.aborted.empty()) check_plan();
        return std::move(report_);
    }

  private:
    /// False ends the reading.
    bool take(std::string_view line) {
        if (in_yaml_) {
            if (trimmed(line) == "...") in_yaml_ = false;
            else note(line);
            return true;
        }
        if (starts_with_word(line, "bail out!")) {
            const std::string_view reason = trimmed(line.substr(9));
            report_.aborted = reason.empty() ? "Bail out!" : std::string(reason);
            return false;
        }
        if (line.starts_with("ok") || line.starts_with("not ok")) return take_test(line);
        if (line.starts_with("1..")) take_plan(line.substr(3));
        else if (line.starts_with("#")) note(trimmed(line.substr(1)));
        else if (line.starts_with("  ") && trimmed(line) == "---" && !report_.tests.empty())
            in_yaml_ = true;
        return true;  // version, pragmas, subtests and whatever else the command printed
    }

    bool take_test(std::string_view line) {
        const bool ok = line.starts_with("ok");
        line.remove_prefix(ok ? 2 : 6);
        if (!line.empty() && line[0] != ' ' && line[0] != '\t')
            return true;  // "okay then": not a test line
        line = trimmed(line);
        const std::size_t number = take_number(line).value_or(report_.tests.size() + 1);
        if (!numbers_.insert(number).second)
            unsound("test " + std::to_string(number) + " stands twice");
        const std::size_t mark = directive_mark(line);
        std::string_view name = trimmed(line.substr(0, mark));
        if (name.starts_with("-")) name = trimmed(name.substr(1));
        ReportedTest test;
        test.name = name.empty() ? "test " + std::to_string(number) : std::string(name);
        test.outcome = ok ? Outcome::pass : Outcome::fail;
        const std::string_view directive =
            mark == std::string_view::npos ? "" : trimmed(line.substr(mark + 1));
        if (starts_with_word(directive, "skip") || (starts_with_word(directive, "todo") && !ok)) {
            test.outcome = Outcome::skip;
            test.detail = std::string(directive);
        }
        report_.tests.push_back(std::move(test));
        if (report_.tests.size() <= max_tests) return true;
        unsound("more than " + std::to_string(max_tests) + " tests");
        return false;
    }

    void take_plan(std::string_view rest) {
        const auto count = take_number(rest);
        if (!count) return unsound("the plan is not a number");
        if (plan_) return unsound("there are two plans");
        plan_ = *count;
        const std::size_t mark = rest.find('#');
        if (*count != 0) return;
        report_.skipped = mark == std::string_view::npos
                              ? "the plan is empty"
                              : std::string(trimmed(rest.substr(mark + 1)));
        if (mark == std::string_view::npos || !starts_with_word(report_.skipped, "skip"))
            unsound("the plan is empty, and no reason is given");
    }

    /// Diagnostics belong to the failed test before them.
    void note(std::string_view text) {
        if (report_.tests.empty() || report_.tests.back().outcome != Outcome::fail) return;
        std::string& detail = report_.tests.back().detail;
        if (detail.size() < 4096)
            detail += (detail.empty() ? "" : "\n") + std::string(text.substr(0, 1000));
    }

    void check_plan() {
        if (!plan_) return unsound("there is no plan, so it may be cut short");
        if (in_yaml_) unsound("it ends within a diagnostic block");
        if (report_.tests.size() != *plan_)
            unsound(std::to_string(*plan_) + " tests were planned and " +
                    std::to_string(report_.tests.size()) + " reported");
        if (!numbers_.empty() && *numbers_.rbegin() > *plan_)
            unsound("test " + std::to_string(*numbers_.rbegin()) + " is not in the plan");
    }

    void unsound(const std::string& why) {
        if (report_.unsound.empty()) report_.unsound = why;
    }

    Report report_;
    std::optional<std::size_t> plan_;
    std::set<std::size_t> numbers_;
    bool in_yaml_ = false;
};

}  // namespace

Report read_tap(std::string_view text) { return TapReader().read(text); }

}  // namespace patchlab::testsuites::adapters
