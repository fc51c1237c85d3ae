// SPDX-License-Identifier: Apache-2.0
//
// Files that survive a crash: whole or not there, never half. And the two RAII types every other
// module builds on. Thread safety: free functions; one object a thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace patchlab {

namespace fs = std::filesystem;

/// Move-only owner of a file descriptor.
class UniqueFd {
  public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept;
    ~UniqueFd() { reset(); }
    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    int release();
    void reset();

  private:
    int fd_ = -1;
};

/// Writes all of it, in as many pieces as it takes. False, with errno, when that cannot be.
bool write_whole(int fd, std::string_view bytes);

/// Writes `bytes` to a temporary file beside `path`, fsyncs it, renames it over `path` and fsyncs
/// the folder: after a crash there is the old file or the new one. Throws Error(lab) (disk full, no
/// permission).
void write_file_atomic(const fs::path& path, std::string_view bytes, unsigned mode = 0644);

/// Appends one line and fsyncs. Creates the file with `mode`. Where the last line was cut off, the
/// new one begins a line of its own.
void append_line_durable(const fs::path& path, std::string_view line, unsigned mode = 0644);

/// Reads a whole file; throws Error(not_found) when it does not exist, Error(invalid) when it is
/// larger than `max_bytes`.
std::string read_file(const fs::path& path, std::uint64_t max_bytes = 64ULL << 20);
/// As read_file, but nullopt when it does not exist.
std::optional<std::string> read_file_if_any(const fs::path& path,
                                            std::uint64_t max_bytes = 64ULL << 20);

/// The last bytes, at most `most`, of what a growing file says from byte `from` on; empty when
/// there is no such file or it cannot be read.
std::string read_end(const fs::path& path, std::uint64_t most, std::uint64_t from = 0);

/// Creates `path` and its parents; sets `mode` on the last one.
void make_folder(const fs::path& path, unsigned mode = 0755);
/// The same, but a folder that is there already stays as it is: one that a user named, such as
/// /tmp.
void make_folder_if_missing(const fs::path& path, unsigned mode = 0755);
/// fsync of a folder, so that renames and new names in it are durable.
void sync_folder(const fs::path& path);
/// Removes a tree if it is there; never follows symlinks.
void remove_tree(const fs::path& path);

/// Bytes free for an unprivileged user on the filesystem of `path` (or of its nearest existing
/// parent).
std::uint64_t free_bytes(const fs::path& path);

/// A folder that its destructor removes, unless keep() was called.
class TempFolder {
  public:
    /// Creates `parent/prefix-XXXXXX`, mode 0700.
    TempFolder(const fs::path& parent, std::string_view prefix);
    ~TempFolder();
    TempFolder(TempFolder&& other) noexcept;
    TempFolder& operator=(TempFolder&&) = delete;
    const fs::path& path() const { return path_; }
    void keep() { kept_ = true; }

  private:
    fs::path path_;
    bool kept_ = false;
};

/// An exclusive lock on a file, held until destruction; the kernel releases it when the process
/// dies, however it dies. It belongs to the open file (an "open file description lock", fcntl(2)),
/// so children must not inherit it (it is opened close-on-exec).
class FileLock {
  public:
    /// Blocks until the lock is held.
    static FileLock acquire(const fs::path& path);
    /// nullopt when another process (or another FileLock of this one) holds it.
    static std::optional<FileLock> try_acquire(const fs::path& path);
    /// True when somebody holds the lock now. False when the file does not exist. The question
    /// takes no lock itself: it never makes a try_acquire() of somebody else fail. Answers for all
    /// processes of this host, in whatever namespace they are.
    static bool is_held(const fs::path& path);

  private:
    explicit FileLock(UniqueFd fd) : fd_(std::move(fd)) {}
    UniqueFd fd_;
};

}  // namespace patchlab
