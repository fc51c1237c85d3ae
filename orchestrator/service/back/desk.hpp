// SPDX-License-Identifier: Apache-2.0
//
// Where a call is answered: who asks, what they lend, the operation, its answer. One session serves
// one call after the other, so that a read costs no opening. Thread safety: one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "orchestrator/operations/session.hpp"
#include "orchestrator/service/wire/connection.hpp"
#include "orchestrator/service/wire/message.hpp"
#include "platform/core/clock.hpp"
#include "platform/process/command.hpp"

namespace patchlab::service {

/// Who is at the other end of a connection.
struct Door {
    Peer peer;
    bool front = false;  ///< the process that speaks HTTP: it is nobody itself
};

/// Whose process it is. Of the front nobody's, whichever account opened its way to here.
governance::Account account_behind(const Door& door);

/// Makes the state where there is none, and its first user, so that nobody who calls becomes that
/// one. Gives its folder. Nothing stays open: a store must not be open across a fork.
std::filesystem::path take_state(const operations::SessionOptions& options);

class Desk {
  public:
    explicit Desk(operations::SessionOptions options) : options_(std::move(options)) {}

    /// Opens what reads need, before anybody asks.
    void warm_up();
    /// Reads one message and answers it. False when the connection is of no more use.
    bool serve(Connection& connection, const Door& door);
    /// The call that was answered last may have left something behind in this process.
    bool worn() const { return worn_; }

  private:
    bool answer(Connection& connection, const Door& door, const Ask& ask,
                std::vector<UniqueFd> files);
    Json work(Connection& connection, const Door& door, const Ask& ask,
              std::vector<UniqueFd> files);
    operations::Caller caller(const Door& door, const Ask& ask, bool before_login);
    Answer health();
    operations::Session& session();

    operations::SessionOptions options_;
    process::SystemCommandRunner commands_;
    SystemClock clock_;
    std::unique_ptr<operations::Session> session_;
    std::uint64_t database_file_ = 0;  ///< the file that the session has open
    bool worn_ = false;
};

}  // namespace patchlab::service
