// SPDX-License-Identifier: Apache-2.0
//
// The contents that a lab host keeps: images and patches by their digest, where every worker finds
// them, and the labs that were prepared here. Each is fetched once, whichever run wants it first;
// the others wait and find it. What arrives is hashed while it is written, goes on where it was cut
// off, and gets its name only when it is what its digest says. What was not used for longest goes
// first when there is too much or the disk is too full; what a run uses never goes.
//   cache/partial/<kind>-<digest>/…        what is being fetched
//   cache/locks/<kind>-<digest>.lock       held by whoever fetches or evicts it
//   cache/uses/<kind>-<digest>@<run>-<n>   held by the process that works this run
//   cache/last/<kind>-<digest>             its time: when it was last used
// Thread safety: several processes share a cache; one object a thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "orchestrator/nodes/materials.hpp"
#include "platform/core/files.hpp"

namespace patchlab::nodes {

struct CacheLimits {
    std::uint64_t most_bytes = 0;
    std::uint64_t keep_free = 0;
};

/// Keeps contents from being evicted while it lives, and this process does.
class Uses {
  public:
    void add(FileLock lock) { locks_.push_back(std::move(lock)); }

  private:
    std::vector<FileLock> locks_;
};

/// What the cache holds, for people.
struct CachedContent {
    std::string key;  ///< "image-<sha256>"
    std::uint64_t bytes = 0;
    std::string last_used;  ///< RFC 3339; empty: never noted
    bool in_use = false;
};

/// What a cache reports while it provides something.
struct CacheReports {
    std::function<void(const std::string& text)> note;
    std::function<void()> waiting;  ///< again and again while another process fetches the same
};

class Cache {
  public:
    /// Gives bytes of a file from an offset on; none at its end.
    using Fetch = std::function<std::string(const std::string& path, std::uint64_t offset)>;

    Cache(fs::path state, CacheLimits limits) : state_(std::move(state)), limits_(limits) {}

    /// Makes sure that the content is here, and stays while `uses` lives. True: it was fetched now.
    /// Error(lab) when there is no room; Error(refused) when what came is something else.
    bool provide(const Material& material, const std::string& run, const Fetch& fetch,
                 const CacheReports& reports, Uses& uses);
    /// Keeps the prepared lab of this digest from being evicted, whether it is there yet or not.
    void use_prepared(const std::string& digest, const std::string& run, Uses& uses);

    /// Evicts until so many bytes more have room. Error(lab) when that cannot be.
    void make_room(std::uint64_t bytes);

    /// Why a run would have no room here, even if all was evicted that is not used; empty: it has.
    std::string why_no_room() const;

    std::vector<CachedContent> list() const;

  private:
    struct Entry;
    std::vector<Entry> entries() const;
    bool is_complete(const Material& material) const;
    void fetch_all(const Material& material, const Fetch& fetch);
    void fetch_file(const MaterialFile& file, const fs::path& part, const Fetch& fetch) const;
    void put_patch_in_place(const Material& material, const fs::path& part) const;
    void put_in_place(const Material& material, const fs::path& part) const;
    bool in_use(const std::string& key, bool tidy) const;
    FileLock lock_content(const std::string& key, const std::function<void()>& waiting) const;
    bool evict(const Entry& entry);
    void note_use(const std::string& key, const std::string& run, Uses& uses);
    fs::path lock_file(const std::string& key) const;

    fs::path state_;
    CacheLimits limits_;
};

}  // namespace patchlab::nodes
