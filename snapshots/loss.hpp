// SPDX-License-Identifier: Apache-2.0
//
// Content that is gone although its file is still there. Written data is explained by whoever writes it, or is noise; lost data is not. Pure.
#pragma once

#include "snapshots/compare.hpp"

namespace patchlab::snapshots {

/// A regular file that held something and is empty now.
bool is_emptied(const Change& change);

/// A log that is empty or less than half as long as before: somebody has wiped it. Not so the journal, which makes room by itself, and
/// compressed files, which are written anew each time. One that has grown past half again meanwhile is not noticed: the sizes are all that is known.
bool is_wiped_log(const Change& change);

}  // namespace patchlab::snapshots
