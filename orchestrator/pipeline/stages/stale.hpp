// SPDX-License-Identifier: Apache-2.0
//
// The program that finds out what still uses files which a patch replaced (guest/stale.pl). The
// rehearsal and production ask with the same one, so that what was restarted in the lab is
// restarted on hosts. Pure; thread-safe.
#pragma once

#include <string_view>

namespace patchlab::pipeline {

/// For the standard input of `perl -`; its own comment says what it prints.
std::string_view stale_script();

}  // namespace patchlab::pipeline
