// SPDX-License-Identifier: Apache-2.0
//
// Everything that happens, as one stream: lines of runs' logs, of rollouts' logs, and rows of the
// audit trail (decisions above all), by their times. A position in it says how far each source was
// read, so that nobody has to remember who read what: whoever has one goes on from there, misses
// nothing and gets nothing twice. Only what is there already is put in order: an event that is
// written later comes later, whatever its time. Thread safety: one a thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "orchestrator/operations/session.hpp"
#include "platform/core/json.hpp"

namespace patchlab::operations {

/// How far the stream was read.
struct StreamPosition {
    std::int64_t audit = 0;    ///< the newest row
    std::int64_t rollout = 0;  ///< the newest event of a rollout
    std::string newest_run;    ///< runs up to this one are known; empty: none
    /// Of those that are not over, or not read to their end: bytes of the log. Other known runs
    /// are read.
    std::map<std::string, std::uint64_t> open;
};
std::string to_text(const StreamPosition& position);
/// Error(invalid).
StreamPosition position_from(const std::string& text);

class EventStream {
  public:
    EventStream(Session& session, StreamPosition position)
        : session_(session), position_(std::move(position)) {}

    /// The next events, oldest first, at most so many; none: there are none at this moment.
    std::vector<Json> read(std::size_t at_most);
    const StreamPosition& position() const { return position_; }
    /// Takes everything that is there as read.
    void skip_to_now();

  private:
    Session& session_;
    StreamPosition position_;
};

}  // namespace patchlab::operations
