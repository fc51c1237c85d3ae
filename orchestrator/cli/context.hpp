// SPDX-License-Identifier: Apache-2.0
//
// What every command of the command line shares: where the state is, how to print, and the adapters
// that only the doors create.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "orchestrator/catalog/host_lookup.hpp"
#include "orchestrator/governance/governance.hpp"
#include "platform/core/clock.hpp"
#include "platform/core/json_fwd.hpp"
#include "platform/process/command.hpp"
#include "platform/store/database.hpp"

namespace patchlab::cli {

class Context {
  public:
    Context();
    ~Context();

    std::string state_option;  ///< --state; empty: from the environment or the default
    std::string as_option;     ///< --as; empty: from the environment or the operating system
    bool json = false;         ///< --json of the command that runs
    int exit = 0;              ///< what the process will exit with when nothing is thrown

    /// The state folder, created (0711) on first use. `PATCHLAB_STATE`, `/var/lib/patchlab` for
    /// root, `$XDG_STATE_HOME/patchlab`.
    std::filesystem::path state();
    /// The store with every module's migrations, opened on first use.
    store::Database& database();
    /// Users, policy, rulings and the audit trail of the state.
    governance::Governance& governance();
    /// Who acts: --as, else PATCHLAB_USER, else the user of the operating system.
    /// Error(not_allowed) for somebody who is not a user.
    governance::Actor actor();
    /// Who has what, as the catalog asks: the inventory.
    const catalog::HostLookup& hosts();
    process::CommandRunner& commands();
    const Clock& clock() const { return clock_; }

    /// Prints a document to stdout: as JSON when --json, else through `print_text`.
    void print(const Json& document, const std::function<void()>& print_text);
    /// Progress to stderr: one line, "building image web: installing packages  [12 s]"; overwritten
    /// on a terminal.
    void progress(const std::string& text);
    /// Ends a progress line.
    void progress_done();
    bool colours_on_stdout() const;

  private:
    std::filesystem::path state_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<governance::Governance> governance_;
    std::unique_ptr<catalog::HostLookup> hosts_;
    process::SystemCommandRunner commands_;
    SystemClock clock_;
    Stopwatch since_start_;
    bool line_open_ = false;
    std::string last_progress_;
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
/// The hidden verb that a worker process runs.
void add_worker(CLI::App& app, Context& context);

}  // namespace patchlab::cli
