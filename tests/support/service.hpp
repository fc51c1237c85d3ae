// SPDX-License-Identifier: Apache-2.0
//
// A service on the state of a played lab, and command lines that ask it.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "orchestrator/service/wire/connection.hpp"
#include "tests/support/program.hpp"

namespace patchlab::tests {

/// A port of loopback that nobody listens at now.
std::uint16_t free_port();
/// The words that make `serve` speak HTTP there.
inline std::vector<std::string> http_at(std::uint16_t port) {
    return {"--listen", "127.0.0.1:" + std::to_string(port)};
}

class RunningService {
  public:
    /// Starts it and waits until it answers. `environment`: of the service, and so of its runs;
    /// `more`: words for `serve`.
    explicit RunningService(const PlayedLab& lab,
                            const std::map<std::string, std::string>& environment = {},
                            const std::vector<std::string>& more = {});
    ~RunningService();
    RunningService(const RunningService&) = delete;
    RunningService& operator=(const RunningService&) = delete;

    const fs::path& socket() const { return socket_; }
    std::string address() const { return "unix:" + socket_.string(); }
    /// As a caller does.
    service::Connection connect() const {
        return {service::connect_to(socket_), service::most_from_back, service::most_from_caller};
    }
    /// Its workers, and with HTTP the process that keeps the front.
    std::vector<pid_t> workers() const;
    /// The process that speaks HTTP; 0 where there is none.
    pid_t front() const;
    void send(int signal) const;
    /// Waits for its end. Gives the exit code, or -1 when a signal ended it.
    int wait();

    /// `patchlab --server ADDRESS WORDS…` in this folder, from this account (0: our own).
    process::CommandResult ask(const std::vector<std::string>& words,
                               const std::map<std::string, std::string>& environment = {},
                               uid_t account = 0, const fs::path& folder = "/") const;

  private:
    TempFolder folder_;
    fs::path socket_;
    pid_t pid_ = 0;
};

}  // namespace patchlab::tests
