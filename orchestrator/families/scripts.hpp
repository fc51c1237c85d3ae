// SPDX-License-Identifier: Apache-2.0
//
// The programs that run in guests and on production's hosts: those for any system (guest/), and
// those of a family of packages, which install. The rehearsal and production use the same ones, so
// that what was done in the lab is done on hosts. What a script is given as $1, $2, … and what it
// prints is said at its own head. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace patchlab::families {

/// The text of "restart_units.sh", "keep_and_run.sh", "await_install.sh" or "end_install.sh", for
/// /bin/sh, with the functions that it calls before it; of "stale.pl" or "installation.pl", for
/// perl; of "services.sh", which is put before others. Error(internal) when there is none of this
/// name.
std::string script(std::string_view name);
/// The same of a family ("deb"), with the functions of its installing.sh before it, which the lab
/// and hosts share. "install.sh" is the one that every family has in common, behind its own
/// carry_out.sh. Error(refused) for a family that has none yet.
std::string script(std::string_view family, std::string_view name);

}  // namespace patchlab::families
