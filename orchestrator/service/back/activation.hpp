// SPDX-License-Identifier: Apache-2.0
//
// What systemd gives a service and wants to hear of it (sd_listen_fds(3), sd_notify(3)); without
// systemd nothing happens. Call from main's thread, before others are started.
#pragma once

#include <string>

#include "platform/core/files.hpp"

namespace patchlab::service {

/// The socket of this name (FileDescriptorName=) that systemd listens at for us; invalid when it
/// gave none.
UniqueFd activated_socket(const std::string& name);
/// Forgets what systemd gave, so that no process which we start takes it for its own.
void forget_activation();
/// "READY=1", "STOPPING=1".
void tell_systemd(const std::string& what);

}  // namespace patchlab::service
