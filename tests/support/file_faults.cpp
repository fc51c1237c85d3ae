// SPDX-License-Identifier: Apache-2.0
//
// A library to be preloaded (LD_PRELOAD) that lets calls which change files fail, as a full disk, a
// broken one or a power cut would. It sees every write of a program, SQLite's among them, below
// one folder. Children inherit it and count on with their parent.
//
//   PATCHLAB_FILE_FAULT  KIND:N   the Nth call of all processes together, from 1; 0: none, only
//                                 count. KIND: full (from then on no space), error (EIO, once),
//                                 short (half is written, once), sync (fsync fails, once), crash
//                                 (SIGKILL just after the call)
//   PATCHLAB_FILE_ROOT   the folder
//   PATCHLAB_FILE_COUNT  a file of 8 bytes, the counter; shared by all processes
//
// Thread safety: any thread.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

enum class Call { write, sync, name };

struct Plan {
    std::string kind;
    std::uint64_t at = 0;
    std::string root;
    std::atomic<std::uint64_t>* count = nullptr;
};

template <typename Function>
Function next(const char* name) {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

std::atomic<std::uint64_t>* shared_counter(const char* file) {
    const int fd = next<int (*)(const char*, int, ...)>("open")(file, O_RDWR | O_CLOEXEC);
    if (fd < 0) return nullptr;
    void* page = ::mmap(nullptr, sizeof(std::uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
    return page == MAP_FAILED ? nullptr : static_cast<std::atomic<std::uint64_t>*>(page);
}

/// Never destroyed: programs write to their last moment.
const Plan& plan() {
    static const Plan* const made = [] {
        auto* all = new Plan;
        const char* fault = std::getenv("PATCHLAB_FILE_FAULT");
        const char* root = std::getenv("PATCHLAB_FILE_ROOT");
        const char* count = std::getenv("PATCHLAB_FILE_COUNT");
        if (!fault || !root || !count) return all;
        const char* colon = std::strchr(fault, ':');
        if (!colon) return all;
        all->kind.assign(fault, colon);
        all->at = std::strtoull(colon + 1, nullptr, 10);
        all->root = root;
        all->count = shared_counter(count);
        return all;
    }();
    return *made;
}

bool below_root(const std::string& path) {
    const std::string& root = plan().root;
    return path.compare(0, root.size(), root) == 0 &&
           (path.size() == root.size() || path[root.size()] == '/');
}

std::string path_of(int fd) {
    char link[64];
    char path[4096];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = ::readlink(link, path, sizeof path - 1);
    return length < 0 ? std::string() : std::string(path, static_cast<std::size_t>(length));
}

std::string path_in(int folder, const char* path) {
    if (!path) return {};
    if (path[0] == '/') return path;
    if (folder != AT_FDCWD) return path_of(folder) + "/" + path;
    char here[4096];
    return ::getcwd(here, sizeof here) ? std::string(here) + "/" + path : std::string();
}

struct Fate {
    int error = 0;      ///< the call fails with it
    bool half = false;  ///< writes half
    bool last = false;  ///< the process ends after the call
};

/// What becomes of a call that changes the file at `path`.
Fate fate(Call call, const std::string& path) {
    const Plan& all = plan();
    if (!all.count || !below_root(path)) return {};
    if (all.kind == "sync" && call != Call::sync) return {};
    if (all.kind == "short" && call != Call::write) return {};
    const std::uint64_t number = all.count->fetch_add(1) + 1;
    if (all.at == 0 || number < all.at) return {};
    if (all.kind == "full" && call != Call::sync) return {.error = ENOSPC};
    if (number != all.at) return {};
    if (all.kind == "error" || all.kind == "sync") return {.error = EIO};
    if (all.kind == "short") return {.half = true};
    return {.last = all.kind == "crash"};
}

template <typename Result, typename Do>
Result meet(const Fate& what, Do&& act) {
    if (what.error != 0) {
        errno = what.error;
        return static_cast<Result>(-1);
    }
    const Result result = act();
    if (what.last) ::kill(::getpid(), SIGKILL);
    return result;
}

std::size_t share(const Fate& what, std::size_t bytes) {
    return what.half && bytes > 1 ? bytes / 2 : bytes;
}

bool makes(int flags) { return (flags & (O_CREAT | O_TRUNC | O_TMPFILE)) != 0; }

int open_in(const char* name, int folder, const char* path, int flags, mode_t mode) {
    const auto open_it = [&] {
        return next<int (*)(int, const char*, int, ...)>(name)(folder, path, flags, mode);
    };
    if (!makes(flags)) return open_it();
    return meet<int>(fate(Call::name, path_in(folder, path)), open_it);
}

mode_t mode_in(int flags, va_list& rest) {
    return makes(flags) ? static_cast<mode_t>(va_arg(rest, unsigned)) : 0;
}

}  // namespace

// The names of libc; each does what the real one does when nothing is to fail.
extern "C" {

int open(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = mode_in(flags, rest);
    va_end(rest);
    return open_in("openat", AT_FDCWD, path, flags, mode);
}

int open64(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = mode_in(flags, rest);
    va_end(rest);
    return open_in("openat64", AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = mode_in(flags, rest);
    va_end(rest);
    return open_in("openat", folder, path, flags, mode);
}

int openat64(int folder, const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = mode_in(flags, rest);
    va_end(rest);
    return open_in("openat64", folder, path, flags, mode);
}

ssize_t write(int fd, const void* bytes, size_t size) {
    const Fate what = fate(Call::write, path_of(fd));
    return meet<ssize_t>(what, [&] {
        return next<ssize_t (*)(int, const void*, size_t)>("write")(fd, bytes, share(what, size));
    });
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
    const Fate what = fate(Call::write, path_of(fd));
    return meet<ssize_t>(what, [&] {
        return next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite")(fd, bytes,
                                                                            share(what, size), at);
    });
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
    const Fate what = fate(Call::write, path_of(fd));
    return meet<ssize_t>(what, [&] {
        return next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64")(
            fd, bytes, share(what, size), at);
    });
}

ssize_t writev(int fd, const iovec* parts, int count) {
    return meet<ssize_t>(fate(Call::write, path_of(fd)), [&] {
        return next<ssize_t (*)(int, const iovec*, int)>("writev")(fd, parts, count);
    });
}

int fsync(int fd) {
    return meet<int>(fate(Call::sync, path_of(fd)),
                     [&] { return next<int (*)(int)>("fsync")(fd); });
}

int fdatasync(int fd) {
    return meet<int>(fate(Call::sync, path_of(fd)),
                     [&] { return next<int (*)(int)>("fdatasync")(fd); });
}

int ftruncate(int fd, off_t size) {
    return meet<int>(fate(Call::name, path_of(fd)),
                     [&] { return next<int (*)(int, off_t)>("ftruncate")(fd, size); });
}

int ftruncate64(int fd, off64_t size) {
    return meet<int>(fate(Call::name, path_of(fd)),
                     [&] { return next<int (*)(int, off64_t)>("ftruncate64")(fd, size); });
}

int mkdir(const char* path, mode_t mode) {
    return meet<int>(fate(Call::name, path_in(AT_FDCWD, path)),
                     [&] { return next<int (*)(const char*, mode_t)>("mkdir")(path, mode); });
}

int link(const char* from, const char* to) {
    return meet<int>(fate(Call::name, path_in(AT_FDCWD, to)),
                     [&] { return next<int (*)(const char*, const char*)>("link")(from, to); });
}

int symlink(const char* target, const char* path) {
    return meet<int>(fate(Call::name, path_in(AT_FDCWD, path)), [&] {
        return next<int (*)(const char*, const char*)>("symlink")(target, path);
    });
}

int rename(const char* from, const char* to) {
    return meet<int>(fate(Call::name, path_in(AT_FDCWD, to)),
                     [&] { return next<int (*)(const char*, const char*)>("rename")(from, to); });
}

int renameat(int from_folder, const char* from, int to_folder, const char* to) {
    return meet<int>(fate(Call::name, path_in(to_folder, to)), [&] {
        return next<int (*)(int, const char*, int, const char*)>("renameat")(from_folder, from,
                                                                             to_folder, to);
    });
}

}  // extern "C"
