// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/run/attempts.hpp"

#include <algorithm>
#include <charconv>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab::pipeline {

namespace {

constexpr std::string_view attempt_schema = "patchlab/attempt/v1";

fs::path attempts_folder(const RunFolder& run) { return run.root() / "attempts"; }

fs::path attempt_file(const RunFolder& run, int number) {
    return attempts_folder(run) / (std::to_string(number) + ".json");
}

std::string_view name_of(Presence presence) {
    switch (presence) {
        case Presence::gone: return "ended";
        case Presence::waiting: return "waiting";
        case Presence::working: return "working";
    }
    return "";
}

Presence presence_from(const JsonReader& in) {
    const std::string word = in.string("state");
    for (const Presence presence : {Presence::gone, Presence::waiting, Presence::working})
        if (word == name_of(presence)) return presence;
    throw Error(ErrorCode::invalid, "an attempt has no state '" + word + "'");
}

std::string_view name_of(AttemptEnd end) {
    switch (end) {
        case AttemptEnd::none: return "";
        case AttemptEnd::delivered: return "delivered";
        case AttemptEnd::cancelled: return "cancelled";
        case AttemptEnd::refused: return "refused";
        case AttemptEnd::lost: return "lost";
        case AttemptEnd::called_back: return "called back";
    }
    return "";
}

/// "lost: WHY", as end_text() writes it.
void read_end(const std::string& text, Attempt& attempt) {
    const auto colon = text.find(": ");
    const std::string word = text.substr(0, colon);
    if (colon != std::string::npos) attempt.why = text.substr(colon + 2);
    for (const AttemptEnd end : {AttemptEnd::none, AttemptEnd::delivered, AttemptEnd::cancelled,
                                 AttemptEnd::refused, AttemptEnd::lost, AttemptEnd::called_back}) {
        if (word != name_of(end)) continue;
        attempt.end = end;
        return;
    }
    attempt.end = AttemptEnd::lost;  // in other words: it did not deliver
    attempt.why = text;
}

/// The numbers that have a file, in order.
std::vector<int> numbers_of(const RunFolder& run) {
    std::vector<int> numbers;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(attempts_folder(run), none)) {
        const std::string name = entry.path().filename().string();
        const char* end = name.data() + name.size();
        int number = 0;
        const auto [rest, error] = std::from_chars(name.data(), end, number);
        if (error == std::errc() && std::string_view(rest, end) == ".json")
            numbers.push_back(number);
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

Attempt read_attempt(const RunFolder& run, int number) {
    const fs::path file = attempt_file(run, number);
    const Json json = parse_json(read_file(file, 64U << 10), file.string());
    const JsonReader in(json, file.string());
    in.expect_schema(attempt_schema);
    Attempt attempt;
    attempt.number = number;
    attempt.queue = in.string("queue");
    attempt.token = in.string("token");
    attempt.job = in.string_or("job", "");
    attempt.node = in.string_or("node", "");
    attempt.presence = presence_from(in);
    attempt.reason = in.string_or("reason", "");
    attempt.submitted = in.string("submitted");
    attempt.began = in.string_or("began", "");
    attempt.ended = in.string_or("ended", "");
    read_end(in.string_or("end", ""), attempt);
    return attempt;
}

}  // namespace

std::string end_text(const Attempt& attempt) {
    return std::string(name_of(attempt.end)) + (attempt.why.empty() ? "" : ": " + attempt.why);
}

std::vector<Attempt> read_attempts(const RunFolder& run) {
    std::vector<Attempt> attempts;
    for (const int number : numbers_of(run)) attempts.push_back(read_attempt(run, number));
    return attempts;
}

std::optional<Attempt> newest_attempt_of_queue(const RunFolder& run) {
    const std::vector<int> numbers = numbers_of(run);
    if (numbers.empty()) return std::nullopt;
    return read_attempt(run, numbers.back());
}

void write_attempt(const RunFolder& run, const Attempt& attempt) {
    make_folder(attempts_folder(run), 0710);
    write_json(attempt_file(run, attempt.number),
               {{"schema", attempt_schema},
                {"attempt", attempt.number},
                {"queue", attempt.queue},
                {"token", attempt.token},
                {"job", patchlab::text_or_null(attempt.job)},
                {"node", patchlab::text_or_null(attempt.node)},
                {"state", name_of(attempt.presence)},
                {"reason", patchlab::text_or_null(attempt.reason)},
                {"submitted", attempt.submitted},
                {"began", patchlab::text_or_null(attempt.began)},
                {"ended", patchlab::text_or_null(attempt.ended)},
                {"end", patchlab::text_or_null(end_text(attempt))}});
}

FileLock lock_attempts(const RunFolder& run) {
    make_folder(attempts_folder(run), 0710);
    return FileLock::acquire(attempts_folder(run) / "lock");
}

std::optional<FileLock> try_lock_attempts(const RunFolder& run) {
    make_folder(attempts_folder(run), 0710);
    return FileLock::try_acquire(attempts_folder(run) / "lock");
}

std::string why_superseded(const RunFolder& run, int attempt) {
    const std::string mine = "attempt " + std::to_string(attempt) + " of run " + run.id();
    const RunState state = run.load();
    if (is_over(state.progress))
        return "run " + run.id() + " is " + std::string(name(state.progress)) + " already";
    const auto newest = newest_attempt_of_queue(run);
    if (!newest) return mine + " was never submitted";
    if (newest->number != attempt)
        return mine + " does not count: the newest is " + std::to_string(newest->number);
    if (newest->presence == Presence::gone)
        return mine + " was taken for lost" + (newest->why.empty() ? "" : ": " + newest->why);
    return {};
}

bool may_report(const RunFolder& run, int attempt) {
    return why_superseded(run, attempt).empty() && !fs::exists(run.cancel_mark());
}

bool is_with_a_scheduler(const RunFolder& run) {
    const auto newest = newest_attempt_of_queue(run);
    return newest && newest->presence != Presence::gone;
}

}  // namespace patchlab::pipeline
