// SPDX-License-Identifier: Apache-2.0
//
// libvirt tells its log on stderr unless the environment says otherwise when it is initialised, and
// libguestfs initialises it before main() begins. A worker's stderr is its log, where these words
// belong; a person's terminal is not.
#pragma once

namespace patchlab::virt {

/// For a program that opens a hypervisor with a person before it: starts the program again, in the
/// same process, with an environment that keeps libvirt silent, and returns in that one at once.
/// What goes wrong still reaches the caller as Error. Whoever sets LIBVIRT_LOG_OUTPUTS gets what
/// they want. To be called before anything was opened or started.
void keep_libvirt_off_the_terminal(char** argv);

}  // namespace patchlab::virt
