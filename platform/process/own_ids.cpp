// SPDX-License-Identifier: Apache-2.0
#include "platform/process/own_ids.hpp"

#include <fcntl.h>
#include <fts.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/process/pipe.hpp"

namespace patchlab::process {

namespace {

[[noreturn]] void own_ids_failed(const std::string& what) {
    throw Error(ErrorCode::lab,
                "cannot work with user ids of its own: " + what + ": " + std::strerror(errno),
                "the host must allow user namespaces (sysctl user.max_user_namespaces)");
}

bool hand_on_byte(const UniqueFd& to) { return ::write(to.get(), "x", 1) == 1; }
bool wait_for_byte(const UniqueFd& from) {
    char byte = 0;
    ssize_t got = 0;
    do got = ::read(from.get(), &byte, 1);
    while (got < 0 && errno == EINTR);
    return got == 1;
}

std::string read_all(const UniqueFd& from) {
    std::string text;
    std::array<char, 4096> part{};
    for (;;) {
        const ssize_t got = ::read(from.get(), part.data(), part.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return text;
        text.append(part.data(), static_cast<std::size_t>(got));
    }
}

int wait_for_child(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

/// What the child says of its end, unless that was a good one. To a caller that is gone: in vain.
void tell_caller(const UniqueFd& outcome, const Error& error) {
    write_whole(outcome.get(), to_line({{"code", static_cast<int>(error.code())},
                                        {"message", error.what()},
                                        {"advice", error.advice()}}));
}

/// In the namespace: all that must happen before the body can.
void become_root_of_namespace() {
    if (::setgroups(0, nullptr) != 0 || ::setresgid(0, 0, 0) != 0 || ::setresuid(0, 0, 0) != 0)
        own_ids_failed("becoming its root");
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a change of the id takes it away
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0)
        own_ids_failed("making its mounts its own");
}

struct Wires {
    Pipe ready;    ///< from the child: it has its namespaces
    Pipe mapped;   ///< to the child: its ids are mapped
    Pipe outcome;  ///< from the child: the Error that ended it
};

[[noreturn]] void child_process(Wires& wires, const std::function<void()>& body) noexcept {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    wires.ready.read.reset();
    wires.mapped.write.reset();
    wires.outcome.read.reset();
    try {
        if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) own_ids_failed("creating the namespaces");
        if (!hand_on_byte(wires.ready.write) || !wait_for_byte(wires.mapped.read)) ::_exit(126);
        become_root_of_namespace();
        body();
        ::_exit(0);
    } catch (const Error& error) {
        tell_caller(wires.outcome.write, error);
    } catch (const std::exception& error) {
        tell_caller(wires.outcome.write, Error(ErrorCode::internal, error.what()));
    }
    ::_exit(1);
}

/// Written at once: the kernel takes a map in one piece only.
void write_map(pid_t pid, const char* name, const OwnIds& ids) {
    const std::string file = "/proc/" + std::to_string(pid) + "/" + name;
    const std::string map = "0 " + std::to_string(ids.first) + " " + std::to_string(ids.count);
    const UniqueFd out(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
    if (!out || ::write(out.get(), map.data(), map.size()) != static_cast<ssize_t>(map.size()))
        own_ids_failed("mapping them");
}

[[noreturn]] void throw_what_ended_it(const std::string& outcome, int status) {
    if (outcome.empty() && WIFSIGNALED(status))
        throw Error(ErrorCode::lab,
                    "the work was killed by signal " + std::to_string(WTERMSIG(status)));
    if (outcome.empty()) throw Error(ErrorCode::lab, "the work ended without an answer");
    const Json document = parse_json(outcome, "what ended the work");
    const JsonReader error(document, "what ended the work");
    throw Error(static_cast<ErrorCode>(error.integer("code")), error.string("message"),
                error.string("advice"));
}

constexpr const char* capability = "security.capability";

/// File capabilities that count in the namespace alone, as the kernel noted them there (with the id
/// of its root), made such that count everywhere. nullopt: the file has none.
std::optional<vfs_cap_data> capabilities_of(const char* file) {
    vfs_ns_cap_data noted{};
    const ssize_t size = ::lgetxattr(file, capability, &noted, sizeof noted);
    if (size <= 0) return std::nullopt;
    if (size != sizeof noted) return std::nullopt;  // of another form: none that was set in there
    vfs_cap_data meant{};
    meant.magic_etc = VFS_CAP_REVISION_2 | (noted.magic_etc & VFS_CAP_FLAGS_EFFECTIVE);
    static_assert(sizeof meant.data == sizeof noted.data);
    std::memcpy(&meant.data, &noted.data, sizeof meant.data);
    return meant;
}

void give(const FTSENT& entry, const OwnIds& ids) {
    const struct stat& info = *entry.fts_statp;
    const auto meant = [&](uid_t id) {
        return id >= ids.first && id - ids.first < ids.count ? id - ids.first : id;
    };
    const uid_t user = meant(info.st_uid);
    const gid_t group = meant(info.st_gid);
    if (user == info.st_uid && group == info.st_gid) return;  // or another name of it was first
    const bool regular = S_ISREG(info.st_mode);
    const auto capabilities = regular ? capabilities_of(entry.fts_accpath) : std::nullopt;
    // changing the owner takes setuid bits and capabilities away
    if (::lchown(entry.fts_accpath, user, group) != 0 ||
        (!S_ISLNK(info.st_mode) && ::chmod(entry.fts_accpath, info.st_mode & 07777) != 0) ||
        (capabilities &&
         ::lsetxattr(entry.fts_accpath, capability, &*capabilities, sizeof *capabilities, 0) != 0))
        throw Error(ErrorCode::lab, "cannot give " + std::string(entry.fts_path) +
                                        " to its owner: " + std::strerror(errno));
}

struct CloseTree {
    void operator()(FTS* tree) const { ::fts_close(tree); }
};

}  // namespace

void run_with_own_ids(const OwnIds& ids, const std::function<void()>& body) {
    Wires wires{make_pipe(), make_pipe(), make_pipe()};
    const pid_t child = ::fork();
    if (child < 0) own_ids_failed("starting a process");
    if (child == 0) child_process(wires, body);
    wires.ready.write.reset();
    wires.mapped.read.reset();
    wires.outcome.write.reset();
    std::exception_ptr failed;
    if (wait_for_byte(wires.ready.read)) {
        try {
            write_map(child, "uid_map", ids);
            write_map(child, "gid_map", ids);
            hand_on_byte(wires.mapped.write);
        } catch (...) {
            failed = std::current_exception();
        }
    }
    wires.mapped.write.reset();  // a child that is still waiting ends
    const std::string outcome = read_all(wires.outcome.read);
    const int status = wait_for_child(child);
    if (failed) std::rethrow_exception(failed);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw_what_ended_it(outcome, status);
}

void give_to_meant_ids(const std::filesystem::path& folder, const OwnIds& ids) {
    std::string top = folder.string();
    std::array<char*, 2> tops{top.data(), nullptr};
    // fts changes into the folders, so no part of a path can lead elsewhere
    const std::unique_ptr<FTS, CloseTree> tree(
        ::fts_open(tops.data(), FTS_PHYSICAL | FTS_XDEV, nullptr));
    if (!tree) own_ids_failed("reading " + top);
    while (const FTSENT* entry = ::fts_read(tree.get())) {
        if (entry->fts_info == FTS_ERR || entry->fts_info == FTS_DNR || entry->fts_info == FTS_NS) {
            errno = entry->fts_errno;
            own_ids_failed("reading " + std::string(entry->fts_path));
        }
        if (entry->fts_info != FTS_DP) give(*entry, ids);  // a folder before what is in it
    }
}

}  // namespace patchlab::process
