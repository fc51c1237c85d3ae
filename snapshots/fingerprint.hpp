// SPDX-License-Identifier: Apache-2.0
//
// Fingerprints: a text with what differs from run to run taken out (numbers, hashes, times,
// addresses, random names), so that the same event seen twice compares equal. A fingerprint is only
// ever used to recognise what an unpatched machine did too. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace patchlab::snapshots {

/// The fingerprint of a log line or a value: "nginx[812]: worker 813 died at 0x7f00" → "nginx[#]:
/// worker # died at %".
std::string fingerprint(std::string_view text);

/// The fingerprint of a path: digits, machine ids, uuids and random suffixes replaced. Only for
/// places whose names change by themselves; every other path is its own fingerprint.
std::string path_fingerprint(std::string_view path);

/// Whether files in this place come, go and change while a machine merely runs (logs, caches,
/// state, temporary files).
bool is_volatile_place(std::string_view path);

}  // namespace patchlab::snapshots
