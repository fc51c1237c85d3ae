// SPDX-License-Identifier: Apache-2.0
//
// What small text files said before and after the patch, for evidence and for a reader's diff: of
// configuration, units, definitions and the scripts of packages. Secrets are taken out before
// anything is written (schema patchlab/contents/v1, docs/formats/contents.md). Values;
// thread-safe as such.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/core/json_fwd.hpp"
#include "platform/disk/overlay/changes.hpp"
#include "snapshots/rules.hpp"

namespace patchlab::snapshots {

/// Of which files the text is wanted (disk::OverlayQuery::keep).
std::vector<std::string> texts_to_keep(const AttributionRules& rules);

/// The document of these changes: of each changed file whose text is wanted the redacted texts, or
/// why they are not kept.
Json contents_document(const std::vector<disk::FileChange>& changes, const AttributionRules& rules);
/// The document of a lab that keeps no contents.
Json no_contents_document();

}  // namespace patchlab::snapshots
