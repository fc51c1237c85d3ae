// SPDX-License-Identifier: Apache-2.0
//
// The feeds of a state folder. A feed is replaced as a whole or not at all: a file that is damaged,
// older, or much smaller than the one before leaves everything as it was, and so no truncated or
// replayed file can make a vulnerability look less urgent. Thread safety: one a thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/feeds/feed_file.hpp"
#include "orchestrator/feeds/staging.hpp"
#include "platform/store/database.hpp"

namespace patchlab::feeds {

struct FeedRow {
    std::string name;
    Kind kind = Kind::kev;
    std::string file, digest, version, dated, added, added_by;  ///< of the newest file
    DatedBy dated_by = DatedBy::content;
    std::size_t files = 0;    ///< how many make up the feed
    std::size_t entries = 0;  ///< of all of them
    std::uint64_t bytes = 0;
    bool complete = false;  ///< it proves that what it does not name is not in it
    /// Days since its date, and whether that is more than the limit of its kind.
    double age_days(TimePoint now) const;
    bool stale(TimePoint now) const { return age_days(now) > limit_days(kind); }
};

struct FeedRequest {
    std::filesystem::path file;
    std::optional<Kind> kind = {};  ///< nullopt: by its content
    std::string name = {};          ///< empty: by its kind and author
    std::string dated = {};         ///< RFC 3339 or a date, instead of what is known otherwise
    bool allow_older = false, allow_smaller = false;
    std::string by = {};  ///< who brings it
};

struct FeedAdded {
    FeedRow feed;
    bool changed = true;             ///< false: exactly this file is there already
    std::vector<std::string> notes;  ///< what whoever brought it should know
};

class FeedStore {
  public:
    explicit FeedStore(store::Database& database) : database_(database) {}

    /// Reads the file, then replaces what was there. `record` runs `change` in a transaction
    /// together with what is recorded of it. Error(invalid): damaged, or dated in the future;
    /// Error(refused): older or much smaller than what is there.
    FeedAdded add(
        const FeedRequest& request, TimePoint now,
        const std::function<void(const FeedRow& row, const std::function<void()>& change)>& record);
    /// By name.
    std::vector<FeedRow> list();

  private:
    std::optional<FeedRow> find(const std::string& name);
    void expect_better(const FeedRow& before, const FeedFile& file, const FeedRequest& request);
    std::vector<std::string> lost_listings(const std::string& feed);

    store::Database& database_;
};

/// The tables of feeds.
std::vector<store::Migration> migrations();

}  // namespace patchlab::feeds
