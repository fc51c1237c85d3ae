// SPDX-License-Identifier: Apache-2.0
#include "snapshots/capture_parse.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "platform/core/digest.hpp"
#include "platform/core/text.hpp"

namespace patchlab::snapshots {
namespace {

constexpr std::size_t max_records = 200'000;
constexpr std::size_t max_facts_of_class = 20'000;
constexpr std::size_t max_subject = 1000;    // bytes, as the script promises
constexpr std::size_t max_value = 4U << 20;  // bytes on the wire
constexpr std::size_t shown_value = 1024;    // bytes kept of a plain value
constexpr std::size_t max_lines = 500;

struct Record {
    char kind = '?';
    std::string_view name;
    std::string_view subject;
    std::string_view value;
};

/// Cuts records off the front of the text.
class Records {
  public:
    explicit Records(std::string_view text) : text_(text) {}

    std::string_view line() {
        const std::size_t end = text_.find('\n');
        if (end == std::string_view::npos)
            throw Error(ErrorCode::invalid, "the answer was cut off");
        const std::string_view line = text_.substr(0, end);
        text_.remove_prefix(end + 1);
        return line;
    }

    std::string_view bytes(std::size_t count) {
        if (count > text_.size()) throw Error(ErrorCode::invalid, "the answer was cut off");
        const std::string_view taken = text_.substr(0, count);
        text_.remove_prefix(count);
        return taken;
    }

    void newline() {
        if (bytes(1) != "\n") throw Error(ErrorCode::invalid, "a record is not as long as it says");
    }

  private:
    std::string_view text_;
};

std::vector<std::string_view> words(std::string_view line) {
    std::vector<std::string_view> out;
    while (out.size() < 5) {
        const std::size_t space = line.find(' ');
        out.push_back(line.substr(0, space));
        if (space == std::string_view::npos) break;
        line.remove_prefix(space + 1);
    }
    return out;
}

std::size_t number(std::string_view text, std::size_t max) {
    std::size_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || problem != std::errc() || end != text.data() + text.size()) {
        throw Error(ErrorCode::invalid, "a length is not a number");
    }
    if (value > max) throw Error(ErrorCode::invalid, "a record is too long");
    return value;
}

Record next(Records& records, std::string_view header) {
    const auto head = words(header);
    if (head.size() != 4 || head[0].size() != 1)
        throw Error(ErrorCode::invalid, "a record has a malformed head");
    Record record;
    record.kind = head[0][0];
    record.name = head[1];
    record.subject = records.bytes(number(head[2], max_subject));
    record.value = records.bytes(number(head[3], max_value));
    records.newline();
    return record;
}

class Parser {
  public:
    Parser(std::string_view output, std::string_view nonce) : records_(output), nonce_(nonce) {}

    Capture parse() {
        std::string problem;
        try {
            read_all();
        } catch (const Error& error) {
            problem = error.message();
        }
        if (problem.empty()) problem = "the script gave no answer";
        for (const ChangeClass c : live_classes()) {
            if (done_.contains(name(c)) || capture_.unreadable.contains(c)) continue;
            capture_.facts.erase(c);
            capture_.unreadable[c] = problem;
        }
        for (auto& [list, lines] : lists_) {
            if (!done_.contains(list) && !capture_.health.unreadable.contains(list))
                capture_.health.unreadable[list] = problem;
        }
        if (const auto kernel = capture_.facts.find(ChangeClass::kernel);
            kernel != capture_.facts.end()) {
            if (const auto release = kernel->second.find("release");
                release != kernel->second.end())
                capture_.kernel = release->second;
        }
        return std::move(capture_);
    }

  private:
    void read_all() {
        const auto head = words(records_.line());
        if (head.size() != 4 || head[0] != "patchlab-capture" || head[1] != "1" ||
            head[2] != nonce_) {
            throw Error(ErrorCode::invalid, "the answer is not that of the capture script");
        }
        capture_.boot_id = printable(head[3], 64);
        for (std::size_t count = 0;; ++count) {
            const std::string_view header = records_.line();
            if (header == "E " + std::string(nonce_) + " " + std::to_string(count)) return;
            if (count >= max_records)
                throw Error(ErrorCode::invalid, "the answer has too many records");
            take(next(records_, header));
        }
    }

