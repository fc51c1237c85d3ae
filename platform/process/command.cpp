// SPDX-License-Identifier: Apache-2.0
#include "platform/process/command.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <utility>

#include "platform/core/error.hpp"

namespace patchlab::process {

namespace {

bool is_executable(const std::filesystem::path& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
           ::access(path.c_str(), X_OK) == 0;
}

/// The end of `text`, at most three lines and 600 bytes: what a tool says last is why it gave up.
std::string last_lines(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
        text.remove_suffix(1);
    std::size_t begin = text.size();
    for (int lines = 0; begin > 0 && text.size() - begin < 600; --begin)
        if (text[begin - 1] == '\n' && ++lines == 3) break;
    std::string tail;
    for (const char c : text.substr(begin)) {
        const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        if (c == '\n') tail += " / ";
        else if (c != '\r') tail += control ? ' ' : c;
    }
    return tail;
}

std::string in_seconds(Seconds time) {
    std::ostringstream out;
    out << time.count();
    return out.str();
}

}  // namespace

std::optional<std::filesystem::path> find_program(std::string_view program) {
    if (program.empty()) return std::nullopt;
    if (program.find('/') != std::string_view::npos) {
        const std::filesystem::path path = std::filesystem::absolute(program);
        return is_executable(path) ? std::optional(path) : std::nullopt;
    }
    const char* path = std::getenv("PATH");
    // many users have no sbin in PATH, yet mke2fs and zerofree live there
    std::istringstream folders(std::string(path ? path : "/usr/bin:/bin") + ":/usr/sbin:/sbin");
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (folder.empty())
            continue;  // an empty element means "here", which nobody wants of a program that runs
                       // as root
        std::filesystem::path candidate = std::filesystem::path(folder) / program;
        if (is_executable(candidate)) return candidate;
    }
    return std::nullopt;
}

std::string package_advice(std::string_view program) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 47> packages{{
        {"sbatch", "slurm-client"},
        {"squeue", "slurm-client"},
        {"scancel", "slurm-client"},
        {"qemu-img", "qemu-utils"},
        {"qemu-io", "qemu-utils"},
        {"qemu-nbd", "qemu-utils"},
        {"qemu-system-x86_64", "qemu-system-x86"},
        {"mmdebstrap", "mmdebstrap"},
        {"apt-get", "apt"},
        {"apt-cache", "apt"},
        {"apt-config", "apt"},
        {"apt-ftparchive", "apt-utils"},
        {"dpkg-deb", "dpkg"},
        {"dpkg-query", "dpkg"},
        {"dpkg-scanpackages", "dpkg-dev"},
        {"dpkg-buildpackage", "dpkg-dev"},
        {"mke2fs", "e2fsprogs"},
        {"mkfs.ext4", "e2fsprogs"},
        {"debugfs", "e2fsprogs"},
        {"xorriso", "xorriso"},
        {"genisoimage", "genisoimage"},
        {"mksquashfs", "squashfs-tools"},
        {"grub-mkimage", "grub-common"},
        {"mkfs.vfat", "dosfstools"},
        {"mmd", "mtools"},
        {"mcopy", "mtools"},
        {"sfdisk", "fdisk"},
        {"qemu-storage-daemon", "qemu-system-common"},
        {"gpgv", "gpgv"},
        {"gpg", "gnupg"},
        {"gpgconf", "gnupg"},
        {"aptly", "aptly"},
        {"createrepo_c", "createrepo-c"},
        {"modifyrepo_c", "createrepo-c"},
        {"setpriv", "util-linux"},
        {"rpm", "rpm"},
        {"rpmdb", "rpm"},
        {"rpmkeys", "rpm"},
        {"rpmbuild", "rpm"},
        {"virt-diff", "guestfs-tools"},
        {"libguestfs-test-tool", "libguestfs-tools"},
        {"ip", "iproute2"},
        {"ansible-playbook", "ansible-core"},
        {"ansible-inventory", "ansible-core"},
        {"ssh", "openssh-client"},
        {"virsh", "libvirt-clients"},
        {"curl", "curl"},
    }};
    for (const auto& [tool, package] : packages)
        if (tool == program) return "install the Debian package " + std::string(package);
    return {};
}

CommandResult CommandRunner::require(const CommandSpec& spec) {
    CommandResult result = run(spec);
    if (result.ok()) return result;
    const std::string program = std::filesystem::path(spec.program).filename().string();
    const std::string said = last_lines(result.err.empty() ? result.out : result.err);
    const std::string why = said.empty() ? "" : ": " + said;
    if (result.timed_out)
        throw Error(ErrorCode::timeout,
                    program + " did not end within " + in_seconds(spec.deadline) + " s" + why)
            .during(spec.purpose);
    const std::string how = result.signal != 0
                                ? "was ended by signal " + std::to_string(result.signal)
                                : "failed with exit " + std::to_string(result.exit_code);
    throw Error(ErrorCode::lab, program + " " + how + why).during(spec.purpose);
}

// A fixed table of atomics: a signal handler may neither lock nor allocate. A command beyond its
// size is only not registered.
static std::array<std::atomic<int>, 256> groups{};
static_assert(std::atomic<int>::is_always_lock_free);

void kill_running_commands() noexcept {
    for (const std::atomic<int>& group : groups)
        if (const int id = group.load(); id > 1) ::kill(-id, SIGKILL);
}

RunningGroup::RunningGroup(int group) noexcept {
    for (std::size_t i = 0; i < groups.size(); ++i) {
        int free = 0;
        if (groups[i].compare_exchange_strong(free, group)) {
            slot_ = static_cast<int>(i);
            return;
        }
    }
}

RunningGroup::~RunningGroup() {
    if (slot_ >= 0) groups[static_cast<std::size_t>(slot_)].store(0);
}

}  // namespace patchlab::process
