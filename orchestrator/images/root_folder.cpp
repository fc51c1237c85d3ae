// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/images/root_folder.hpp"

#include <string.h>  // strverscmp is GNU's
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>

#include "image_scripts.hpp"
#include "orchestrator/images/archive.hpp"
#include "orchestrator/images/boot_disk.hpp"
#include "orchestrator/images/package_list.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/disk/image/libguestfs_disk.hpp"
#include "platform/process/own_ids.hpp"

namespace patchlab::images {

namespace {

/// What every lab machine needs: a kernel, an init, an agent to talk to, its own boot loader.
constexpr std::array always{"systemd-sysv", "udev", "dbus",     "qemu-guest-agent",
                            "e2fsprogs",    "kmod", "iproute2", "procps"};

/// Jobs that would change the disk or use the processor at a time of their own, in a machine whose
/// every change is looked at.
constexpr std::array masked{"apt-daily.timer",
                            "apt-daily-upgrade.timer",
                            "e2scrub_all.timer",
                            "e2scrub_reap.service",
                            "fstrim.timer",
                            "systemd-networkd-wait-online.service",
                            "unattended-upgrades.service"};

/// Says the root's type to the builder of the first RAM disk while the system is installed; gone
/// when it boots.
constexpr std::string_view ram_disk_settings = "etc/initramfs-tools/conf.d/patchlab-root";

bool lists(const std::vector<std::string>& packages, std::string_view prefix) {
    return std::any_of(packages.begin(), packages.end(),
                       [&](const std::string& package) { return package.starts_with(prefix); });
}

/// What is in charge of an RPM system, and what that needs of one that is Debian's before.
constexpr std::array always_rpm{"rpm", "dnf", "dnf-plugins-core", "ca-certificates"};

std::vector<std::string> with_needed(const RootRequest& request) {
    std::vector<std::string> packages = request.packages;
    if (!lists(packages, "linux-image-")) packages.emplace_back("linux-image-cloud-amd64");
    std::vector<std::string> needed(always.begin(), always.end());
    needed.emplace_back(request.uefi ? "grub-efi-amd64" : "grub-pc");
    if (request.family == "rpm") needed.insert(needed.end(), always_rpm.begin(), always_rpm.end());
    for (const std::string& name : needed) {
        const bool there =
            std::any_of(packages.begin(), packages.end(), [&](const std::string& package) {
                return package == name || package.starts_with(name + "=");
            });
        if (!there) packages.push_back(name);
    }
    return packages;
}

std::string comma_list(const std::vector<std::string>& items) {
    std::string text;
    for (const auto& item : items) text += (text.empty() ? "" : ",") + item;
    return text;
}

void put(const fs::path& file, std::string_view text, unsigned mode = 0644) {
    // A package may have left a link here that leads out of the folder.
    fs::remove(file);
    make_folder(file.parent_path());
    write_file_atomic(file, text, mode);
}

/// Keys the sources name but no installed package brought.
void copy_keyrings(const std::vector<families::deb::AptSource>& sources, const fs::path& root) {
    for (const auto& source : sources) {
        if (!source.signed_by.starts_with('/') || source.signed_by.find('\n') != std::string::npos)
            continue;
        const fs::path target = root / fs::path(source.signed_by).relative_path();
        if (fs::exists(target) || !fs::exists(source.signed_by)) continue;
        put(target, read_file(source.signed_by));
    }
}

[[noreturn]] void explain_failure(const process::CommandResult& result) {
    if (result.timed_out) throw Error(ErrorCode::timeout, "installing the packages took too long");
    std::istringstream lines(result.err);
    std::string unknown;
    std::vector<std::string> last;
    for (std::string line; std::getline(lines, line);) {
        if (line.find("Unable to locate package") != std::string::npos ||
            line.find("was not found") != std::string::npos ||
            line.find("has no installation candidate") != std::string::npos)
            unknown += (unknown.empty() ? "" : "; ") + line.substr(line.starts_with("E: ") ? 3 : 0);
        if (line.find_first_not_of(" \r") != std::string::npos && !line.starts_with("I: "))
            last.push_back(line);
        if (last.size() > 12) last.erase(last.begin());
    }
    if (!unknown.empty())
        throw Error(ErrorCode::invalid, "the suite does not have all packages: " + unknown);
    std::string text;
    for (const auto& line : last) text += "\n  " + line;
    throw Error(ErrorCode::lab, "mmdebstrap could not install the system:" + text);
}

/// Steps of mmdebstrap worth telling; the rest is detail.
void tell(const RootRequest& request, std::string_view line) {
    if (!request.progress) return;
    if (line.starts_with("I: downloading")) request.progress("downloading packages");
    if (line.starts_with("I: extracting") || line.starts_with("I: installing essential"))
        request.progress("installing the base system");
    if (line.starts_with("I: installing remaining")) request.progress("installing the packages");
}

std::string newest_kernel(const fs::path& boot) {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(boot)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with("vmlinuz-") && fs::exists(boot / ("initrd.img-" + name.substr(8))))
            found.push_back(name.substr(8));
    }
    if (found.empty())
        throw Error(ErrorCode::lab, "the new system has no kernel with an initial RAM disk");
    // By number, not by letter: 6.1.0-50 is newer than 6.1.0-9.
    return *std::max_element(found.begin(), found.end(), [](const auto& a, const auto& b) {
        return ::strverscmp(a.c_str(), b.c_str()) < 0;
    });
}

