// SPDX-License-Identifier: Apache-2.0
//
// A position as text: "1~a17~r230~n20261130-0012~20261130-0011.4096", the runs without their "r-".
#include "orchestrator/operations/event_stream.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <functional>

#include "orchestrator/operations/uniform.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "platform/core/error.hpp"

namespace patchlab::operations {

namespace {

constexpr std::size_t most_new_runs = 64, most_run_bytes = 256U << 10, longest_position = 16'384;
constexpr std::string_view run_prefix = "r-";
constexpr const char* no_position = "this is no position in the stream of events";
constexpr const char* beginning_of_time = "1970-01-01T00:00:00Z";

/// An event that waits for its place: what it says, and how the position moves past it.
struct PendingEvent {
    std::string time;
    Json document;
    std::function<void(StreamPosition&)> pass;
};

bool is_run_id(const std::string& text) {
    return text.starts_with(run_prefix) && text.size() <= 40 &&
           text.find_first_not_of("0123456789-", run_prefix.size()) == std::string::npos;
}

std::int64_t number_in(std::string_view text) {
    std::int64_t value = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0)
        throw Error(ErrorCode::invalid, no_position);
    return value;
}

void read_part(StreamPosition& position, std::string_view part) {
    const std::string_view rest = part.substr(std::min<std::size_t>(1, part.size()));
    const std::size_t dot = part.find('.');
    if (part.starts_with('a')) position.audit = number_in(rest);
    else if (part.starts_with('r')) position.rollout = number_in(rest);
    else if (part.starts_with('n'))
        position.newest_run = std::string(run_prefix) + std::string(rest);
    else if (dot != std::string_view::npos)
        position.open[std::string(run_prefix) + std::string(part.substr(0, dot))] =
            static_cast<std::uint64_t>(number_in(part.substr(dot + 1)));
    else throw Error(ErrorCode::invalid, no_position);
}

/// Collects what each source has behind the position, and where the order is known to be whole.
class Gathering {
  public:
    Gathering(Session& session, StreamPosition& position, std::size_t at_most)
        : session_(session), position_(position), most_(at_most) {}

    std::vector<PendingEvent> gather() {
        gather_audit();
        gather_rollouts();
        gather_runs();
        std::stable_sort(events_.begin(), events_.end(),
                         [](const auto& a, const auto& b) { return a.time < b.time; });
        // a source of which there is more may still have events of before the others' later ones
        const auto late = [&](const PendingEvent& event) {
            return !horizon_.empty() && event.time > horizon_;
        };
        if (!events_.empty() && !late(events_.front())) std::erase_if(events_, late);
        return std::move(events_);
    }

  private:
    /// `last`: the newest time of this source so far; its own order stands whatever its clock did.
    void add(std::string& last, std::string time, Json document,
             std::function<void(StreamPosition&)> pass) {
        last = std::max(last, std::move(time));
        events_.push_back({last, std::move(document), std::move(pass)});
    }

    void there_is_more_after(const std::string& time) {
        if (horizon_.empty() || time < horizon_) horizon_ = time;
    }

    void gather_audit() {
        std::string last = beginning_of_time;
        std::size_t rows = 0;
        for (const store::Row& row : session_.database().query(
                 "SELECT seq, time, user, action, subject, detail FROM governance_audit WHERE seq "
                 "> ? ORDER BY seq LIMIT ?",
                 {position_.audit, static_cast<std::int64_t>(most_)})) {
            const std::string action = row.text("action");
            const Json detail = parse_json(row.text("detail"), "the audit trail", 1U << 20);
            const bool decision = action == "approve" || action == "reject" || action == "waive";
            add(last, row.text("time"),
                {{"kind", decision ? "decision" : "audit"},
                 {"subject", row.text("subject")},
                 {"action", action},
                 {"user", row.text("user")},
                 {"text", row.text("user") + ": " + action + " " + row.text("subject")},
                 {"detail", detail.is_object() ? detail : Json::object()}},
                [seq = row.integer("seq")](StreamPosition& at) { at.audit = seq; });
            ++rows;
        }
        if (rows == most_) there_is_more_after(last);
    }

