// SPDX-License-Identifier: Apache-2.0
//
// The way to a service: one call at a time goes out, its events and its end come back as messages.
// Ownership: owns its connection. Thread safety: one thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/service/wire/message.hpp"

namespace patchlab::service {

/// Open files that go with a call; its request names them by their number.
struct SentFiles {
    std::vector<int> descriptors;
    std::vector<std::size_t> written;  ///< numbers of those that the service fills
};

class Transport {
  public:
    virtual ~Transport() = default;
    virtual void begin(const Ask& ask, const SentFiles& files) = 0;
    /// Nobody wants the call's work any more.
    virtual void interrupt() = 0;
    /// The next message; nullopt when none came within a moment.
    virtual std::optional<Json> next() = 0;
    /// None comes any more.
    virtual bool ended() const = 0;
};

/// To the socket of a back on this host. Error(lab) when nobody answers.
std::unique_ptr<Transport> socket_transport(const std::filesystem::path& socket);
/// To a front, by "https://…"; `authorities` as http::Client takes them. Nobody is asked before the
/// first call.
std::unique_ptr<Transport> https_transport(const std::string& address,
                                           const std::filesystem::path& authorities);

}  // namespace patchlab::service
