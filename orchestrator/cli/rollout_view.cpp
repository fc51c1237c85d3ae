// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/rollout_view.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>

#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

namespace {

constexpr std::size_t bar_width = 30;

/// In the order in which a bar shows them: what is good first, what is bad last.
struct Shown {
    const char* state;
    const char* sign;
    const char* colour;
};
constexpr std::array<Shown, 15> shown{{{"done", "#", "32"},
                                       {"not-needed", "=", "32"},
                                       {"testing", "t", "36"},
                                       {"installing", "i", "36"},
                                       {"following", "f", "36"},
                                       {"inspecting", "?", "36"},
                                       {"planned", ".", "2"},
                                       {"not-reached", " ", "2"},
                                       {"offline", "o", "33"},
                                       {"missed", "m", "33"},
                                       {"skipped", "s", "33"},
                                       {"backing-out", "<", "35"},
                                       {"backed-out", "b", "35"},
                                       {"failed", "x", "31"},
                                       {"back-out-failed", "!", "31"}}};

std::string text(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found == json.end() || !found->is_string() ? "" : one_line(found->get<std::string>());
}

std::string bar(const Json& counts, std::int64_t all, bool colours) {
    std::string line;
    std::size_t drawn = 0;
    std::int64_t before = 0;
    for (const Shown& one : shown) {
        const std::int64_t count = counts.value(one.state, std::int64_t{0});
        if (count == 0 || all == 0) continue;
        before += count;
        // a state that is there is seen, however few hosts it has
        const std::size_t end = std::min(
            bar_width,
            std::max(drawn + 1, static_cast<std::size_t>(static_cast<double>(before) /
                                                             static_cast<double>(all) * bar_width +
                                                         0.5)));
        std::string part;
        for (; drawn < end; ++drawn) part += one.sign;
        line += colours ? "\033[" + std::string(one.colour) + "m" + part + "\033[0m" : part;
    }
    return "[" + line + std::string(bar_width - drawn, ' ') + "]";
}

std::string counts_text(const Json& counts) {
    std::string line;
    for (const Shown& one : shown)
        if (const std::int64_t count = counts.value(one.state, std::int64_t{0}); count > 0)
            line += (line.empty() ? "" : ", ") + std::to_string(count) + " " + one.state;
    return line.empty() ? "no hosts" : line;
}

std::string ring_note(const Json& ring) {
    const std::string state = text(ring, "state");
    if (state == "soaking") return state + " until " + text(ring, "soak_until");
    if (state == "waiting-window") return state + " until " + text(ring, "detail");
    return state;
}

std::string coloured(const std::string& line, const char* colour, bool colours) {
    return colours ? "\033[" + std::string(colour) + "m" + line + "\033[0m" : line;
}

const char* colour_of(const std::string& state) {
    if (state == "finished") return "32";
    if (state == "halted" || state == "halting" || state == "aborted") return "31";
    return "1";
}

}  // namespace

std::vector<std::string> status_lines(const Json& status, bool colours, bool hosts) {
    std::vector<std::string> lines;
    const std::string state = text(status, "state"), reason = text(status, "reason");
    lines.push_back("rollout " + text(status, "id") + "  " +
                    coloured(state, colour_of(state), colours) +
                    (reason.empty() ? "" : ": " + reason));
    if (status.value("simulated", false))
        lines.push_back(
            coloured("SIMULATED: its hosts exist in a script alone, no real host is touched", "33",
                     colours));
    lines.push_back("entry " + text(status, "entry") + ", " + text(status, "name") + ", " +
                    std::to_string(status.at("hosts").get<std::int64_t>()) + " hosts, " +
                    std::to_string(status.at("failed").get<std::int64_t>()) + " failed of " +
                    std::to_string(status.at("may_fail").get<std::int64_t>()) + " that may");
    std::vector<std::vector<std::string>> table;
    std::size_t widest = 0;
    for (const Json& ring : status.at("rings"))
        widest = std::max(widest, display_width(text(ring, "name")));
    for (const Json& ring : status.at("rings")) {
        const std::string ring_name = text(ring, "name"), note = ring_note(ring);
        lines.push_back("  " + ring_name + std::string(widest - display_width(ring_name) + 2, ' ') +
                        bar(ring.at("counts"), ring.at("hosts").get<std::int64_t>(), colours) +
                        "  " + note + std::string(note.size() < 15 ? 15 - note.size() : 1, ' ') +
                        counts_text(ring.at("counts")));
    }
    const Json& named =
        hosts && status.contains("all_hosts") ? status.at("all_hosts") : status.at("attention");
    if (!named.empty()) lines.push_back("");
    for (const Json& host : named)
        table.push_back({text(host, "name"), text(host, "ring"), text(host, "state"),
                         cut_to_width(text(host, "detail"), 200)});
    for (const std::string& line : table_lines(table)) lines.push_back("  " + line);
    return lines;
}

void print_status(Context& context, const Json& status, bool hosts) {
    for (const std::string& line : status_lines(status, context.colours_on_stdout(), hosts))
        std::cout << line << "\n";
}