    void gather_rollouts() {
        std::string last = beginning_of_time;
        std::size_t rows = 0;
        for (const store::Row& row : session_.database().query(
                 "SELECT e.sequence, e.time, e.kind, e.ring, e.host, e.text, r.id FROM "
                 "rollout_events e JOIN rollouts r ON r.key = e.rollout WHERE e.sequence > ? ORDER "
                 "BY e.sequence LIMIT ?",
                 {position_.rollout, static_cast<std::int64_t>(most_)})) {
            add(last, row.text("time"),
                {{"kind", "rollout"},
                 {"subject", row.text("id")},
                 {"action", row.text("kind")},
                 {"ring", row.text("ring")},
                 {"host", row.text("host")},
                 {"text", row.text("text")}},
                [sequence = row.integer("sequence")](StreamPosition& at) {
                    at.rollout = sequence;
                });
            ++rows;
        }
        if (rows == most_) there_is_more_after(last);
    }

    void gather_runs() {
        std::size_t room = most_new_runs - std::min(most_new_runs, position_.open.size());
        for (const store::Row& row : session_.database().query(
                 "SELECT id, requested FROM runs WHERE id > ? ORDER BY id LIMIT ?",
                 {position_.newest_run, static_cast<std::int64_t>(room) + 1})) {
            if (room == 0) {
                there_is_more_after(row.text("requested"));
                break;
            }
            --room;
            position_.newest_run = row.text("id");
            position_.open[position_.newest_run] = 0;
        }
        const std::map<std::string, std::uint64_t> open = position_.open;
        for (const auto& [run, from] : open) gather_run(run, from);
    }

    void gather_run(const std::string& run, std::uint64_t from) {
        const pipeline::RunFolder folder(session_.state() / "runs" / run);
        const bool over = is_over(folder);  // asked before its log is read: then nothing is missed
        const std::string text = piece_of(folder.events(), from);
        std::string last = beginning_of_time;
        if (text.size() == most_run_bytes && text.find('\n') == std::string::npos) {
            pass_long_line(run, folder.events(), from + text.size(), over);
            return;
        }
        std::size_t at = 0, lines = 0;
        for (std::size_t end = text.find('\n'); end != std::string::npos && lines < most_;
             end = text.find('\n', at), ++lines) {
            add_line(last, run, text.substr(at, end - at), from + end + 1);
            at = end + 1;
        }
        const bool more = at < text.size() && text.find('\n', at) != std::string::npos;
        if (more || text.size() == most_run_bytes) there_is_more_after(last);
        else if (over && lines == 0) position_.open.erase(run);
    }

    /// Of a line that no event can hold stands only that it is there. One that goes on still has to
    /// wait, as a short one does. Its end is looked for from `at` on.
    void pass_long_line(const std::string& run, const fs::path& file, std::uint64_t at, bool over) {
        std::string text = piece_of(file, at);
        while (!text.empty() && text.find('\n') == std::string::npos) {
            at += text.size();
            text = piece_of(file, at);
        }
        if (text.empty() && !over) return;
        std::string last = beginning_of_time;
        const std::uint64_t behind = text.empty() ? at : at + text.find('\n') + 1;
        add(last, last,
            {{"kind", "run"},
             {"subject", run},
             {"action", "note"},
             {"text", "a line of its log is too long to be shown"}},
            [run, behind](StreamPosition& position) { position.open[run] = behind; });
        there_is_more_after(last);
    }

    void add_line(std::string& last, const std::string& run, const std::string& line,
                  std::uint64_t behind) {
        Json event{{"kind", "run"}, {"subject", run}, {"action", "note"}, {"text", ""}};
        std::string time = last;
        try {
            const Json said = parse_json(line, "an event", most_run_bytes);
            const JsonReader in(said, "an event");
            time = in.string("time");
            event["action"] = in.string("stage");
            event["text"] = in.string("text");
            event["level"] = in.string_or("level", "info");
        } catch (const Error&) {
            event["text"] = "a line of its log cannot be read";
        }
        add(last, time, std::move(event),
            [run, behind](StreamPosition& at) { at.open[run] = behind; });
    }