    void take(const Record& record) {
        if (record.kind == 'M') return add_measure(record);
        if (record.kind == 'R') return add_entry(record);
        if (const auto list = lists_.find(record.name); list != lists_.end())
            return take_line(list->first, *list->second, record);
        const ChangeClass c = live_class(record.name);
        const std::string key(record.name);
        if (done_.contains(key) || capture_.unreadable.contains(c)) {
            throw Error(ErrorCode::invalid, "the class '" + key + "' goes on after its end");
        }
        switch (record.kind) {
            case 'F': return add_fact(c, record, printable(record.value, shown_value));
            case 'H': return add_fact(c, record, "sha256:" + sha256_hex(record.value));
            case 'U':
                capture_.facts.erase(c);
                capture_.unreadable[c] = printable(record.value, 300);
                return;
            case 'D':
                capture_.facts[c];  // read, perhaps without a single fact
                done_.insert(key);
                return;
            default: throw Error(ErrorCode::invalid, "a record is of no known kind");
        }
    }

    void add_measure(const Record& record) {
        constexpr std::size_t most_measures = 50;
        double value = 0;
        const auto [end, problem] =
            std::from_chars(record.value.data(), record.value.data() + record.value.size(), value);
        if (problem != std::errc() || end != record.value.data() + record.value.size() ||
            !std::isfinite(value) || value < 0)
            throw Error(ErrorCode::invalid, "a measure is not a number");
        if (capture_.measures.size() >= most_measures)
            throw Error(ErrorCode::invalid, "the answer has too many measures");
        capture_.measures[printable(record.subject, 64)] = value;
    }

    void add_entry(const Record& record) {
        constexpr std::size_t most_registries = 20, longest_entry = 4096;
        const std::string registry = printable(record.name, 64);
        if (!capture_.registries.contains(registry) &&
            capture_.registries.size() >= most_registries)
            throw Error(ErrorCode::invalid, "the answer has too many registries");
        auto& entries = capture_.registries[registry];
        if (record.subject.empty()) throw Error(ErrorCode::invalid, "an entry has no subject");
        if (entries.size() >= max_facts_of_class)
            throw Error(ErrorCode::invalid, "a registry has too many entries");
        entries[printable(record.subject, max_subject)] = printable(record.value, longest_entry);
    }

    void take_line(const std::string& list, std::vector<std::string>& lines, const Record& record) {
        if (record.kind == 'U') {
            capture_.health.unreadable[list] = printable(record.value, 300);
        } else if (record.kind == 'D') {
            done_.insert(list);
        } else if (record.kind == 'L') {
            if (lines.size() >= max_lines)
                throw Error(ErrorCode::invalid, "the list '" + list + "' is too long");
            lines.push_back(printable(record.value, max_subject));
        } else {
            throw Error(ErrorCode::invalid, "a record is of no known kind");
        }
    }

    void add_fact(ChangeClass c, const Record& record, std::string value) {
        auto& facts = capture_.facts[c];
        if (record.subject.empty()) throw Error(ErrorCode::invalid, "a fact has no subject");
        if (facts.size() >= max_facts_of_class)
            throw Error(ErrorCode::invalid, "a class has too many facts");
        if (!facts.emplace(printable(record.subject, max_subject), std::move(value)).second) {
            throw Error(ErrorCode::invalid, "a subject is given twice");
        }
    }

    static ChangeClass live_class(std::string_view text) {
        for (const ChangeClass c : live_classes()) {
            if (name(c) == text) return c;
        }
        throw Error(ErrorCode::invalid, "a record is of no known class");
    }

    Records records_;
    std::string_view nonce_;
    Capture capture_;
    std::set<std::string, std::less<>> done_;
    std::map<std::string, std::vector<std::string>*, std::less<>> lists_{
        {"failed-units", &capture_.health.failed_units},
        {"core-dumps", &capture_.health.core_dumps},
        {"kernel-errors", &capture_.health.kernel_errors},
        {"journal-errors", &capture_.health.journal_errors}};
};

}  // namespace

Capture parse_capture(std::string_view output, std::string_view nonce) {
    return Parser(output, nonce).parse();
}

}  // namespace patchlab::snapshots
