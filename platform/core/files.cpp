// SPDX-License-Identifier: Apache-2.0
#include "platform/core/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "platform/core/error.hpp"

namespace patchlab {

namespace {

[[noreturn]] void fail(const std::string& what, const fs::path& path) {
    const int number = errno;
    std::string advice;
    if (number == ENOSPC)
        advice = "free some space on the filesystem that holds " + path.parent_path().string();
    throw Error(ErrorCode::lab,
                "cannot " + what + " " + path.string() + ": " + std::strerror(number), advice);
}

void write_all(int fd, std::string_view bytes, const fs::path& path) {
    if (!write_whole(fd, bytes)) fail("write", path);
}

}  // namespace

bool write_whole(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
        reset();
        fd_ = other.release();
    }
    return *this;
}

int UniqueFd::release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
}

void UniqueFd::reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

void sync_folder(const fs::path& path) {
    const UniqueFd fd(
        ::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0) fail("sync folder", path);
}

void write_file_atomic(const fs::path& path, std::string_view bytes, unsigned mode) {
    std::string temporary = path.string() + ".XXXXXX";
    const UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!fd) fail("create a file beside", path);
    try {
        write_all(fd.get(), bytes, path);
        if (::fchmod(fd.get(), mode) != 0) fail("set the mode of", path);
        if (::fsync(fd.get()) != 0) fail("sync", path);
        if (::rename(temporary.c_str(), path.c_str()) != 0) fail("rename to", path);
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
    sync_folder(path.parent_path());
}

namespace {

/// False where a crash, or a full disk, cut the last line off.
bool ends_with_a_whole_line(int fd) {
    struct stat info {};
    char last = '\n';
    return ::fstat(fd, &info) != 0 || info.st_size == 0 ||
           ::pread(fd, &last, 1, info.st_size - 1) != 1 || last == '\n';
}

}  // namespace

void append_line_durable(const fs::path& path, std::string_view line, unsigned mode) {
    const UniqueFd fd(::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, mode));
    if (!fd) fail("open", path);
    std::string whole = ends_with_a_whole_line(fd.get()) ? "" : "\n";
    whole += line;
    whole += '\n';
    write_all(fd.get(), whole, path);
    if (::fdatasync(fd.get()) != 0) fail("sync", path);
}

std::optional<std::string> read_file_if_any(const fs::path& path, std::uint64_t max_bytes) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) {
        if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
        fail("open", path);
    }
    std::string bytes;
    char buffer[65536];
    for (;;) {
        const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
        if (got < 0) {
            if (errno == EINTR) continue;
            fail("read", path);
        }
        if (got == 0) return bytes;
        if (bytes.size() + static_cast<std::size_t>(got) > max_bytes)
            throw Error(ErrorCode::invalid,
                        path.string() + " is larger than " + std::to_string(max_bytes) + " bytes");
        bytes.append(buffer, static_cast<std::size_t>(got));
    }
}

std::string read_file(const fs::path& path, std::uint64_t max_bytes) {
    auto bytes = read_file_if_any(path, max_bytes);
    if (!bytes) throw Error(ErrorCode::not_found, "there is no file " + path.string());
    return std::move(*bytes);
}

std::string read_end(const fs::path& path, std::uint64_t most, std::uint64_t from) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat info {};
    if (!fd || ::fstat(fd.get(), &info) != 0) return {};
    const auto size = static_cast<std::uint64_t>(info.st_size);
    from = std::max(std::min(from, size), size - std::min(size, most));
    std::string bytes(size - from, '\0');
    std::size_t have = 0;
    while (have < bytes.size()) {
        const ssize_t got = ::pread(fd.get(), bytes.data() + have, bytes.size() - have,
                                    static_cast<off_t>(from + have));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return bytes;
}

void make_folder(const fs::path& path, unsigned mode) {
    std::error_code error;
    fs::create_directories(path, error);
    if (error)
        throw Error(ErrorCode::lab,
                    "cannot create folder " + path.string() + ": " + error.message());
    if (::chmod(path.c_str(), mode) != 0) fail("set the mode of", path);
}

void make_folder_if_missing(const fs::path& path, unsigned mode) {
    std::error_code ignored;  // make_folder() says what is wrong
    if (!fs::is_directory(path, ignored)) make_folder(path, mode);
}

void remove_tree(const fs::path& path) {
    std::error_code error;
    fs::remove_all(path, error);
    if (error)
        throw Error(ErrorCode::lab, "cannot remove " + path.string() + ": " + error.message());
}

std::uint64_t free_bytes(const fs::path& path) {
    struct statvfs info {};
    fs::path at = fs::absolute(path);
    while (!fs::exists(at) && at.has_parent_path() && at != at.parent_path()) at = at.parent_path();
    if (::statvfs(at.c_str(), &info) != 0) fail("read the free space of", at);
    return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

TempFolder::TempFolder(const fs::path& parent, std::string_view prefix) {
    fs::create_directories(parent);
    std::string name = (parent / (std::string(prefix) + "-XXXXXX")).string();
    if (!::mkdtemp(name.data())) fail("create a folder in", parent);
    path_ = name;
}

TempFolder::TempFolder(TempFolder&& other) noexcept
    : path_(std::move(other.path_)), kept_(other.kept_) {
    other.kept_ = true;
}

TempFolder::~TempFolder() {
    if (kept_) return;
    std::error_code ignored;  // a destructor may not throw; what stays is found by `patchlab reap`
    fs::remove_all(path_, ignored);
}

namespace {

UniqueFd open_lock(const fs::path& path) {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) fail("open lock", path);
    return fd;
}

/// The whole file, for writing; as the kernel wants it for locks that belong to the open file.
struct flock whole_file() {
    struct flock range {};
    range.l_type = F_WRLCK;
    range.l_whence = SEEK_SET;
    return range;
}

/// Programs of older versions hold an flock instead. Ours take it only while they hold the lock
/// proper, so this fails only while an older program is at work.
bool lock_against_older_versions(const UniqueFd& fd, int flags, const fs::path& path) {
    while (::flock(fd.get(), LOCK_EX | flags) != 0) {
        if (errno == EWOULDBLOCK) return false;
        if (errno != EINTR) fail("lock", path);
    }
    return true;
}

}  // namespace

FileLock FileLock::acquire(const fs::path& path) {
    UniqueFd fd = open_lock(path);
    struct flock range = whole_file();
    while (::fcntl(fd.get(), F_OFD_SETLKW, &range) != 0)
        if (errno != EINTR) fail("lock", path);
    lock_against_older_versions(fd, 0, path);
    return FileLock(std::move(fd));
}

std::optional<FileLock> FileLock::try_acquire(const fs::path& path) {
    UniqueFd fd = open_lock(path);
    struct flock range = whole_file();
    if (::fcntl(fd.get(), F_OFD_SETLK, &range) != 0) {
        if (errno == EAGAIN || errno == EACCES) return std::nullopt;
        fail("lock", path);
    }
    if (!lock_against_older_versions(fd, LOCK_NB, path)) return std::nullopt;
    return FileLock(std::move(fd));
}

bool FileLock::is_held(const fs::path& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return false;
    struct flock range = whole_file();
    if (::fcntl(fd.get(), F_OFD_GETLK, &range) != 0) fail("ask for the holder of", path);
    return range.l_type != F_UNLCK;
}

}  // namespace patchlab