    static bool is_over(const pipeline::RunFolder& folder) {
        try {
            return pipeline::is_over(folder.load().progress);
        } catch (const Error& error) {
            return error.code() == ErrorCode::not_found;  // it was removed
        }
    }

    static std::string piece_of(const fs::path& file, std::uint64_t from) {
        std::ifstream in(file, std::ios::binary);
        in.seekg(static_cast<std::streamoff>(from));
        if (!in) return {};
        std::string text(most_run_bytes, '\0');
        in.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(in.gcount()));
        return text;
    }

    Session& session_;
    StreamPosition& position_;
    std::size_t most_;
    std::vector<PendingEvent> events_;
    std::string horizon_;  ///< what is later than this has to wait; empty: nothing has
};

/// Where the last whole line of a file ends: what is half written comes when it is whole.
std::uint64_t behind_last_line(const fs::path& file) {
    std::ifstream in(file, std::ios::binary | std::ios::ate);
    const std::streamoff size = in ? static_cast<std::streamoff>(in.tellg()) : 0;
    std::string text;
    for (std::streamoff end = size; end > 0; end -= static_cast<std::streamoff>(text.size())) {
        text.resize(static_cast<std::size_t>(std::min<std::streamoff>(end, most_run_bytes)));
        in.seekg(end - static_cast<std::streamoff>(text.size()));
        if (!in.read(text.data(), static_cast<std::streamsize>(text.size()))) return 0;
        const auto newline = text.rfind('\n');
        if (newline != std::string::npos)
            return static_cast<std::uint64_t>(end) - text.size() + newline + 1;
    }
    return 0;
}

}  // namespace

std::string to_text(const StreamPosition& position) {
    std::string text =
        "1~a" + std::to_string(position.audit) + "~r" + std::to_string(position.rollout);
    if (!position.newest_run.empty()) text += "~n" + position.newest_run.substr(run_prefix.size());
    for (const auto& [run, bytes] : position.open)
        text += "~" + run.substr(run_prefix.size()) + "." + std::to_string(bytes);
    return text;
}

StreamPosition position_from(const std::string& text) {
    StreamPosition position;
    if (text.size() > longest_position || !(text == "1" || text.starts_with("1~")))
        throw Error(ErrorCode::invalid, no_position, "give the id of an event, or nothing");
    for (std::size_t at = 2; at < text.size();) {
        const std::size_t end = std::min(text.find('~', at), text.size());
        read_part(position, std::string_view(text).substr(at, end - at));
        at = end + 1;
    }
    bool good = position.newest_run.empty() || is_run_id(position.newest_run);
    for (const auto& [run, bytes] : position.open) good = good && is_run_id(run);
    if (!good || position.open.size() > 4 * most_new_runs)
        throw Error(ErrorCode::invalid, no_position);
    return position;
}

std::vector<Json> EventStream::read(std::size_t at_most) {
    std::vector<PendingEvent> pending = Gathering(session_, position_, at_most).gather();
    if (pending.size() > at_most) pending.resize(at_most);
    std::vector<Json> events;
    for (PendingEvent& event : pending) {
        event.pass(position_);
        Json document{{"id", to_text(position_)}, {"time", event.time}};
        document.update(event.document);
        add_uniform_names(document);
        events.push_back(std::move(document));
    }
    return events;
}

void EventStream::skip_to_now() {
    position_ = {};
    const auto newest = [&](const char* sql) {
        return session_.database().query_one(sql)->integer("newest");
    };
    position_.audit = newest("SELECT coalesce(max(seq), 0) AS newest FROM governance_audit");
    position_.rollout = newest("SELECT coalesce(max(sequence), 0) AS newest FROM rollout_events");
    for (const store::Row& row : session_.database().query("SELECT max(id) AS id FROM runs"))
        position_.newest_run = row.text_or_null("id").value_or("");
    for (const store::Row& row : session_.database().query(
             "SELECT id FROM runs WHERE progress NOT IN ('finished', 'cancelled') ORDER BY id DESC "
             "LIMIT ?",
             {static_cast<std::int64_t>(most_new_runs)})) {
        const std::string run = row.text("id");
        position_.open[run] =
            behind_last_line(pipeline::RunFolder(session_.state() / "runs" / run).events());
    }
}

}  // namespace patchlab::operations
