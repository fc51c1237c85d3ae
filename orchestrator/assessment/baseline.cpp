// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/assessment/baseline.hpp"

#include <algorithm>
#include <sstream>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab::assessment {

namespace {

using testsuites::CheckResult;
using testsuites::Outcome;

constexpr std::size_t digits = 16;

std::string short_digest(std::string_view text) { return sha256_hex(text).substr(0, digits); }

/// Process ids, ports and times differ each time that a host repeats the same complaint.
std::string digest_without_numbers(const std::string& line) {
    std::string text;
    for (const char c : line)
        if (c < '0' || c > '9') text += c;
        else if (!text.ends_with('#')) text += '#';
    return short_digest(text);
}

std::string printed_digest(const CheckResult& check) {
    if (!check.unchanged) return "";
    std::string all;
    for (const std::string& line : check.lines) all += line + "\n";
    return short_digest(all);
}

std::string to_text(const RememberedCheck& check) {
    std::string text(testsuites::name(check.outcome));
    if (!check.printed.empty()) text += " " + check.printed;
    for (const std::string& line : check.earlier) text += " =" + line;
    for (const std::string& line : check.history) text += " +" + line;
    return text;
}

RememberedCheck from_text(const std::string& text) {
    std::istringstream words(text);
    std::string word;
    words >> word;
    RememberedCheck check{testsuites::outcome_from(word)};
    while (words >> word) {
        const bool history = word.starts_with('+'), earlier = word.starts_with('=');
        const std::string digest = history || earlier ? word.substr(1) : word;
        const bool valid = digest.size() == digits &&
                           digest.find_first_not_of("0123456789abcdef") == std::string::npos;
        if (!valid || (!history && !earlier && !check.printed.empty()))
            throw Error(ErrorCode::invalid,
                        "'" + text.substr(0, 100) + "' is no check of a baseline");
        if (history) check.history.insert(digest);
        else if (earlier) check.earlier.insert(digest);
        else check.printed = digest;
    }
    return check;
}

}  // namespace

std::string key_of(const CheckResult& check) { return check.suite + "/" + check.name; }

bool RememberedCheck::prints_the_same(const CheckResult& now) const {
    return printed_digest(now) == printed;
}

std::optional<std::string> RememberedCheck::first_new_line(const CheckResult& now) const {
    const auto found =
        std::find_if(now.lines.begin(), now.lines.end(), [&](const std::string& line) {
            return !history.contains(short_digest(line)) &&
                   !earlier.contains(digest_without_numbers(line));
        });
    return found == now.lines.end() ? std::nullopt : std::optional(*found);
}

bool RememberedCheck::knows_all_of(const CheckResult& now) const {
    return !now.lines.empty() && !first_new_line(now);
}

void Baseline::remember_history(const std::vector<CheckResult>& seen,
                                const std::set<std::string>& over_the_past) {
    for (const CheckResult& check : seen)
        if (const auto found = checks.find(key_of(check));
            found != checks.end() && over_the_past.contains(found->first))
            for (const std::string& line : check.lines)
                found->second.history.insert(short_digest(line));
}

Baseline Baseline::without_history() const {
    Baseline strict = *this;
    for (auto& [key, check] : strict.checks) check.history.clear();
    return strict;
}

std::string Baseline::unhealthy(const std::vector<CheckResult>& said) const {
    std::string text;
    for (const auto& [key, check] : checks) {
        const bool fails = check.outcome == Outcome::fail && check.earlier.empty();
        if (!fails && check.outcome != Outcome::unknown) continue;
        const auto result = std::find_if(said.begin(), said.end(), [&](const CheckResult& other) {
            return key_of(other) == key;
        });
        text += (text.empty() ? "" : ", ") + key + (fails ? " fails" : " is unknown") +
                " before the patch";
        if (result != said.end() && !result->detail.empty()) text += " (" + result->detail + ")";
    }
    return text;
}

Baseline baseline_of(const std::vector<CheckResult>& checks,
                     const std::set<std::string>& over_the_past) {
    Baseline baseline;
    for (const CheckResult& check : checks) {
        RememberedCheck& kept = baseline.checks[key_of(check)];
        kept = {check.outcome, printed_digest(check)};
        // of a list that was cut nobody can say what comes new
        if (check.outcome == Outcome::fail && over_the_past.contains(key_of(check)) &&
            check.lines.size() < testsuites::max_observed_lines)
            for (const std::string& line : check.lines)
                kept.earlier.insert(digest_without_numbers(line));
    }
    return baseline;
}

std::set<std::string> checks_over_the_past(const std::vector<testsuites::Suite>& suites) {
    static const std::set<std::string> over_the_past{"core-dumps", "kernel-errors",
                                                     "journal-errors"};
    std::set<std::string> keys;
    for (const testsuites::Suite& suite : suites)
        for (const testsuites::Check& check : suite.checks)
            if (const auto* builtin = std::get_if<testsuites::BuiltinCheck>(&check.body);
                builtin && over_the_past.contains(builtin->builtin))
                keys.insert(suite.name + "/" + check.name);
    return keys;
}

Json to_json(const Baseline& baseline) {
    Json json = Json::object();
    for (const auto& [key, check] : baseline.checks) json[key] = to_text(check);
    return json;
}

Baseline baseline_from_json(const Json& json) {
    Baseline baseline;
    for (const auto& [key, value] : json.items())
        baseline.checks[key] = from_text(value.get<std::string>());
    return baseline;
}

}  // namespace patchlab::assessment
