// SPDX-License-Identifier: Apache-2.0
//
// Session: what every operation borrows. The command line makes one for its one operation; a
// service uses one for many calls, and tells it for whom. Everything is opened on first use, so
// that an operation costs what it needs. It knows no command line, no stream and no environment
// variable. Ownership: it owns the database and what is opened on it, and borrows command runner
// and clock. Thread safety: one thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/catalog/host_lookup.hpp"
#include "orchestrator/governance/governance.hpp"
#include "orchestrator/operations/backends.hpp"
#include "orchestrator/operations/queues.hpp"
#include "orchestrator/pipeline/lab/backend.hpp"
#include "orchestrator/pipeline/run/queue_choice.hpp"
#include "platform/core/clock.hpp"
#include "platform/process/command.hpp"
#include "platform/store/database.hpp"

namespace patchlab::operations {

/// Somebody in another process, for whom a service asks.
struct Caller {
    governance::Account account;  ///< of that process; its login says how it is known
    std::string as;               ///< the user whom they name; empty: nobody
    /// Who they are by what they showed (a token, a login), whatever the account.
    std::optional<governance::Actor> authenticated = {};
    std::string from = {};  ///< where a request over the network came from; empty: nobody says
};

/// A file of the caller that was copied to where operations can open it.
struct LentFile {
    std::string path;  ///< of the copy
    std::string name;  ///< what the caller calls it
};

struct SessionOptions {
    std::filesystem::path state;  ///< the state folder; empty: nobody said where it is
    std::string user;             ///< who acts; empty: the user of the operating system
    std::string backend;          ///< one of `backends`; empty: the usual one
    Backends backends = real_backends();
    QueueOptions queue = {};
};

class Session {
  public:
    Session(SessionOptions options, process::CommandRunner& commands, const Clock& clock);
    ~Session();

    /// The state folder. Error(usage) when nobody said where it is, or when there is none and
    /// nothing permits to make it; Error(lab) when it cannot be used.
    const std::filesystem::path& state();
    /// Whether there is a state; its place may be asked for even so.
    bool has_state();
    /// Where the state is, or would be. Error(usage) when nobody said.
    const std::filesystem::path& state_place();
    /// A state that is not there yet is made (0711) on first use.
    void permit_new_state() { new_state_permitted_ = true; }
    /// The store with every module's migrations.
    store::Database& database();
    /// Users, policy, rulings and the audit trail of the state.
    governance::Governance& governance();
    /// Who acts. On a state without any user the user of the operating system becomes its
    /// administrator. Error(not_allowed) for somebody who is not a user.
    governance::Actor actor();
    /// From now on it works for them. Unlike this process's own user, they must be known for
    /// reading, too.
    void work_for(Caller caller, std::vector<LentFile> lent = {});
    bool has_caller() const { return caller_.has_value(); }
    /// What the caller showed to be known by, if anything.
    std::optional<governance::Actor> authenticated() const {
        return caller_ ? caller_->authenticated : std::nullopt;
    }
    /// Where the call came from: an address of the network, or "local".
    std::string from() const { return caller_ && !caller_->from.empty() ? caller_->from : "local"; }
    /// Works for somebody who neither is root nor owns the state: with a path, a program or a
    /// secret file they could reach what their own account does not let them.
    bool has_guest();
    /// Whose account acts: the caller's, or this process's.
    governance::Account account() const;
    /// The text with the caller's names instead of the paths of lent files.
    std::string as_called(std::string text) const;
    Json document_as_called(const Json& value) const;
    /// Who has what, as the catalog asks: the inventory.
    const catalog::HostLookup& hosts();
    /// The adapters of a run, made anew. Error(lab) when QEMU is not installed.
    pipeline::Backend backend();
    /// Its name, without making it.
    const std::string& backend_name() const {
        return options_.backend.empty() ? options_.backends.usual : options_.backend;
    }
    /// Where runs are worked.
    pipeline::QueueChoice& queue();
    const QueueOptions& queue_options() const { return options_.queue; }
    process::CommandRunner& commands() { return commands_; }
    const Clock& clock() const { return clock_; }

  private:
    SessionOptions options_;
    std::optional<Caller> caller_;
    std::vector<LentFile> lent_;
    process::CommandRunner& commands_;
    const Clock& clock_;
    bool state_prepared_ = false;
    bool new_state_permitted_ = false;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<governance::Governance> governance_;
    std::unique_ptr<catalog::HostLookup> hosts_;
    std::unique_ptr<pipeline::QueueChoice> queue_;
};

}  // namespace patchlab::operations
