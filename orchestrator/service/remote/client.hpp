// SPDX-License-Identifier: Apache-2.0
//
// Operations asked of a service, as if they ran here: the same outcome, the same errors, the same
// events. Files that a request leads to are lent open; a folder of evidence and a backup are looked
// at in this process, for they need nothing of the service but its public keys. Ownership: owns the
// connection. Thread safety: one thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "orchestrator/operations/operation.hpp"
#include "orchestrator/service/wire/connection.hpp"
#include "orchestrator/service/wire/message.hpp"

namespace patchlab::service {

/// The path of "unix:/run/patchlab/back.sock". Error(usage) for an address of another kind.
std::filesystem::path socket_of(const std::string& address);

class RemoteClient {
  public:
    /// `as`: the user whom the caller names; may be empty. `shown`: what they logged in with;
    /// nothing: their account says who they are. Error(lab) when nobody answers.
    RemoteClient(const std::filesystem::path& socket, std::string as,
                 std::optional<Credential> shown = {});

    /// As operations::invoke(). An interrupt that `events` tells of is passed on; when the service
    /// ends without an answer after it, this process ends by SIGINT, as it would have by itself.
    operations::Outcome invoke(operations::EventSink& events, std::string_view operation,
                               const Json& request);
    /// The state folder of the service, as its last answer said.
    const std::filesystem::path& state() const { return state_; }
    /// Asks for it.
    const std::filesystem::path& ask_state();

  private:
    operations::Outcome ask(operations::EventSink& events, const operations::Operation* operation,
                            const std::string& name, const Json& request,
                            const std::vector<int>& files);
    operations::Outcome here(operations::EventSink& events, const operations::Operation& operation,
                             Json request);

    void connect_again_when_ended();

    std::filesystem::path socket_;
    Connection connection_;
    std::string as_;
    std::optional<Credential> shown_;
    std::filesystem::path state_;
};

}  // namespace patchlab::service
