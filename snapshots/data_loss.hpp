// SPDX-License-Identifier: Apache-2.0
//
// Content that is gone although its file is still there. Written data is explained by whoever
// writes it, or is noise; lost data is not. Pure.
#pragma once

#include "snapshots/compare.hpp"

namespace patchlab::snapshots {

/// A regular file that held something and is empty now.
bool is_emptied(const Change& change);

/// A log that no longer begins with all that it held: somebody has wiped it, whatever was written
/// since. What is no plain log (the journal, compressed files, what is written anew each time) only
/// when it is empty.
bool is_wiped_log(const Change& change);

}  // namespace patchlab::snapshots
