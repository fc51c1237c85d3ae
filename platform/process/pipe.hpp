// SPDX-License-Identifier: Apache-2.0
//
// A pipe whose ends are closed in what is executed. For the files of this folder.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::process {

struct Pipe {
    UniqueFd read;
    UniqueFd write;
};

/// Error(lab) when there is none to be had.
inline Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw Error(ErrorCode::lab, std::string("cannot create a pipe: ") + std::strerror(errno));
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

}  // namespace patchlab::process
