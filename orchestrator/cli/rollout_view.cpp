// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/run_view.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <iterator>
#include <sstream>

#include "orchestrator/cli/terminal.hpp"
#include "platform/core/json_text.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::cli {

namespace {

constexpr std::size_t bar_width = 30;

/// In the order in which a bar shows them: what is good first, what is bad last.
struct Shown {
    const char* state;
    const char* sign;
    Style style;
};
constexpr std::array<Shown, 15> hosts_shown{{{"done", "#", Style::good},
                                             {"not-needed", "=", Style::good},
                                             {"testing", "t", Style::busy},
                                             {"installing", "i", Style::busy},
                                             {"following", "f", Style::busy},
                                             {"inspecting", "?", Style::busy},
                                             {"planned", ".", Style::dim},
                                             {"not-reached", " ", Style::dim},
                                             {"offline", "o", Style::unsure},
                                             {"missed", "m", Style::unsure},
                                             {"skipped", "s", Style::unsure},
                                             {"backing-out", "<", Style::back},
                                             {"backed-out", "b", Style::back},
                                             {"failed", "x", Style::bad},
                                             {"back-out-failed", "!", Style::bad}}};

std::string text(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found == json.end() || !found->is_string() ? "" : one_line(found->get<std::string>());
}

void append(Line& line, Line more) {
    line.insert(line.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
}

Line bar(const Json& counts, std::int64_t all) {
    Line line{"["};
    std::size_t drawn = 0;
    std::int64_t before = 0;
    for (const Shown& one : hosts_shown) {
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
        line.emplace_back(part, one.style);
    }
    line.emplace_back(std::string(bar_width - drawn, ' ') + "]");
    return line;
}

std::string counts_text(const Json& counts) {
    std::string line;
    for (const Shown& one : hosts_shown)
        if (const std::int64_t count = counts.value(one.state, std::int64_t{0}); count > 0)
            line += (line.empty() ? "" : ", ") + std::to_string(count) + " " + one.state;
    return line.empty() ? "no hosts" : line;
}

/// Of a ring that a rollout which is over never reached, nothing is awaited any more.
std::string ring_note(const Json& ring, bool over) {
    const std::string state = text(ring, "state");
    if (over && ring.at("counts").contains("backed-out")) return "taken back";
    if (over && state.starts_with("waiting")) return "not reached";
    if (state == "soaking") return state + " until " + text(ring, "soak_until");
    if (state == "waiting-window") return state + " until " + text(ring, "detail");
    return state;
}

Style style_of_state(const std::string& state) {
    if (state == "finished") return Style::good;
    if (state == "halted" || state == "halting" || state == "aborted") return Style::bad;
    return Style::bold;
}

/// "2 of 3 permitted failures".
std::string budget_text(const Json& status) {
    return std::to_string(status.at("failed").get<std::int64_t>()) + " of " +
           count_text(status.at("may_fail").get<std::int64_t>(), "permitted failure");
}

bool is_over(const std::string& state) {
    return state == "finished" || state == "halted" || state == "aborted" || state == "backed-out";
}

/// "# done   b backed-out": the signs that the bars use.
void add_legend(std::vector<Line>& lines, const Json& rings) {
    Line line{"  "};
    for (const Shown& one : hosts_shown) {
        const bool used = std::any_of(rings.begin(), rings.end(), [&](const Json& ring) {
            return ring.at("counts").value(one.state, std::int64_t{0}) > 0;
        });
        if (!used || one.sign == std::string(" ")) continue;
        if (line.size() > 1) line.emplace_back("   ");
        line.emplace_back(one.sign, one.style);
        line.emplace_back(" " + std::string(one.state));
    }
    if (line.size() > 1) lines.push_back(std::move(line));
}

void add_rings(std::vector<Line>& lines, const Json& rings, bool over) {
    std::size_t widest = 0;
    for (const Json& ring : rings) widest = std::max(widest, display_width(text(ring, "name")));
    for (const Json& ring : rings) {
        Line line{"  " + padded(text(ring, "name"), widest + 2)};
        append(line, bar(ring.at("counts"), ring.at("hosts").get<std::int64_t>()));
        line.emplace_back("  " + padded(ring_note(ring, over), 15) + " " +
                          counts_text(ring.at("counts")));
        lines.push_back(std::move(line));
    }
    add_legend(lines, rings);
}

/// What turned it from its way, and where it stands; not the hosts.
void add_head(std::vector<Line>& lines, const Json& status) {
    const std::string state = text(status, "state"), reason = text(status, "reason");
    lines.push_back({"rollout " + text(status, "id") + "  ",
                     {state, style_of_state(state)},
                     reason.empty() ? "" : ": " + reason});
    if (status.value("simulated", false))
        lines.push_back({{"SIMULATED: its hosts exist in a script alone, no real host is touched",
                          Style::unsure}});
    lines.push_back({"entry " + text(status, "entry") + ", " + text(status, "name") + ", " +
                     count_text(status.at("hosts").get<std::int64_t>(), "host") + ", " +
                     budget_text(status)});
    for (const Json& turn : status.value("history", Json::array()))
        if (text(turn, "text") != reason)
            lines.push_back(
                {text(turn, "time") + "  " + text(turn, "event") + ": " + text(turn, "text")});
}

/// Why a host is where it is, a reason a line.
std::vector<std::string> reasons(const Json& host) {
    std::vector<std::string> lines;
    for (const Json& line : host.value("reasons", Json::array()))
        lines.push_back(one_line(line.get<std::string>()));
    if (lines.empty()) lines.push_back(text(host, "detail"));
    return lines;
}

Rows host_rows(const Json& hosts) {
    Rows table;
    for (const Json& host : hosts) {
        bool first = true;
        for (const std::string& line : reasons(host)) {
            if (first)
                table.push_back(
                    {"  " + text(host, "name"), text(host, "ring"), text(host, "state"), line});
            else table.push_back({"", "", "", line});
            first = false;
        }
    }
    return table;
}

/// "nginx 1.22.1-9, openssl 3.0.11-1", of what is known.
std::string versions(const Json& packages) {
    if (!packages.is_object()) return "not known";
    std::string line;
    for (const auto& [name, version] : packages.items())
        line += (line.empty() ? "" : ", ") + one_line(name) + " " +
                one_line(version.get<std::string>());
    return line.empty() ? "none of them" : line;
}

void print_host(const Json& host) {
    const std::string state = text(host, "state");
    std::cout << text(host, "name") << "  " << text(host, "ring") << "  " << state << "\n"
              << labelled("  before", versions(host.at("before")), 12)
              << labelled("  after", versions(host.at("after")), 12);
    for (const std::string& line : reasons(host)) std::cout << labelled("  why", line, 12);
}

}  // namespace

std::vector<Line> status_lines(const Json& status, bool hosts) {
    std::vector<Line> lines;
    add_head(lines, status);
    add_rings(lines, status.at("rings"), is_over(text(status, "state")));
    const Json& named =
        hosts && status.contains("all_hosts") ? status.at("all_hosts") : status.at("attention");
    if (!named.empty()) lines.push_back({""});
    TableForm form;
    form.header = false;
    for (Line& line : table_lines({"HOST", "RING", "STATE", "WHY"}, host_rows(named), form))
        lines.push_back(std::move(line));
    return lines;
}

void print_status(const Json& status, bool hosts) {
    for (const Line& line : status_lines(status, hosts)) std::cout << line << "\n";
}

/// "rhea (root)": in whose name, and who typed it.
static std::string who(const Json& report) {
    const std::string user = text(report, "started_by"), os = text(report, "started_by_os_user");
    return os.empty() || os == user ? user : user + " (typed by " + os + ")";
}

void print_rollout_report(const Json& report) {
    std::vector<Line> lines;
    add_head(lines, report);
    for (const Line& line : lines) std::cout << line << "\n";
    std::string suites;
    for (const Json& suite : report.at("checks"))
        suites += (suites.empty() ? "" : ", ") + text(suite, "name") + " (" +
                  count_text(suite.at("checks").get<std::int64_t>(), "check") + ")";
    std::cout << labelled("started", text(report, "started_at") + " by " + who(report), 12);
    if (report.at("ended_at").is_string())
        std::cout << labelled("ended",
                              text(report, "ended_at") + ", after " +
                                  duration_text(report.at("seconds").get<double>()),
                              12);
    std::cout << labelled("checks", suites, 12)
              << labelled("evidence", text(report, "evidence_digest"), 12) << "\n";
    lines.clear();
    add_rings(lines, report.at("rings"), is_over(text(report, "state")));
    for (const Line& line : lines) std::cout << line << "\n";
    std::cout << "\n";
    for (const Json& host : report.at("all_hosts")) print_host(host);
    std::cout << "\ndefinition " << text(report, "definition_file") << "\n";
    std::istringstream definition(report.at("definition").get<std::string>());
    for (std::string line; std::getline(definition, line);)
        std::cout << "  " << one_line(line) << "\n";
}

/// "canary: web-1, web-2", a ring a line.
static void print_planned_hosts(const Json& rings) {
    std::cout << "\n";
    for (const Json& ring : rings) {
        std::vector<std::string> names;
        for (const Json& host : ring.at("hosts")) names.push_back(text(host, "name"));
        std::cout << text(ring, "name") << ": " << (names.empty() ? "no host" : joined(names))
                  << "\n";
    }
}

void print_plan(Context& context, const Json& document) {
    std::cout << "rollout '" << text(document, "name") << "' of entry " << text(document, "entry")
              << ": " << count_text(document.at("hosts").get<std::int64_t>(), "host")
              << ", of which " << document.at("may_fail").get<std::int64_t>() << " may fail\n\n";
    std::vector<Column> titles{"RING", "HOSTS", "CRITICALITY", "WINDOW", "COULD START", "SOAK"};
    const bool pull = document.at("mode") == "pull";
    if (pull) titles.emplace_back("CHANNEL");
    Rows rows;
    for (const Json& ring : document.at("rings")) {
        std::string levels;
        for (const auto& [level, count] : ring.at("criticality").items())
            levels += (levels.empty() ? "" : ", ") + std::to_string(count.get<std::int64_t>()) +
                      " " + level;
        const std::string start = text(ring, "first_start"), window = text(ring, "window");
        rows.push_back({text(ring, "name"), std::to_string(ring.at("hosts").size()),
                        levels.empty() ? "-" : levels, window.empty() ? "any time" : window,
                        start.empty() ? "never" : start,
                        whole_duration_text(ring.at("soak_seconds").get<double>())});
        if (pull) rows.back().push_back(text(ring, "channel"));
    }
    print_table(context, titles, rows);
    print_planned_hosts(document.at("rings"));
    if (!document.at("not_needed").empty())
        std::cout << "\nnot needed by " << count_text(document.at("not_needed").size(), "host")
                  << "\n";
    for (const Json& note : document.at("notes"))
        std::cout << "note: " << one_line(note.get<std::string>()) << "\n";
}

/// "halted", for the event that began it; empty for one that a reason tells already.
static std::string turn_word(const std::string& event) {
    if (event == "halting") return "halted";
    if (event == "aborting") return "aborted";
    return event == "backing-out" ? "went back" : "";
}

/// Why it is where it is; and, where it went another way first, when and why that was.
static std::string why_text(const Json& row) {
    const std::string reason = text(row, "reason");
    std::string turns;
    for (const Json& turn : row.value("history", Json::array())) {
        const std::string word = turn_word(text(turn, "event")), why = text(turn, "text");
        if (word.empty() || why == reason) continue;
        turns += (turns.empty() ? "" : "; ") + word + " " + text(turn, "time") + ": " + why;
    }
    if (turns.empty()) return reason;
    return reason.empty() ? turns : reason + " (" + turns + ")";
}

static Cells rollout_row(const JsonReader& rollout) {
    const Json& row = rollout.raw();
    return {text(row, "id"),
            text(row, "state"),
            text(row, "name") + (row.value("simulated", false) ? " (simulated)" : ""),
            text(row, "entry"),
            std::to_string(row.at("hosts").get<std::int64_t>()),
            text(row, "created"),
            why_text(row)};
}

void print_rollouts(Context& context, const Json& request) {
    const Json document = context.invoke("rollout.list", request);
    print_list(context, document, "rollouts",
               {"ROLLOUT", "STATE", "NAME", "ENTRY", "HOSTS", "STARTED", "WHY"}, rollout_row,
               "No rollouts. Start one with: patchlab rollout start FILE --entry ENTRY");
}

namespace {

/// Draws the status again whenever it changed. On anything but a terminal: one after the other.
/// Ctrl-C ends the program and not the rollout.
class DrawnStatus : public operations::NoEvents {
  public:
    explicit DrawnStatus(bool hosts) : hosts_(hosts) {}
    void rollout_status(const Json& status) override {
        std::vector<Line> lines = status_lines(status, hosts_);
        if (lines == last_) return;
        if (terminal_) std::cout << LinesUp{last_.size()};
        for (const Line& line : lines) std::cout << line << "\n";
        std::cout << (terminal_ ? "" : "\n") << std::flush;
        last_ = std::move(lines);
    }
    void warning(std::string_view text) override { std::cerr << one_line(text) << "\n"; }

