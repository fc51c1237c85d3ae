// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/nodes/host/cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "orchestrator/images/image.hpp"
#include "orchestrator/pipeline/lab/prepared_lab.hpp"
#include "orchestrator/pipeline/run/submission.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/fail_point.hpp"
#include "platform/core/log.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::nodes {

/// One content that may be evicted.
struct Cache::Entry {
    std::string key;
    std::vector<fs::path> paths;  ///< the one without which it is not complete first
    std::uint64_t bytes = 0;
    fs::file_time_type used{};
};

namespace {

std::uint64_t bytes_below(const fs::path& path) {
    std::uint64_t bytes = 0;
    const auto add = [&](const fs::path& file) {
        struct stat info {};
        if (::lstat(file.c_str(), &info) == 0)
            bytes += static_cast<std::uint64_t>(info.st_blocks) * 512;
    };
    add(path);
    std::error_code none;
    for (const auto& entry : fs::recursive_directory_iterator(path, none)) add(entry.path());
    return bytes;
}

std::string rfc3339_of(fs::file_time_type time) {
    return to_rfc3339(std::chrono::time_point_cast<std::chrono::system_clock::duration>(
        std::chrono::file_clock::to_sys(time)));
}

[[noreturn]] void no_room(std::uint64_t bytes, std::uint64_t free, const CacheLimits& limits) {
    throw Error(ErrorCode::lab,
                "there is no room for " + size_text(bytes) + ": " + size_text(free) +
                    " are free, of which " + size_text(limits.keep_free) +
                    " stay free, and nothing more can be evicted",
                "give this host a larger disk, or set --cache and --keep-free of patchlab node "
                "init lower");
}

/// Reads what is there of a file already, so that its digest goes on.
std::uint64_t hash_beginning(const fs::path& part, Sha256& sha) {
    const UniqueFd fd(::open(part.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) return 0;
    std::string bytes(1U << 20, '\0');
    std::uint64_t size = 0;
    for (ssize_t got; (got = ::read(fd.get(), bytes.data(), bytes.size())) > 0;) {
        sha.update(std::string_view(bytes).substr(0, static_cast<std::size_t>(got)));
        size += static_cast<std::uint64_t>(got);
    }
    return size;
}

}  // namespace

fs::path Cache::lock_file(const std::string& key) const {
    make_folder_if_missing(state_ / "cache" / "locks", 0700);
    return state_ / "cache" / "locks" / (key + ".lock");
}

/// Somebody else fetches or evicts it: the caller has something to do meanwhile.
FileLock Cache::lock_content(const std::string& key, const std::function<void()>& waiting) const {
    for (;;) {
        if (auto lock = FileLock::try_acquire(lock_file(key))) return std::move(*lock);
        if (waiting) waiting();
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

void Cache::note_use(const std::string& key, const std::string& run, Uses& uses) {
    make_folder_if_missing(state_ / "cache" / "uses", 0700);
    make_folder_if_missing(state_ / "cache" / "last", 0700);
    uses.add(
        FileLock::acquire(state_ / "cache" / "uses" / (key + "@" + run + "-" + random_hex(4))));
    write_file_atomic(state_ / "cache" / "last" / key, "", 0600);
}

bool Cache::in_use(const std::string& key, bool tidy) const {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(state_ / "cache" / "uses", none)) {
        if (!entry.path().filename().string().starts_with(key + "@")) continue;
        if (FileLock::is_held(entry.path())) return true;
        if (tidy) fs::remove(entry.path(), none);  // of a process that has ended
    }
    return false;
}

bool Cache::is_complete(const Material& material) const {
    if (material.kind == "image") return fs::exists(images::image_file(state_, material.digest));
    std::error_code none;
    for (const auto& folder : fs::directory_iterator(state_ / "patches", none))
        if (pipeline::digest_of_stored_patch(folder.path()) == material.digest) return true;
    return false;
}

bool Cache::provide(const Material& material, const std::string& run, const Fetch& fetch,
                    const CacheReports& reports, Uses& uses) {
    const FileLock lock = lock_content(material.key(), reports.waiting);
    const bool here = is_complete(material);
    if (!here) {
        reports.note("fetching " + material.kind + " " + material.name + " (" +
                     size_text(material.bytes()) + ")");
        make_room(material.bytes());
        fetch_all(material, fetch);
    }
    note_use(material.key(), run, uses);
    return !here;
}

void Cache::use_prepared(const std::string& digest, const std::string& run, Uses& uses) {
    const FileLock lock = lock_content("prepared-" + digest, {});
    note_use("prepared-" + digest, run, uses);
}

void Cache::fetch_all(const Material& material, const Fetch& fetch) {
    const fs::path part = state_ / "cache" / "partial" / material.key();
    make_folder(part, 0700);
    for (const MaterialFile& file : material.files) fetch_file(file, part / file.path, fetch);
    fail_point("content-fetched");
    put_in_place(material, part);
    remove_tree(part);
}

/// Hashed while it is written; what was there before the link was lost is read once more.
void Cache::fetch_file(const MaterialFile& file, const fs::path& part, const Fetch& fetch) const {
    make_folder_if_missing(part.parent_path(), 0700);
    Sha256 sha;
    std::uint64_t have = hash_beginning(part, sha);
    if (have > file.bytes) {
        fs::remove(part);
        sha = Sha256();
        have = 0;
    }
    const UniqueFd fd(
        ::open(part.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
    const auto cannot_write = [&] {
        return Error(ErrorCode::lab, "cannot write " + part.string() + ": " + std::strerror(errno));
    };
    if (!fd) throw cannot_write();
    while (have < file.bytes) {
        const std::string bytes = fetch(file.path, have);
        if (bytes.empty() || bytes.size() > file.bytes - have) break;
        if (!write_whole(fd.get(), bytes)) throw cannot_write();
        sha.update(bytes);
        have += bytes.size();
        fail_point("content-written");
    }
    if (::fsync(fd.get()) != 0) throw cannot_write();
    if (have == file.bytes && sha.finish() == file.sha256) return;
    fs::remove(part);
    throw Error(ErrorCode::refused, "what came as " + file.path + " is not what its digest says");
}

void Cache::put_patch_in_place(const Material& material, const fs::path& part) const {
    const fs::path folder = fs::path(material.files.back().path).parent_path();
    if (pipeline::digest_of_stored_patch(part / folder) != material.digest)
        throw Error(ErrorCode::refused,
                    "what came as patch " + material.name + " is not what its digest says");
    for (const auto& entry : fs::recursive_directory_iterator(part / folder))
        fs::permissions(entry.path(), fs::perms(entry.is_directory() ? 0755 : 0444));
    fs::permissions(part / folder, fs::perms(0755));
    make_folder_if_missing(state_ / "patches", 0710);
    fs::path place = state_ / folder;  // another patch of that name stays: a run may use it
    if (fs::exists(place)) place += "_" + material.digest.substr(0, 8);
    fs::rename(part / folder, place);
    sync_folder(state_ / "patches");
}

void Cache::put_in_place(const Material& material, const fs::path& part) const {
    if (material.kind == "patch") return put_patch_in_place(material, part);
    make_folder_if_missing(state_ / "images", 0710);
    for (const MaterialFile& file : material.files) {
        fs::permissions(part / file.path, fs::perms(0444));
        fs::rename(part / file.path, state_ / file.path);
    }
    sync_folder(state_ / "images");
}

std::vector<Cache::Entry> Cache::entries() const {
    std::vector<Entry> all;
    std::error_code none;
    const auto add = [&](std::string key, std::vector<fs::path> paths) {
        Entry entry{std::move(key), std::move(paths), 0, {}};
        for (const fs::path& path : entry.paths) entry.bytes += bytes_below(path);
        const fs::path last = state_ / "cache" / "last" / entry.key;
        std::error_code unknown;
        entry.used = fs::last_write_time(fs::exists(last) ? last : entry.paths.front(), unknown);
        all.push_back(std::move(entry));
    };
    for (const auto& file : fs::directory_iterator(state_ / "images", none))
        if (file.path().extension() == ".qcow2")
            add("image-" + file.path().stem().string(),
                {file.path(), fs::path(file.path()).replace_extension(".json")});
    for (const auto& folder : fs::directory_iterator(state_ / "patches", none))
        if (const std::string digest = pipeline::digest_of_stored_patch(folder.path());
            !digest.empty())
            add("patch-" + digest, {folder.path()});
    for (const auto& folder : fs::directory_iterator(state_ / "prepared", none))
        if (is_sha256(folder.path().filename().string()))
            add("prepared-" + folder.path().filename().string(),
                {folder.path() / "prepared.json", folder.path()});
    return all;
}

bool Cache::evict(const Entry& entry) {
    const auto lock = FileLock::try_acquire(lock_file(entry.key));
    if (!lock || in_use(entry.key, true)) return false;
    for (const fs::path& path : entry.paths) remove_tree(path);
    std::error_code none;
    fs::remove(state_ / "cache" / "last" / entry.key, none);
    log_debug("evicted " + entry.key + " (" + size_text(entry.bytes) + ")");
    return true;
}

void Cache::make_room(std::uint64_t bytes) {
    std::vector<Entry> all = entries();
    std::sort(all.begin(), all.end(),
              [](const Entry& a, const Entry& b) { return a.used < b.used; });
    std::uint64_t held = 0;
    for (const Entry& entry : all) held += entry.bytes;
    const auto fits = [&] {
        return held + bytes <= limits_.most_bytes &&
               free_bytes(state_) >= bytes + limits_.keep_free;
    };
    for (const Entry& entry : all) {
        if (fits()) return;
        if (evict(entry)) held -= entry.bytes;
    }
    if (!fits()) no_room(bytes, free_bytes(state_), limits_);
}

std::string Cache::why_no_room() const {
    std::uint64_t kept = 0, evictable = 0;
    for (const Entry& entry : entries())
        (in_use(entry.key, false) ? kept : evictable) += entry.bytes;
    const std::uint64_t free = free_bytes(state_) + evictable;
    if (free < limits_.keep_free)
        return "there is no room: " + size_text(free) + " can be had, and " +
               size_text(limits_.keep_free) + " stay free";
    if (kept > limits_.most_bytes)
        return "there is no room: runs use " + size_text(kept) + " of the cache's " +
               size_text(limits_.most_bytes);
    return {};
}

std::vector<CachedContent> Cache::list() const {
    std::vector<CachedContent> contents;
    for (const Entry& entry : entries())
        contents.push_back(
            {entry.key, entry.bytes, rfc3339_of(entry.used), in_use(entry.key, false)});
    return contents;
}

}  // namespace patchlab::nodes
