// SPDX-License-Identifier: Apache-2.0
//
// A file that holds a feed: one document, or an archive (tar, zip) of them, packed or not. Thread
// safety: free functions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "orchestrator/feeds/feed.hpp"

namespace patchlab::feeds {

/// By what the date of a feed is known. `given`: whoever brought it said so.
enum class DatedBy { content, file_name, file_time, given };
std::string_view name(DatedBy by);

struct FeedFile {
    Kind kind = Kind::kev;
    Document document;  ///< of an archive: of all of them, without an id
    DatedBy dated_by = DatedBy::content;
    std::string file;             ///< its name
    std::string digest;           ///< sha256
    std::uint64_t bytes = 0;      ///< as it lies there
    std::size_t documents = 0;    ///< how many it holds
    std::size_t passed_over = 0;  ///< files of an archive that are no feed
};

/// Reads all of it; every statement goes to the sink. `kind`: what it is; nullopt: whatever its
/// content says. Error(not_found), and Error(invalid) for a file that is none of these, is damaged,
/// holds feeds of several kinds, or changes while it is read.
FeedFile read_feed_file(const std::filesystem::path& path, std::optional<Kind> kind,
                        FeedSink& sink);

}  // namespace patchlab::feeds