std::string root_mount(const RootRequest& request) {
    return "UUID=" + request.filesystem_uuid + " / ext4 errors=remount-ro 0 1";
}

std::string efi_mount(const RootRequest& request) {
    const std::string serial = efi_serial({0, request.filesystem_uuid, true});
    std::string name = serial.substr(0, 4) + "-" + serial.substr(4);
    for (char& c : name)
        if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
    return "UUID=" + name + " /boot/efi vfat umask=0077 0 0";
}

/// mmdebstrap runs a hook with sh -c and gives it the new root's folder as $1.
std::string hook(std::string_view script) {
    return std::string(embedded::image_scripts::file(script));
}

/// As root of a user namespace: to mmdebstrap that is the mode in which it has root without asking.
process::CommandSpec installation(const RootRequest& request, const fs::path& root,
                                  const fs::path& sources, process::CommandRunner& commands) {
    process::CommandSpec spec;
    spec.program = "mmdebstrap";
    spec.purpose = "installing the system";
    spec.deadline = Seconds(3600);
    spec.environment = {{"DEBIAN_FRONTEND", "noninteractive"},
                        {"HOME", "/"},  // the caller's cannot be read by these ids
                        {"LC_ALL", "C.UTF-8"},
                        {"PATCHLAB_FSTAB", root_mount(request)},
                        {"PATCHLAB_SETTINGS_OF_RAM_DISK", std::string(ram_disk_settings)}};
    spec.args = {"--mode=unshare", "--variant=minbase", "--format=directory",
                 "--architectures=amd64",
                 // Keep the packages: they are the exact old versions a back-out needs.
                 "--skip=download/empty,essential/unlink,cleanup/apt/cache",
                 "--aptopt=Acquire::Languages \"none\"",
                 "--dpkgopt=force-unsafe-io"};  // a folder that a crash throws away anyway
    for (const auto& option : host_acquire_options(commands))
        spec.args.push_back("--aptopt=" + option.substr(0, option.rfind(';')));
    spec.args.push_back("--essential-hook=" + hook("before_packages.sh"));
    spec.args.push_back("--customize-hook=" + hook("after_packages.sh"));
    spec.args.push_back("--include=" + comma_list(with_needed(request)));
    spec.args.insert(spec.args.end(), {request.suite, root.string(), sources.string()});
    spec.on_output_line = [&](std::string_view line) { tell(request, line); };
    return spec;
}

}  // namespace