  private:
    bool hosts_;
    bool terminal_ = is_terminal(STDOUT_FILENO);
    std::vector<Line> last_;
};

void print_rollout_event(const operations::RolloutEvent& event, bool json) {
    if (json) {
        std::cout << to_plain_line({{"time", event.time},
                                    {"kind", event.kind},
                                    {"ring", event.ring},
                                    {"host", event.host},
                                    {"text", event.text}})
                  << std::flush;
        return;
    }
    std::cout << event.time << "  " << event.kind << (event.ring.empty() ? "" : "  " + event.ring)
              << (event.host.empty() ? "" : "  " + one_line(event.host))
              << (event.text.empty() ? "" : ": " + one_line(event.text)) << std::endl;
}

/// The log as it grows. Ctrl-C ends the program and not the rollout.
class GrowingRolloutLog : public operations::NoEvents {
  public:
    explicit GrowingRolloutLog(bool json) : json_(json) {}
    void rollout_event(const operations::RolloutEvent& event) override {
        print_rollout_event(event, json_);
    }

  private:
    bool json_;
};

}  // namespace

void watch_rollout(Context& context, const Json& request, bool hosts) {
    DrawnStatus drawn(hosts);
    context.invoke("rollout.watch", request, drawn);
}

void print_rollout_log(Context& context, const std::string& id, bool follow) {
    if (follow) {
        GrowingRolloutLog log(context.json);
        context.invoke("rollout.follow", {{"rollout", id}}, log);
        return;
    }
    std::int64_t last = 0;
    while (true) {
        const Json document = context.invoke("rollout.log", {{"rollout", id}, {"after", last}});
        const JsonReader log(document, "log");
        for (const JsonReader& event : log.objects("events"))
            print_rollout_event({id, event.string("time"), event.string("kind"),
                                 event.string("ring"), event.string("host"), event.string("text")},
                                context.json);
        if (log.raw("events").empty()) return;  // a long log comes in several pieces
        last = log.integer("last");
    }
}

}  // namespace patchlab::cli
