// SPDX-License-Identifier: Apache-2.0
//
// What every command of the command line shares: how it asks for an operation, and how to print.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "orchestrator/cli/terminal_events.hpp"
#include "orchestrator/operations/operation.hpp"
#include "platform/core/clock.hpp"
#include "platform/core/json_fwd.hpp"
#include "platform/process/command.hpp"

namespace patchlab::cli {

class Context {
  public:
    Context();
    ~Context();

    std::string state_option;  ///< --state; empty: from the environment or the default
    std::string as_option;     ///< --as; empty: from the environment or the operating system
    bool json = false;         ///< --json of the command that runs
    int exit = 0;              ///< what the process will exit with when nothing is thrown

    /// What operations borrow, made from the options and the environment: `PATCHLAB_STATE`,
    /// `/var/lib/patchlab` for root, `$XDG_STATE_HOME/patchlab`; `PATCHLAB_USER`;
    /// `PATCHLAB_BACKEND`.
    operations::Session& session();
    /// Runs an operation and gives its response; its exit code is what the process will exit with.
    Json invoke(std::string_view operation, const Json& request);
    /// The same, reporting to `events` instead of the terminal.
    Json invoke(std::string_view operation, const Json& request, operations::EventSink& events);

    const Clock& clock() const { return clock_; }
    operations::EventSink& events() { return events_; }

    /// Prints a document to stdout: as JSON when --json, else through `print_text`.
    void print(const Json& document, const std::function<void()>& print_text);
    /// Ends a progress line.
    void progress_done() { events_.progress_done(); }
    bool colours_on_stdout() const;

  private:
    process::SystemCommandRunner commands_;
    SystemClock clock_;
    TerminalEvents events_;
    std::unique_ptr<operations::Session> session_;
};

/// Adds --json to a command.
void add_json_flag(CLI::App& command, Context& context);

/// A plain table: header and rows, columns padded to their widest cell, two spaces between; the
/// header in bold on a terminal.
void print_table(Context& context, const std::vector<std::string>& header,
                 const std::vector<std::vector<std::string>>& rows);

// One function a noun, in a file of that name; each adds its verbs with callbacks.
void add_doctor(CLI::App& app, Context& context);
void add_image(CLI::App& app, Context& context);
void add_lab(CLI::App& app, Context& context);
void add_patch(CLI::App& app, Context& context);
void add_run(CLI::App& app, Context& context);
void add_diff(CLI::App& app, Context& context);
void add_snapshot(CLI::App& app, Context& context);
void add_report(CLI::App& app, Context& context);
void add_evidence(CLI::App& app, Context& context);
void add_policy(CLI::App& app, Context& context);
/// approve, reject and waive
void add_rulings(CLI::App& app, Context& context);
void add_user(CLI::App& app, Context& context);
void add_key(CLI::App& app, Context& context);
void add_change(CLI::App& app, Context& context);
void add_catalog(CLI::App& app, Context& context);
void add_inventory(CLI::App& app, Context& context);
void add_notify(CLI::App& app, Context& context);
void add_rollout(CLI::App& app, Context& context);
void add_audit(CLI::App& app, Context& context);
void add_reap(CLI::App& app, Context& context);

}  // namespace patchlab::cli
