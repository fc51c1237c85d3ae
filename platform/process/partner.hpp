// SPDX-License-Identifier: Apache-2.0
//
// A program that we talk to for a while: its standard input and output are the other end of a
// socket that is ours, what it reports goes where ours goes. It reads the end of its input when we
// are gone, however we ended. Owns the socket and the process. Thread safety: one thread at a time.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "platform/core/files.hpp"

namespace patchlab::process {

class Partner {
  public:
    /// `command`: the program (looked up in PATH) and its arguments. `what` names it in errors.
    /// Error(lab) when it cannot be started.
    static Partner start(const std::vector<std::string>& command, const std::string& what);
    /// This very program with these arguments.
    static Partner start_ourselves(const std::vector<std::string>& arguments,
                                   const std::string& what);
    Partner(Partner&& other) noexcept;
    Partner& operator=(Partner&&) = delete;
    /// Hangs up and waits; a program that has not ended two seconds later is killed.
    ~Partner();

    int socket() const { return socket_.get(); }

  private:
    Partner(UniqueFd socket, pid_t pid) : socket_(std::move(socket)), pid_(pid) {}
    static Partner spawn(const std::string& file, const std::vector<std::string>& words,
                         const std::string& what);

    UniqueFd socket_;
    pid_t pid_ = -1;
};

}  // namespace patchlab::process
