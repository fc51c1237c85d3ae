// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/machine_files.hpp"

#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <set>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::virt {

namespace {

constexpr off_t log_limit = 16 << 20;

[[noreturn]] void fail_errno(const std::string& what, const std::filesystem::path& path) {
    throw Error(ErrorCode::lab,
                "cannot " + what + " " + path.string() + ": " + std::strerror(errno));
}

bool sound_name(const std::string& name) {
    return !name.empty() && name.size() <= 64 && name.front() != '-' && name.front() != '.' &&
           std::all_of(name.begin(), name.end(), [](unsigned char c) {
               return std::isalnum(c) || c == '-' || c == '_' || c == '.';
           });
}

bool sound_mac(const std::string& mac) {
    if (mac.size() != 17) return false;
    for (std::size_t i = 0; i < mac.size(); ++i)
        if (i % 3 == 2 ? mac[i] != ':' : !std::isxdigit(static_cast<unsigned char>(mac[i])))
            return false;
    return true;
}

}  // namespace

void require_sound(const MachineSpec& spec) {
    const auto refuse = [&](const std::string& why) {
        throw Error(ErrorCode::invalid, "machine '" + spec.name + "': " + why);
    };
    if (!sound_name(spec.name) || !(spec.clone.empty() || sound_name(spec.clone)))
        refuse("a name is made of letters, digits, '-', '_' and '.'");
    if (spec.vcpus < 1 || spec.vcpus > 64) refuse("vcpus must be 1 to 64");
    if (spec.memory_mib < 64 || spec.memory_mib > (1U << 20))
        refuse("memory must be 64 MiB to 1 TiB");
    if (spec.disk_format != "qcow2" && spec.disk_format != "raw")
        refuse("a disk is qcow2 or raw, not '" + spec.disk_format + "'");
    for (const auto& path :
         {spec.disk, spec.serial_log, spec.agent_socket, spec.memory_file.value_or("/")})
        if (!path.is_absolute()) refuse("path '" + path.string() + "' must be absolute");
    if (spec.agent_socket.string().size() > 100)
        refuse("the path of the agent's socket is longer than 100 bytes");
    if (spec.nics.size() > 8) refuse("at most 8 network cards");
    for (const NicSpec& nic : spec.nics)
        if (!sound_mac(nic.mac)) refuse("'" + nic.mac + "' is not a MAC address");
}

void prepare_disk_and_log(const MachineSpec& spec, const QemuUser& user) {
    if (!std::filesystem::exists(spec.disk))
        throw Error(ErrorCode::lab, "there is no disk " + spec.disk.string());
    make_reachable(spec.disk, user);
    make_reachable(spec.serial_log, user);
    hand_over(spec.disk, user, 0600);
    const UniqueFd log(::open(spec.serial_log.c_str(),
                              O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!log) fail_errno("create the console log", spec.serial_log);
    hand_over(spec.serial_log, user, 0600);
}

void create_memory_file(const MachineSpec& spec, const QemuUser& user) {
    const auto& path = spec.memory_file.value();
    const std::uint64_t bytes = std::uint64_t{spec.memory_mib} << 20;
    // A sparse file on a full disk would kill QEMU at the first page that finds no room (SIGBUS):
    // better refuse now.
    if (free_bytes(path) < bytes)
        throw Error(ErrorCode::lab,
                    "no room for the memory of machine '" + spec.name + "' (" +
                        std::to_string(spec.memory_mib) + " MiB) in " + path.parent_path().string(),
                    "free some space there");
    ::unlink(path.c_str());
    const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd || ::ftruncate(fd.get(), static_cast<off_t>(bytes)) != 0)
        fail_errno("create the memory file", path);
    make_reachable(path, user);
    hand_over(path, user, 0600);
}

void place_socket(const std::filesystem::path& made, const std::filesystem::path& wanted) {
    ::unlink(wanted.c_str());
    if (::rename(made.c_str(), wanted.c_str()) != 0) fail_errno("move a guest's socket to", wanted);
    if (::geteuid() == 0 && ::lchown(wanted.c_str(), 0, 0) != 0)
        fail_errno("own a guest's socket", wanted);
}

void limit_log(const std::filesystem::path& log) {
    struct stat info {};
    if (::lstat(log.c_str(), &info) != 0 || !S_ISREG(info.st_mode) || info.st_size <= log_limit)
        return;
    // QEMU appends (O_APPEND), so it goes on at the new end
    if (::truncate(log.c_str(), log_limit / 2) != 0) return;
    const UniqueFd fd(::open(log.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW));
    constexpr std::string_view note =
        "\n[patchlab: the console wrote too much; a part is missing here]\n";
    if (fd && ::write(fd.get(), note.data(), note.size()) < 0) return;
}

struct LogKeeper::Logs {
    std::mutex mutex;
    std::set<std::filesystem::path> paths;
};

namespace {

using LogsPtr = std::shared_ptr<LogKeeper::Logs>;

void look(int, void* shared) {
    LogKeeper::Logs& logs = **static_cast<LogsPtr*>(shared);
    const std::lock_guard lock(logs.mutex);
    for (const auto& path : logs.paths) limit_log(path);
}

void release_logs(void* shared) { delete static_cast<LogsPtr*>(shared); }

}  // namespace

LogKeeper::LogKeeper()
    : logs_(std::make_shared<Logs>()),
      timer_(virEventAddTimeout(1000, &look, new LogsPtr(logs_), &release_logs)) {}

LogKeeper::~LogKeeper() { virEventRemoveTimeout(timer_); }

void LogKeeper::add(const std::filesystem::path& log) {
    const std::lock_guard lock(logs_->mutex);
    logs_->paths.insert(log);
}

void LogKeeper::remove(const std::filesystem::path& log) {
    const std::lock_guard lock(logs_->mutex);
    logs_->paths.erase(log);
}

}  // namespace patchlab::virt
