// SPDX-License-Identifier: Apache-2.0
#include "platform/guest/channel.hpp"

namespace patchlab::guest {

GuestResult GuestChannel::run_script(std::string_view script, Seconds deadline, std::size_t max_output) {
    GuestCommand command;
    command.argv = {"/bin/sh", "-s"};
    command.input = script;
    command.deadline = deadline;
    command.max_output = max_output;
    return run(command);
}

}  // namespace patchlab::guest
