// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/image/libguestfs_disk.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <string>

#include "platform/disk/image/appliance.hpp"

namespace patchlab::disk {

namespace {

constexpr std::size_t max_packages = 200'000;
constexpr std::size_t max_text = 1024;
constexpr auto os_release = "/etc/os-release";

/// What a guest says about itself: bounded, printable.
std::string bounded(const char* text) {
    if (text == nullptr) return {};
    std::string result;
    for (const char* at = text; *at != '\0' && result.size() < max_text; ++at)
        result += static_cast<unsigned char>(*at) < 0x20 || *at == 0x7f ? '?' : *at;
    return result;
}

/// Takes a string libguestfs allocated; "unknown" and errors become empty.
std::string taken(char* text) {
    const GuestfsText owned(text);
    const std::string result = bounded(owned.get());
    return result == "unknown" ? "" : result;
}

bool is(guestfs_h* g, int (*question)(guestfs_h*, const char*), const char* path) {
    const int answer = question(g, path);
    return answer == 1;
}

/// Firmware starts a BIOS disk from its first sector; a UEFI disk needs an EFI system partition. A
/// disk that has both (cloud images) boots as BIOS, which needs no variable store.
std::string boot_mode(guestfs_h* g) {
    constexpr auto efi_system = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
    constexpr auto bios_boot = "21686148-6449-6E6F-744E-656564454649";
    bool efi = false;
    bool bios = false;
    for (const auto& device : take_strings(guestfs_list_devices(g))) {
        const std::string table = taken(guestfs_part_get_parttype(g, device.c_str()));
        guestfs_partition_list* partitions = guestfs_part_list(g, device.c_str());
        if (partitions == nullptr) continue;
        for (std::uint32_t i = 0; i < partitions->len; ++i) {
            const int number = partitions->val[i].part_num;
            if (table == "gpt") {
                const std::string type =
                    taken(guestfs_part_get_gpt_type(g, device.c_str(), number));
                efi = efi || type == efi_system;
                bios = bios || type == bios_boot;
            } else if (table == "msdos") {
                efi = efi || guestfs_part_get_mbr_id(g, device.c_str(), number) == 0xef;
            }
        }
        guestfs_free_partition_list(partitions);
    }
    return efi && !bios ? "uefi" : "bios";
}

std::vector<InstalledPackage> list_packages(guestfs_h* g, const char* root) {
    guestfs_application2_list* list = guestfs_inspect_list_applications2(g, root);
    if (list == nullptr)
        throw_guestfs(g, ErrorCode::invalid, "read the list of installed packages");
    const std::unique_ptr<guestfs_application2_list, decltype(&guestfs_free_application2_list)>
        owned(list, guestfs_free_application2_list);
    std::vector<InstalledPackage> result;
    for (std::uint32_t i = 0; i < std::min<std::size_t>(list->len, max_packages); ++i) {
        const auto& app = list->val[i];
        InstalledPackage package;
        package.name = bounded(app.app2_name);
        if (app.app2_epoch > 0) package.version = std::to_string(app.app2_epoch) + ":";
        package.version += bounded(app.app2_version);
        if (const auto release = bounded(app.app2_release); !release.empty())
            package.version += "-" + release;
        package.architecture = bounded(app.app2_arch);
        result.push_back(std::move(package));
    }
    std::sort(result.begin(), result.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    return result;
}

/// Installed, and not turned off. Where it is started by the device's appearance there is no link
/// to look for.
bool has_guest_agent(guestfs_h* g, const OsInspection& os) {
    constexpr std::array programs{"/usr/sbin/qemu-ga", "/usr/bin/qemu-ga",
                                  "/Program Files/Qemu-ga/qemu-ga.exe"};
    const bool installed = std::any_of(programs.begin(), programs.end(), [&](const char* path) {
        const auto is_file = [](guestfs_h* handle, const char* name) {
            return guestfs_is_file(handle, name);
        };
        return is(g, is_file, path);
    });
    if (!installed || os.type != "linux") return installed;
    const auto is_link = [](guestfs_h* handle, const char* name) {
        return guestfs_is_symlink(handle, name);
    };
    constexpr auto unit = "/etc/systemd/system/qemu-guest-agent.service";
    return !(is(g, is_link, unit) && taken(guestfs_readlink(g, unit)) == "/dev/null");
}

/// Mounts the system's filesystems read-only, the shortest mount point first. One that cannot be
/// mounted (a dead fstab line) is left out, except the root.
void mount_all(guestfs_h* g, const char* root, OsInspection& os) {
    auto mounts = take_pairs(guestfs_inspect_get_mountpoints(g, root));
    std::sort(mounts.begin(), mounts.end(),
              [](const auto& a, const auto& b) { return a.first.size() < b.first.size(); });
    for (const auto& [point, device] : mounts) {
        if (guestfs_mount_ro(g, device.c_str(), point.c_str()) == -1) {
            if (point == "/")
                throw_guestfs(g, ErrorCode::invalid, "mount the system's root filesystem");
            continue;
        }
        os.filesystems.emplace_back(bounded(point.c_str()),
                                    taken(guestfs_vfs_type(g, device.c_str())));
    }
}

/// The one operating system of the disk.
std::string find_root(guestfs_h* g) {
    const auto roots = take_strings(guestfs_inspect_os(g));
    if (roots.empty())
        throw Error(ErrorCode::invalid,
                    "there is no operating system on the disk that libguestfs knows");
    if (roots.size() > 1)
        throw Error(ErrorCode::invalid, "there are " + std::to_string(roots.size()) +
                                            " operating systems on the disk; one is needed");
    return roots.front();
}

std::string read(guestfs_h* g, const std::string& path, std::size_t max_bytes) {
    // Size first: the answer is held in memory, and the guest chooses how large it is.
    if (guestfs_is_file_opts(g, path.c_str(), GUESTFS_IS_FILE_OPTS_FOLLOWSYMLINKS, 1, -1) != 1)
        throw Error(ErrorCode::not_found, "there is no file " + path + " on the disk");
    const std::int64_t size = guestfs_filesize(g, path.c_str());
    if (size < 0) throw_guestfs(g, ErrorCode::invalid, "read " + path);
    if (static_cast<std::uint64_t>(size) > max_bytes)
        throw Error(ErrorCode::invalid,
                    path + " on the disk is larger than " + std::to_string(max_bytes) + " bytes");
    std::size_t got = 0;
    const GuestfsText bytes(guestfs_read_file(g, path.c_str(), &got));
    if (!bytes) throw_guestfs(g, ErrorCode::invalid, "read " + path);
    return std::string(bytes.get(), got);
}

OsInspection inspect_system(guestfs_h* g) {
    const std::string root = find_root(g);
    const char* r = root.c_str();
    OsInspection os;
    os.type = taken(guestfs_inspect_get_type(g, r));
    os.distro = taken(guestfs_inspect_get_distro(g, r));
    const int major = guestfs_inspect_get_major_version(g, r);
    const int minor = guestfs_inspect_get_minor_version(g, r);
    if (major >= 0)
        os.version = std::to_string(major) + (minor > 0 ? "." + std::to_string(minor) : "");
    os.product = taken(guestfs_inspect_get_product_name(g, r));
    os.architecture = taken(guestfs_inspect_get_arch(g, r));
    os.hostname = taken(guestfs_inspect_get_hostname(g, r));
    os.package_format = taken(guestfs_inspect_get_package_format(g, r));
    mount_all(g, r, os);
    // libguestfs goes by other files first, and then knows neither code name nor product.
    if (is(
            g,
            [](guestfs_h* handle, const char* path) {
                return guestfs_is_file_opts(handle, path, GUESTFS_IS_FILE_OPTS_FOLLOWSYMLINKS, 1,
                                            -1);
            },
            os_release))
        apply_os_release(read(g, os_release, 1U << 16), os);
    os.boot_mode = boot_mode(g);
    os.packages = list_packages(g, r);
    os.guest_agent = has_guest_agent(g, os);
    return os;
}

class LibguestfsDisk final : public OfflineDisk {
  public:
    explicit LibguestfsDisk(LibguestfsOptions options) : options_(std::move(options)) {}

    OsInspection inspect(const std::filesystem::path& image, std::string_view format) override {
        open(image, format);
        return *os_;
    }

    std::string read_file(const std::filesystem::path& image, std::string_view format,
                          std::string_view path, std::size_t max_bytes) override {
        open(image, format);
        std::string content;
        appliance_->within_deadline(
            [&](guestfs_h* g) { content = read(g, std::string(path), max_bytes); });
        return content;
    }

  private:
    void open(const std::filesystem::path& image, std::string_view format) {
        if (appliance_ && opened_ == image) return;
        close();
        appliance_.emplace(image, std::string(format), options_);
        try {
            appliance_->within_deadline([&](guestfs_h* g) { os_ = inspect_system(g); });
        } catch (...) {
            close();
            throw;
        }
        opened_ = image;
    }

    void close() {
        appliance_.reset();
        os_.reset();
        opened_.clear();
    }

    LibguestfsOptions options_;
    std::optional<Appliance> appliance_;
    std::optional<OsInspection> os_;
    std::filesystem::path opened_;
};

}  // namespace

std::unique_ptr<OfflineDisk> open_libguestfs(const LibguestfsOptions& options) {
    return std::make_unique<LibguestfsDisk>(options);
}

namespace {

std::string value_of(std::string text) {
    if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
        text.back() == text.front())
        text = text.substr(1, text.size() - 2);
    text.resize(std::min<std::size_t>(text.size(), 200));
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
    return text;
}

}  // namespace

void apply_os_release(std::string_view text, OsInspection& os) {
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        const auto equals = line.find('=');
        if (equals == std::string::npos) continue;
        const std::string field = line.substr(0, equals);
        const std::string value = value_of(line.substr(equals + 1));
        if (value.empty()) continue;
        if (field == "ID") os.distro = value;
        if (field == "VERSION_ID") os.version = value;
        if (field == "VERSION_CODENAME") os.codename = value;
        if (field == "PRETTY_NAME") os.product = value;
    }
}

}  // namespace patchlab::disk
