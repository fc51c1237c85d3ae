// SPDX-License-Identifier: Apache-2.0
//
// The backend that needs no hypervisor (patchlab-sim, and the tests): machines and guests are
// played, so that everything else of the program (stages, recovery, store, evidence, reports) runs
// for real and fast. A played guest has the packages of its image, installs what a patch disk
// announces, and passes every check, unless its script says otherwise.
//
// The script is a JSON file named by PATCHLAB_FAKE_SCRIPT, all keys optional:
//   packages         {name: version} installed on every machine
//   held             ["name"] of these, what is on hold
//   complains_before what the package system complains of before the patch
//   install_exit     exit code of the installation
//   install_silent   the guest falls silent during it
//   install_seconds  how long it runs
//   install_talks    true: it says something new at each look
//   install_vanishes true: its shell ends without saying how
//   broken_after     commands with this word crash once something was installed
//   installs         {name: version} what really gets installed, whatever was asked for
//   fail_after       ["suite/name"] checks that fail once something was installed
//   fails_with       {package: "suite/name"} a check that fails once that package has another
//                    version than in `packages`
//   flicker          ["suite/name"] checks that fail in every second run, patch or not
//   unknown_after    ["suite/name"] checks that give no answer afterwards
//   adds_port        "tcp/4444" a port that is open afterwards
//   unreadable_after a class that cannot be read afterwards
//   fail_after_reboot, adds_port_after_reboot   as above, but only once the patched guest has
//                                               rebooted
//   fail_after_first_reboot   ["suite/name"] checks that fail after the patched guest's first
//                             reboot and work after its next
//   fail_in_first_trial       ["suite/name"] checks that fail where the patch was installed first,
//                             and work wherever it is installed later
//   install_fails_first       true: the first installation of the patch fails, later ones do not
//   fail_for_good_after_reboot  ["suite/name"] checks that fail from the patched guest's first
//                    reboot on, and still do when the old versions are back
//   slow_after       ["suite/name"] sampled checks that answer slowly afterwards
//   crawls_after     ["suite/name"] checks that answer so slowly afterwards that few of their
//                    samples are done in time
//   slow_boot_after  true: a patched guest needs long for its next start
//   much_memory_after  true: a patched guest uses four times the memory
//   busy_host_after  true: from the installation on every sampled check and every start of every
//                    guest is slow, patched or not
//   unsettled_after  true: a patched guest's service manager has jobs for ever
//   clock_off        seconds by which the guest's clock is wrong afterwards
//   changes_file     "/etc/passwd" a file that differs afterwards
//   text_before, text_after  what that file says before and afterwards
//   leaves_file      a file that differs afterwards, and still when the old versions are back
//   clears_after_reboot  a file that is gone once the patched guest has rebooted
//   complains, complains_after  an error of the kernel that unpatched guests, patched ones show
//   no_boot          the guest does not come back from a reboot
#pragma once

#include "orchestrator/pipeline/lab/backend.hpp"

namespace patchlab::pipeline {

Backend fake_backend(process::CommandRunner& commands, const Clock& clock);

}  // namespace patchlab::pipeline
