// SPDX-License-Identifier: Apache-2.0
//
// Operations asked of a service, as if they ran here: the same outcome, the same errors, the same
// events. Files that a request leads to are lent open; a folder of evidence and a backup are looked
// at in this process, for they need nothing of the service but its public keys. Ownership: owns the
// way there. Thread safety: one thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "orchestrator/operations/operation.hpp"
#include "orchestrator/service/remote/transport.hpp"

namespace patchlab::service {

/// The way to "unix:/run/patchlab/back.sock" or "https://patchlab.example.com". `authorities`: a
/// file of certificates to trust instead of the system's; may be empty. Error(usage) for an address
/// of another kind.
std::unique_ptr<Transport> transport_to(const std::string& address,
                                        const std::filesystem::path& authorities);

class RemoteClient {
  public:
    /// `as`: the user whom the caller names; may be empty. `shown`: what they logged in with;
    /// nothing: their account says who they are.
    RemoteClient(std::unique_ptr<Transport> transport, std::string as,
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
                            const std::string& name, const Json& request, const SentFiles& files);
    operations::Outcome here(operations::EventSink& events, const operations::Operation& operation,
                             Json request);

    std::unique_ptr<Transport> transport_;
    std::string as_;
    std::optional<Credential> shown_;
    std::filesystem::path state_;
};

}  // namespace patchlab::service
