// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/context.hpp"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "orchestrator/catalog/entry_store.hpp"
#include "orchestrator/cli/inventory_hosts.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/images/image.hpp"
#include "orchestrator/intake/patch.hpp"
#include "orchestrator/inventory/host_store.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "orchestrator/rollout/store/store.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

fs::path default_state() {
    if (::geteuid() == 0) return "/var/lib/patchlab";
    if (const std::string home = environment("XDG_STATE_HOME"); !home.empty())
        return fs::path(home) / "patchlab";
    if (const std::string home = environment("HOME"); !home.empty())
        return fs::path(home) / ".local/state/patchlab";
    throw Error(ErrorCode::usage,
                "there is no state folder: neither PATCHLAB_STATE nor HOME is set",
                "give one with --state DIR");
}

/// Created traversable but not listable: QEMU runs as another user and must reach its disks. A
/// folder that exists is left as it is.
void prepare_state(const fs::path& folder) {
    static const std::string advice = "give another folder with --state DIR or PATCHLAB_STATE";
    std::error_code error;
    const fs::file_status status = fs::status(folder, error);
    if (fs::is_directory(status)) {
        if (::access(folder.c_str(), W_OK | X_OK) != 0)
            throw Error(ErrorCode::lab,
                        "the state folder " + folder.string() +
                            " cannot be written: " + std::strerror(errno),
                        advice);
        return;
    }
    if (fs::exists(status))
        throw Error(ErrorCode::lab, "the state folder " + folder.string() + " is not a folder",
                    advice);
    fs::create_directories(folder, error);
    if (error || ::chmod(folder.c_str(), 0711) != 0)
        throw Error(ErrorCode::lab,
                    "cannot create the state folder " + folder.string() + ": " +
                        (error ? error.message() : std::strerror(errno)),
                    advice);
}

bool terminal(int fd) {
    const std::string kind = environment("TERM");
    return ::isatty(fd) == 1 && kind != "dumb";
}

std::size_t terminal_width() {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

std::string elapsed(double seconds) {
    const auto whole = static_cast<long>(seconds);
    if (whole < 60) return std::to_string(whole) + " s";
    return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
}

}  // namespace

Context::Context() = default;
Context::~Context() = default;

std::filesystem::path Context::state() {
    if (!state_.empty()) return state_;
    fs::path folder = state_option;
    if (folder.empty()) folder = environment("PATCHLAB_STATE");
    if (folder.empty()) folder = default_state();
    folder = fs::absolute(folder).lexically_normal();
    prepare_state(folder);
    return state_ = folder;
}

store::Database& Context::database() {
    if (!database_) {
        std::vector<store::Migration> all;
        for (const auto& module :
             {images::migrations(), intake::migrations(), pipeline::migrations(),
              governance::migrations(), catalog::migrations(), inventory::migrations(),
              rollout::migrations()})
            all.insert(all.end(), module.begin(), module.end());
        database_ = std::make_unique<store::Database>(state() / "patchlab.db", all);
    }
    return *database_;
}

governance::Governance& Context::governance() {
    if (!governance_)
        governance_ = std::make_unique<governance::Governance>(state(), database(), clock_);
    return *governance_;
}

governance::Actor Context::actor() {
    return governance::enter(governance(),
                             as_option.empty() ? environment("PATCHLAB_USER") : as_option);
}

const catalog::HostLookup& Context::hosts() {
    if (!hosts_) hosts_ = std::make_unique<InventoryLookup>(database(), clock_);
    return *hosts_;
}

process::CommandRunner& Context::commands() { return commands_; }

void Context::print(const Json& document, const std::function<void()>& print_text) {
    progress_done();
    if (json) std::cout << to_text(document);
    else print_text();
}

void Context::progress(const std::string& text) {
    const std::string line = one_line(text);
    const std::string time = "  [" + elapsed(since_start_.seconds()) + "]";
    if (!terminal(STDERR_FILENO)) {
        if (line != last_progress_) std::cerr << line << time << std::endl;
        last_progress_ = line;
        return;
    }
    const std::size_t room = terminal_width() - 1;
    std::cerr << "\r\033[K" << cut_to_width(line, room - std::min(room, time.size())) << time
              << std::flush;
    line_open_ = true;
}

void Context::progress_done() {
    if (line_open_) std::cerr << std::endl;
    line_open_ = false;
}

bool Context::colours_on_stdout() const {
    return environment("NO_COLOR").empty() && terminal(STDOUT_FILENO);
}

void add_json_flag(CLI::App& command, Context& context) {
    command.add_flag("--json", context.json, "print JSON, for programs");
}

void print_table(Context& context, const std::vector<std::string>& header,
                 const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::vector<std::string>> all{header};
    all.insert(all.end(), rows.begin(), rows.end());
    const bool bold = context.colours_on_stdout();
    bool first = true;
    for (const std::string& line : table_lines(all)) {
        std::cout << (first && bold ? "\033[1m" + line + "\033[0m" : line) << "\n";
        first = false;
    }
}

}  // namespace patchlab::cli
