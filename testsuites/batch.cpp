// SPDX-License-Identifier: Apache-2.0
#include "testsuites/batch.hpp"

#include <charconv>
#include <cmath>
#include <map>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "suite_files.hpp"
#include "testsuites/adapters/report.hpp"
#include "testsuites/guest_text.hpp"

namespace patchlab::testsuites {

namespace {

constexpr std::size_t max_report_bytes = 1U << 20;

/// A line of the answer, its fields checked and decoded, not yet tied to a check.
struct Answer {
    Outcome outcome = Outcome::unknown;
    int attempts = 1;
    double seconds = 0;
    std::vector<double> samples, memory, handles;
    std::string detail, lines, report;
    std::optional<int> exit;
    bool truncated = false;
};

std::vector<std::string_view> fields_of(std::string_view line) {
    std::vector<std::string_view> out;
    for (std::size_t at = 0; at <= line.size();) {
        const std::size_t end = std::min(line.find(' ', at), line.size());
        out.push_back(line.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

template <typename Number>
Number number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        throw Error(ErrorCode::invalid, "not a number");
    return value;
}

double seconds(std::string_view text) {
    const double value = number<double>(text);
    if (!std::isfinite(value) || value < 0) throw Error(ErrorCode::invalid, "not a duration");
    return value;
}

std::string bytes(std::string_view text, std::size_t most) {
    if (text == "-") return {};
    if (text.size() > most / 3 * 4 + 8) throw Error(ErrorCode::invalid, "too long");
    return base64_decode(text);
}

/// At most 1000 numbers, none below zero.
std::vector<double> numbers(std::string_view text) {
    std::vector<double> found;
    for (std::string_view rest = text == "-" ? "" : text; !rest.empty();) {
        const std::size_t comma = rest.find(',');
        found.push_back(seconds(rest.substr(0, comma)));
        rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
        if (found.size() > 1000) throw Error(ErrorCode::invalid, "too many samples");
    }
    return found;
}

/// NONCE result INDEX OUTCOME ATTEMPTS SECONDS SAMPLES DETAIL LINES EXIT TRUNCATED REPORT MEMORY
/// HANDLES; throws Error(invalid) on anything else.
std::pair<std::size_t, Answer> read_answer(const std::vector<std::string_view>& fields) {
    if (fields.size() != 14) throw Error(ErrorCode::invalid, "wrong number of fields");
    Answer answer;
    answer.outcome = outcome_from(fields[3]);
    answer.attempts = number<int>(fields[4]);
    if (answer.attempts < 1 || answer.attempts > 1000)
        throw Error(ErrorCode::invalid, "impossible number of attempts");
    answer.seconds = seconds(fields[5]);
    answer.samples = numbers(fields[6]);
    answer.memory = numbers(fields[12]);
    answer.handles = numbers(fields[13]);
    answer.detail = bytes(fields[7], max_detail_bytes);
    answer.lines = bytes(fields[8], max_observed_lines * 400);
    if (fields[9] != "-") answer.exit = number<int>(fields[9]);
    if (fields[10] != "-" && fields[10] != "truncated")
        throw Error(ErrorCode::invalid, "unknown flag");
    answer.truncated = fields[10] == "truncated";
    answer.report = bytes(fields[11], max_report_bytes);
    return {number<std::size_t>(fields[2]), answer};
}

/// The answers of a batch by index, and those that nothing may be made of, with the reason.
struct Answers {
    std::map<std::size_t, Answer> good;
    std::map<std::size_t, std::string> bad;

    explicit Answers(const std::string& nonce, std::string_view text, std::size_t count) {
        while (!text.empty()) {
            const std::size_t end = text.find('\n');
            if (end == std::string_view::npos) return;  // cut within a line: not an answer
            take(fields_of(text.substr(0, end)), nonce, count);
            text.remove_prefix(end + 1);
        }
    }

  private:
    void take(const std::vector<std::string_view>& fields, const std::string& nonce,
              std::size_t count) {
        if (fields.size() < 3 || fields[0] != nonce || fields[1] != "result") return;
        std::size_t index = count;
        try {
            index = number<std::size_t>(fields[2]);
            if (index >= count) return;
            const bool fresh = good.try_emplace(index, read_answer(fields).second).second;
            if (!fresh) bad[index] = "the guest answered twice for this check";
        } catch (const Error& error) {
            if (index < count) bad[index] = "the guest's answer cannot be read: " + error.message();
        }
    }
};

CheckResult from_answer(const std::string& suite, const Check& check, const Answer& answer) {
    CheckResult result;
    result.suite = suite;
    result.name = check.name;
    result.outcome = answer.outcome;
    result.detail = guest_text(answer.detail);
    if (result.detail.empty() && answer.outcome != Outcome::pass)
        result.detail = "no reason was given";
    result.seconds = answer.seconds;
    result.attempts = answer.attempts;
    result.samples = answer.samples;
    result.wanted_samples = check.samples;
    result.sampling_limit = check.timeout.count();
    result.memory_kib = answer.memory;
    result.handles = answer.handles;
    result.lines = guest_lines(answer.lines, max_observed_lines);
    const auto* const command = std::get_if<RunCheck>(&check.body);
    result.unchanged = command != nullptr && command->unchanged;
    return result;
}

/// A report-giving check: its own result and one for each test of the report. Without a report the
/// answer stands as it is.
std::vector<CheckResult> from_report(const std::string& suite, const Check& check,
                                     const AdapterCheck& adapter, const Answer& answer) {
    CheckResult whole = from_answer(suite, check, answer);
    if (answer.outcome != Outcome::pass) return {whole};
    const CommandOutput output{answer.report, answer.exit.value_or(-1), answer.truncated,
                               whole.detail};
    return adapters::results_of(adapter.format, output, whole);
}

/// The services that a suite expects to run: what is measured beside its samples.
std::vector<std::string> services_of(const Suite& suite) {
    std::vector<std::string> units;
    for (const Check& check : suite.checks)
        if (const auto* const service = std::get_if<ServiceCheck>(&check.body)) {
            units.push_back(service->unit);
            units.insert(units.end(), service->others.begin(), service->others.end());
        }
    return units;
}

}  // namespace

std::string compile_batch(const std::vector<Suite>& suites, const std::string& nonce) {
    std::string program;
    for (const char* part : {"process.pl", "checks.pl", "observe.pl", "driver.pl"})
        program += embedded::suite_files::file(part);
    program += "__END__\n" + nonce + "\n";
    std::size_t index = 0;
    for (const Suite& suite : suites) {
        const std::vector<std::string> services = services_of(suite);
        for (const Check& check : suite.checks) program += plan_line(index++, check, services);
    }
    return program;
}

std::vector<CheckResult> parse_batch(const std::vector<Suite>& suites, const std::string& nonce,
                                     std::string_view answer, const std::string& why_missing) {
    std::size_t count = 0;
    for (const Suite& suite : suites) count += suite.checks.size();
    const Answers answers(nonce, answer, count);
    std::vector<CheckResult> results;
    std::size_t index = 0;
    for (const Suite& suite : suites) {
        for (const Check& check : suite.checks) {
            const auto bad = answers.bad.find(index);
            const auto good = answers.good.find(index++);
            if (bad != answers.bad.end()) {
                results.push_back({suite.name, check.name, Outcome::unknown, bad->second});
            } else if (good == answers.good.end()) {
                results.push_back(
                    {suite.name, check.name, Outcome::unknown,
                     why_missing.empty() ? "no answer" : "no answer: " + why_missing});
            } else if (const auto* adapter = std::get_if<AdapterCheck>(&check.body)) {
                for (CheckResult& each : from_report(suite.name, check, *adapter, good->second))
                    results.push_back(std::move(each));
            } else {
                results.push_back(from_answer(suite.name, check, good->second));
            }
        }
    }
    return results;
}

std::vector<CheckResult> all_unknown(const std::vector<Suite>& suites, const std::string& why) {
    std::vector<CheckResult> results;
    for (const Suite& suite : suites)
        for (const Check& check : suite.checks)
            results.push_back({suite.name, check.name, Outcome::unknown, why});
    return results;
}

Seconds longest_run(const std::vector<Suite>& suites) {
    constexpr Seconds to_end_a_group{6};
    Seconds total{30};  // starting perl on a busy, emulated machine
    for (const Suite& suite : suites)
        for (const Check& check : suite.checks) {
            const int attempts = 1 + check.retries;
            total +=
                (check.timeout + to_end_a_group) * attempts + check.retry_delay * check.retries;
            if (check.samples > 0) total += check.timeout + to_end_a_group;
        }
    return total;
}

std::size_t longest_answer(const std::vector<Suite>& suites) {
    std::size_t total = 4096;
    for (const Suite& suite : suites)
        for (const Check& check : suite.checks) {
            total += 256 + max_detail_bytes * 2 + static_cast<std::size_t>(check.samples) * 36;
            const auto* const command = std::get_if<RunCheck>(&check.body);
            if (std::holds_alternative<BuiltinCheck>(check.body) || (command && command->unchanged))
                total += max_observed_lines * 600;
            if (std::holds_alternative<AdapterCheck>(check.body))
                total += max_report_bytes / 3 * 4 + 16;
        }
    return total;
}

namespace {

constexpr int exit_without_perl = 97;  // run_perl.sh

guest::GuestCommand command_for(const std::vector<Suite>& suites, const std::string& nonce) {
    guest::GuestCommand command;
    command.argv = guest::shell_words(embedded::suite_files::file("run_perl.sh"), {});
    command.input = compile_batch(suites, nonce);
    command.deadline = longest_run(suites);
    command.max_output = longest_answer(suites);
    return command;
}

/// Why a check has no line in the answer.
std::string why_missing(const guest::GuestResult& result) {
    if (result.exit_code == exit_without_perl) return "there is no perl in the guest";
    if (result.timed_out) return "the checks were not done in time";
    if (result.signal != 0)
        return "the program that runs the checks was ended by signal " +
               std::to_string(result.signal);
    if (result.exit_code != 0)
        return "the program that runs the checks failed with exit " +
               std::to_string(result.exit_code) + ": " + guest_text(result.err, 500);
    return result.truncated ? "the answer was too long" : "";
}

}  // namespace

std::vector<CheckResult> run_suites(guest::GuestChannel& channel,
                                    const std::vector<Suite>& suites) {
    if (all_unknown(suites, "").empty()) return {};
    const std::string nonce = random_hex(16);
    const guest::GuestResult result = channel.run(command_for(suites, nonce));
    return parse_batch(suites, nonce, result.out, why_missing(result));
}

}  // namespace patchlab::testsuites