void print_plan(Context& context, const Json& document) {
    std::cout << "rollout '" << text(document, "name") << "' of entry " << text(document, "entry")
              << ": " << document.at("hosts").get<std::int64_t>() << " hosts, of which "
              << document.at("may_fail").get<std::int64_t>() << " may fail\n\n";
    std::vector<std::string> titles{"RING",   "HOSTS",       "CRITICALITY",
                                    "WINDOW", "COULD START", "SOAK"};
    const bool pull = document.at("mode") == "pull";
    if (pull) titles.push_back("CHANNEL");
    std::vector<std::vector<std::string>> rows;
    for (const Json& ring : document.at("rings")) {
        std::string levels;
        for (const auto& [level, count] : ring.at("criticality").items())
            levels += (levels.empty() ? "" : ", ") + std::to_string(count.get<std::int64_t>()) +
                      " " + level;
        const std::string start = text(ring, "first_start"), window = text(ring, "window");
        rows.push_back(
            {text(ring, "name"), std::to_string(ring.at("hosts").size()),
             levels.empty() ? "-" : levels, window.empty() ? "any time" : window,
             start.empty() ? "never" : start,
             std::to_string(static_cast<long>(ring.at("soak_seconds").get<double>())) + " s"});
        if (pull) rows.back().push_back(text(ring, "channel"));
    }
    print_table(context, titles, rows);
    if (!document.at("not_needed").empty())
        std::cout << "\nnot needed by " << document.at("not_needed").size() << " hosts\n";
    for (const Json& note : document.at("notes"))
        std::cout << "note: " << one_line(note.get<std::string>()) << "\n";
}

void print_rollouts(Context& context) {
    const Json document = context.invoke("rollout.list", Json::object());
    context.print(document, [&] {
        std::vector<std::vector<std::string>> rows;
        for (const Json& row : document.at("rollouts"))
            rows.push_back(
                {text(row, "id"),
                 text(row, "state") + (row.value("simulated", false) ? " (simulated)" : ""),
                 text(row, "name"), text(row, "entry"),
                 std::to_string(row.at("hosts").get<std::int64_t>()), text(row, "created"),
                 cut_to_width(text(row, "reason"), 80)});
        if (rows.empty())
            std::cout << "No rollouts. Start one with: patchlab rollout start FILE --entry ENTRY\n";
        else
            print_table(context, {"ROLLOUT", "STATE", "NAME", "ENTRY", "HOSTS", "STARTED", "WHY"},
                        rows);
    });
}

namespace {

/// Draws the status again whenever it changed. On anything but a terminal: one after the other.
/// Ctrl-C ends the program and not the rollout.
class DrawnStatus : public operations::NoEvents {
  public:
    DrawnStatus(bool colours, bool hosts) : colours_(colours), hosts_(hosts) {}
    void rollout_status(const Json& status) override {
        const std::vector<std::string> lines = status_lines(status, colours_, hosts_);
        std::string all;
        for (const std::string& line : lines) all += line + "\n";
        if (all == last_) return;
        if (terminal_ && drawn_ > 0) std::cout << "\033[" << drawn_ << "A\033[J";
        std::cout << all << (terminal_ ? "" : "\n") << std::flush;
        drawn_ = lines.size();
        last_ = std::move(all);
    }
    void warning(std::string_view text) override { std::cerr << one_line(text) << "\n"; }

  private:
    bool colours_, hosts_;
    bool terminal_ = ::isatty(STDOUT_FILENO) == 1;
    std::size_t drawn_ = 0;
    std::string last_;
};

void print_rollout_event(const operations::RolloutEvent& event) {
    std::cout << event.time << "  " << event.kind << (event.ring.empty() ? "" : "  " + event.ring)
              << (event.host.empty() ? "" : "  " + one_line(event.host))
              << (event.text.empty() ? "" : ": " + one_line(event.text)) << std::endl;
}

/// The log as it grows. Ctrl-C ends the program and not the rollout.
class GrowingRolloutLog : public operations::NoEvents {
  public:
    void rollout_event(const operations::RolloutEvent& event) override {
        print_rollout_event(event);
    }
};

}  // namespace

void watch_rollout(Context& context, const Json& request, bool hosts) {
    DrawnStatus drawn(context.colours_on_stdout(), hosts);
    context.invoke("rollout.watch", request, drawn);
}

void print_rollout_log(Context& context, const std::string& id, bool follow) {
    if (follow) {
        GrowingRolloutLog log;
        context.invoke("rollout.follow", {{"rollout", id}}, log);
        return;
    }
    std::int64_t last = 0;
    while (true) {
        const Json document = context.invoke("rollout.log", {{"rollout", id}, {"after", last}});
        const JsonReader log(document, "log");
        for (const JsonReader& event : log.objects("events"))
            print_rollout_event({id, event.string("time"), event.string("kind"),
                                 event.string("ring"), event.string("host"), event.string("text")});
        if (log.raw("events").empty()) return;  // a long log comes in several pieces
        last = log.integer("last");
    }
}

}  // namespace patchlab::cli
