// SPDX-License-Identifier: Apache-2.0
//
// One reader for each format. Each reads its document to the end, gives every statement to the
// sink, and says what the document is as a whole. Error(invalid) "WHERE: …": it is malformed, cut
// short, names something twice, or a value is not of its type; what went to the sink until then is
// the caller's to drop. Words that a reader does not know are left unanswered, never guessed.
// Thread safety: one call a thread.
#pragma once

#include <optional>
#include <string>

#include "orchestrator/feeds/byte_source.hpp"
#include "orchestrator/feeds/feed.hpp"

namespace patchlab::feeds {

Document read_kev(ByteSource& source, const std::string& where, FeedSink& sink);
Document read_ssvc(ByteSource& source, const std::string& where, FeedSink& sink);
Document read_epss(ByteSource& source, const std::string& where, FeedSink& sink);
Document read_debian(ByteSource& source, const std::string& where, FeedSink& sink);
Document read_osv(ByteSource& source, const std::string& where, FeedSink& sink);
Document read_csaf(ByteSource& source, const std::string& where, FeedSink& sink);
Document read_openvex(ByteSource& source, const std::string& where, FeedSink& sink);
Document read_updateinfo(ByteSource& source, const std::string& where, FeedSink& sink);

/// The one of this kind.
Document read_feed(Kind kind, ByteSource& source, const std::string& where, FeedSink& sink);

/// What a document is, by how it begins; nullopt: none of these.
std::optional<Kind> recognise(ByteSource& source);

}  // namespace patchlab::feeds
