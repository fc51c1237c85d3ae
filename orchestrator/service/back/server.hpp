// SPDX-License-Identifier: Apache-2.0
//
// The back of the service: takes connections and hands each message to a worker. It parses nothing
// and knows no state, so that whatever happens to a worker, the others are answered. A caller whose
// worker is lost gets an error. Runs, rollouts and everything else that is at work goes on when the
// server ends, however it ends (docs/adr/0026-one-back-for-all-doors.md).
#pragma once

#include <filesystem>
#include <functional>

#include "orchestrator/service/back/desk.hpp"
#include "orchestrator/service/back/front_child.hpp"

namespace patchlab::service {

struct ServerOptions {
    operations::SessionOptions session;
    UniqueFd listener;              ///< where accounts of this host connect
    std::filesystem::path path;     ///< of the socket, when it is to be removed at the end
    FrontChild front{};             ///< may be none
    unsigned ready = 2;             ///< workers that wait for calls
    unsigned most = 64;             ///< workers at the same time
    unsigned most_of_one = 24;      ///< calls of one account at the same time
    unsigned connections = 512;     ///< open at the same time
    Seconds grace{15};              ///< at the end, for calls at work; longer ones go on without it
    std::function<void()> started;  ///< called once calls are answered
};

/// Answers until SIGTERM or SIGINT. Gives the exit code.
int serve(ServerOptions options);

}  // namespace patchlab::service
