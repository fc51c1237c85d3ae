// SPDX-License-Identifier: Apache-2.0
//
// A process that answers calls, one at a time. It is handed a connection, answers one message on
// it, and gives it back. It ends when whoever started it has gone, but not in the middle of a call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/service/back/desk.hpp"

namespace patchlab::service {

/// With a connection, on the channel between the server and a worker.
struct Errand {
    std::uint64_t connection = 0;
    Door door;
};
std::string bytes_of(const Errand& errand);
std::optional<Errand> errand_from(std::string_view bytes);

/// What a worker says when it has answered.
struct Report {
    std::uint64_t connection = 0;
    bool keep = false;  ///< the caller may say more on it
    bool last = false;  ///< the worker takes nothing more
};
std::string bytes_of(const Report& report);
std::optional<Report> report_from(std::string_view bytes);

/// Works until the channel ends or the worker is worn. Gives the exit code of the process.
int work(UniqueFd channel, const operations::SessionOptions& session);

}  // namespace patchlab::service
