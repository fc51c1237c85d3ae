// SPDX-License-Identifier: Apache-2.0
//
// What every command of the command line shares: how it asks for an operation, and how to print.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "orchestrator/cli/config.hpp"
#include "orchestrator/cli/table.hpp"
#include "orchestrator/cli/terminal_events.hpp"
#include "orchestrator/operations/backends.hpp"
#include "orchestrator/operations/operation.hpp"
#include "orchestrator/service/remote/client.hpp"
#include "platform/core/clock.hpp"
#include "platform/core/json_fwd.hpp"
#include "platform/process/command.hpp"

namespace patchlab::cli {

/// What -o asks for; `name`: nothing but what a thing is asked for by, one a line; `csv`: a table
/// for a spreadsheet.
enum class Format { text, wide, json, yaml, name, csv };

class Context {
  public:
    explicit Context(operations::Backends backends);
    ~Context();

    std::string state_option;   ///< --state-dir; empty: from the environment or the default
    std::string server_option;  ///< --server; empty: from the environment or a configuration file
    std::string ca_option;      ///< --ca; empty: from the environment or a configuration file
    std::string as_option;      ///< --as; empty: from the environment or the operating system
    bool json = false;          ///< --json of the command that runs
    Format format = Format::text;  ///< -o of the command that runs, where json says nothing
    bool header = true;            ///< false: --no-header
    bool paging = true;            ///< false: --no-pager
    bool lists_or_shows = false;   ///< the command that runs is one to read: it may be paged
    int exit = 0;                  ///< what the process will exit with when nothing is thrown

    /// What operations borrow, made from the options and the environment: `PATCHLAB_STATE`,
    /// `/var/lib/patchlab` for root, `$XDG_STATE_HOME/patchlab`; `PATCHLAB_USER`;
    /// `PATCHLAB_BACKEND`.
    operations::Session& session();
    /// What a session is made of.
    operations::SessionOptions session_options();
    /// The state folder that the documents' paths lead to, here or on the service.
    std::filesystem::path state();
    /// Runs an operation and gives its response; its exit code is what the process will exit with.
    /// Unless it is for a program, every string of it is fit for a line of a terminal: what a guest
    /// put into a version can begin no line of its own.
    Json invoke(std::string_view operation, const Json& request);
    /// The same, reporting to `events` instead of the terminal.
    Json invoke(std::string_view operation, const Json& request, operations::EventSink& events);
    /// The response as it is, for what is written byte for byte: a document, a key.
    Json invoke_exact(std::string_view operation, const Json& request);

    /// True when a document is printed as it is, and not for people.
    bool for_programs() const {
        return json || format == Format::json || format == Format::yaml || format == Format::name;
    }

    /// What holds: of an option, the environment, a configuration file or the default, and which of
    /// them it was. Keys as in a configuration file.
    const Config& settings();

    const Clock& clock() const { return clock_; }
    operations::EventSink& events() { return events_; }

    /// Prints a document to stdout: as JSON when --json, in the format of -o, else through
    /// `print_text`.
    void print(const Json& document, const std::function<void()>& print_text);
    /// Ends a progress line.
    void progress_done() { events_.progress_done(); }

  private:
    operations::Outcome ask(std::string_view operation, const Json& request,
                            operations::EventSink& events);
    /// The service that works for us; nullptr: this process does.
    service::RemoteClient* service();

    operations::Backends backends_;
    process::SystemCommandRunner commands_;
    SystemClock clock_;
    TerminalEvents events_;
    std::optional<Config> settings_;
    std::unique_ptr<operations::Session> session_;
    bool service_chosen_ = false;
    std::unique_ptr<service::RemoteClient> service_;
};

/// A document with every string fit for a terminal, and for one line of it (but for those that hold
/// lines, such as a changelog).
Json shown(const Json& document);

/// Adds --json to a command.
void add_json_flag(CLI::App& command, Context& context);
/// Adds --json and -o to a command that lists or shows.
void add_output_options(CLI::App& command, Context& context);

/// How a table is printed: by -o, the width of the terminal, --no-header.
TableForm table_form(Context& context);
/// Prints a table as -o and --no-header ask for it: with `wide` every column, uncut; on a terminal
/// else fitted to its width.
void print_table(Context& context, const std::vector<Column>& columns, const Rows& rows);
/// What to do about an empty list, on stderr.
void print_hint(Context& context, const std::string& text);
/// The list `plural` of a document as a table, a row for each item; `hint` when there is none.
void print_list(Context& context, const Json& document, std::string_view plural,
                const std::vector<Column>& columns,
                const std::function<Cells(const JsonReader& item)>& row_of,
                const std::string& hint);

// One function a noun, in a file of that name; each adds its verbs with callbacks.
void add_completion(CLI::App& app, Context& context);
void add_man(CLI::App& app, Context& context);
void add_config(CLI::App& app, Context& context);
void add_doctor(CLI::App& app, Context& context);
void add_init(CLI::App& app, Context& context);
void add_image(CLI::App& app, Context& context);
void add_lab(CLI::App& app, Context& context);
void add_patch(CLI::App& app, Context& context);
/// Verbs of `patch` in a file of their own.
void add_patch_rank(CLI::App& noun, Context& context);
void add_patch_history(CLI::App& noun, Context& context);
void add_feed(CLI::App& app, Context& context);
void add_run(CLI::App& app, Context& context);
void add_campaign(CLI::App& app, Context& context);
void add_watch(CLI::App& app, Context& context);
void add_diff(CLI::App& app, Context& context);
void add_snapshot(CLI::App& app, Context& context);
void add_report(CLI::App& app, Context& context);
void add_evidence(CLI::App& app, Context& context);
void add_gc(CLI::App& app, Context& context);
void add_policy(CLI::App& app, Context& context);
/// approve, reject and waive
void add_rulings(CLI::App& app, Context& context);
void add_user(CLI::App& app, Context& context);
void add_token(CLI::App& app, Context& context);
/// login, logout and whoami
void add_login(CLI::App& app, Context& context);
void add_key(CLI::App& app, Context& context);
void add_change(CLI::App& app, Context& context);
void add_event(CLI::App& app, Context& context);
void add_management(CLI::App& app, Context& context);
void add_metrics(CLI::App& app, Context& context);
void add_catalog(CLI::App& app, Context& context);
void add_inventory(CLI::App& app, Context& context);
void add_node(CLI::App& app, Context& context);
void add_notify(CLI::App& app, Context& context);
void add_rollout(CLI::App& app, Context& context);
void add_audit(CLI::App& app, Context& context);
void add_backup(CLI::App& app, Context& context);
void add_reap(CLI::App& app, Context& context);
void add_serve(CLI::App& app, Context& context);
void add_openapi(CLI::App& app, Context& context);

}  // namespace patchlab::cli
