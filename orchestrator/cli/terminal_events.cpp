// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/terminal_events.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <mutex>

#include "orchestrator/cli/screen.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::cli {

namespace {

std::atomic<bool> interrupt_came{false};

void on_interrupt(int) { interrupt_came = true; }

void catch_interrupts() {
    struct sigaction action {};
    action.sa_handler = on_interrupt;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

void TerminalEvents::progress(std::string_view text) { show(text, ""); }

void TerminalEvents::show(std::string_view text, const std::string& share) {
    const std::string line = one_line(text);
    const std::string time = "  [" + whole_duration_text(since_start_.seconds()) +
                             (share.empty() ? "" : ", " + one_line(share)) + "]";
    if (!is_terminal(STDERR_FILENO)) {
        if (line != last_progress_) std::cerr << line << time << std::endl;
        last_progress_ = line;
        return;
    }
    const std::size_t room = terminal_width(STDERR_FILENO) - 1;
    std::cerr << EmptyLine{} << cut_to_width(line, room - std::min(room, time.size())) << time
              << std::flush;
    line_open_ = true;
}

void TerminalEvents::run_event(const operations::RunEvent& event) {
    show((event.title.empty() ? "" : event.title + ": ") + event.stage + ": " + event.text,
         event.share);
}

void TerminalEvents::rollout_event(const operations::RolloutEvent& event) {
    progress(event.kind + ": " + event.text);
}

void TerminalEvents::rollout_status(const Json& status) {
    progress("rollout " + status.at("id").get<std::string>() + ": " +
             status.at("state").get<std::string>());
}

void TerminalEvents::notice(const notify::Notice& notice) { progress(notice.text); }

void TerminalEvents::note(std::string_view text) {
    progress_done();
    std::cerr << "note: " << one_line(text) << "\n";
}

void TerminalEvents::warning(std::string_view text) {
    progress_done();
    std::cerr << "warning: " << one_line(text) << "\n";
}

bool TerminalEvents::interrupted() {
    static std::once_flag once;  // operations may ask from several threads
    std::call_once(once, catch_interrupts);
    return interrupt_came;
}

void TerminalEvents::progress_done() {
    if (line_open_) std::cerr << std::endl;
    line_open_ = false;
}

}  // namespace patchlab::cli