void install_root(const RootRequest& request, const fs::path& root, const process::OwnIds& ids,
                  process::CommandRunner& commands) {
    make_folder(root);
    if (::chown(root.c_str(), ids.first, ids.first) != 0)
        throw Error(ErrorCode::lab, "cannot give the new system's folder to its builder");
    const fs::path sources = root.parent_path() / "image.sources";
    write_file_atomic(sources, families::deb::to_deb822(request.sources));
    const process::CommandSpec spec = installation(request, root, sources, commands);
    process::run_with_own_ids(ids, [&] {
        const auto result = commands.run(spec);
        if (!result.ok()) explain_failure(result);
    });
}

void settle_root(const fs::path& root, const fs::path& debs, const process::OwnIds& ids) {
    process::give_to_meant_ids(root, ids);
    move_packages(root / "var/cache/apt/archives", debs, ".deb");
}

void move_packages(const fs::path& from, const fs::path& to, std::string_view ending) {
    make_folder(to);
    for (const auto& entry : fs::directory_iterator(from))
        if (entry.path().extension() == ending)
            fs::rename(entry.path(), to / entry.path().filename());
}

std::string prepare_root(const RootRequest& request, const fs::path& root) {
    const std::string& host = request.hostname;
    put(root / "etc/hostname", host + "\n");
    put(root / "etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1\t" + host +
                                "\n::1\t\tlocalhost ip6-localhost ip6-loopback\n");
    put(root / "etc/resolv.conf", "");
    put(root / "etc/fstab",
        root_mount(request) + "\n" + (request.uefi ? efi_mount(request) + "\n" : ""));
    put(root / "etc/machine-id", "", 0444);
    fs::remove(root / "etc/apt/apt.conf.d/99mmdebstrap");
    fs::remove(root / "etc/dpkg/dpkg.cfg.d/99mmdebstrap");
    fs::remove(root / ram_disk_settings);
    const bool is_rpm = request.family == "rpm";
    if (!is_rpm) copy_keyrings(request.sources, root);
    put(root / "etc/default/grub",
        std::string("# If you change this file, run '") +
            (is_rpm ? "synthetic-boot-menu" : "update-grub") +
            "' afterwards.\nGRUB_DEFAULT=0\nGRUB_TIMEOUT=0\nGRUB_DISTRIBUTOR=" +
            (is_rpm ? "Synthetic" : "Debian") +
            "\nGRUB_CMDLINE_LINUX_DEFAULT=\"\"\n"
            "GRUB_CMDLINE_LINUX=\"console=tty0 "
            "console=ttyS0,115200n8\"\nGRUB_TERMINAL=console\nGRUB_DISABLE_OS_PROBER=true\n");
    for (const char* unit : masked) {
        const fs::path link = root / "etc/systemd/system" / unit;
        fs::remove(link);
        fs::create_symlink("/dev/null", link);
    }
    const std::string kernel = newest_kernel(root / "boot");
    // For the first boot only; that boot lets the system write its own.
    put(root / "boot/grub/grub.cfg",
        std::string(request.uefi ? "" : "set root=(hd0,msdos1)\n") + "linux /boot/vmlinuz-" +
            kernel + " root=UUID=" + request.filesystem_uuid +
            " ro console=tty0 console=ttyS0,115200n8\ninitrd /boot/initrd.img-" + kernel +
            "\nboot\n");
    return kernel;
}

disk::OsInspection describe_root(const RootRequest& request, const fs::path& root,
                                 std::vector<disk::InstalledPackage> packages) {
    disk::OsInspection os;
    os.type = "linux";
    os.architecture = "x86_64";
    os.hostname = request.hostname;
    os.package_format = request.family;
    os.boot_mode = request.uefi ? "uefi" : "bios";
    os.filesystems = {{"/", "ext4"}};
    if (request.uefi) os.filesystems.emplace_back("/boot/efi", "vfat");
    disk::apply_os_release(read_file(root / "usr/lib/os-release", 1U << 16), os);
    os.packages = std::move(packages);
    os.guest_agent = std::any_of(os.packages.begin(), os.packages.end(), [](const auto& package) {
        return package.name == "qemu-guest-agent";
    });
    return os;
}

}  // namespace patchlab::images
