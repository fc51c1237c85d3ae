// SPDX-License-Identifier: Apache-2.0
//
// Why not grub-install: it wants the disk as a device of this host. What it does for a BIOS disk is
// little: code in sector 0, core.img from sector 1 on (which sector 0's code and core.img's own
// first sector expect as built), modules in /boot/grub. The guest's own grub-install works on the
// result as on any disk.
#include "orchestrator/images/boot_disk.hpp"

#include <algorithm>
#include <cstring>

#include "orchestrator/images/disk_parts.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::images {

namespace {

constexpr std::uint64_t sector = 512;
constexpr std::uint64_t partition_offset = 1ULL << 20;
constexpr std::size_t boot_code = 440;
constexpr std::size_t max_core_bytes = partition_offset - sector;

void put_little(std::string& bytes, std::size_t at, std::uint64_t value, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        bytes[at + i] = static_cast<char>(value >> (8 * i) & 0xff);
}

std::string make_core_image(const fs::path& modules, const fs::path& core,
                            process::CommandRunner& commands) {
    process::CommandSpec spec;
    spec.program = "grub-mkimage";
    spec.purpose = "making the boot loader";
    spec.args = {"-O",       "i386-pc",     "-d",  modules.string(),
                 "-o",       core.string(), "-p",  "(hd0,msdos1)/boot/grub",
                 "biosdisk", "part_msdos",  "ext2"};
    commands.require(spec);
    std::string bytes = read_file(core, max_core_bytes);
    bytes.resize((bytes.size() + sector - 1) / sector * sector);
    return bytes;
}

}  // namespace

std::string boot_sector(const std::string& boot_image, std::uint64_t disk_bytes,
                        std::uint32_t disk_signature) {
    if (boot_image.size() < sector)
        throw Error(ErrorCode::lab, "GRUB's boot.img is shorter than a sector");
    std::string bytes = boot_image.substr(0, boot_code);
    bytes.resize(sector);
    put_little(bytes, 440, disk_signature, 4);
    // One entry: active, addresses by cylinder beyond reach (LBA is used), type 83 (Linux).
    const std::string entry("\x80\xfe\xff\xff\x83\xfe\xff\xff", 8);
    bytes.replace(446, entry.size(), entry);
    put_little(bytes, 454, partition_offset / sector, 4);
    put_little(bytes, 458, (disk_bytes - partition_offset) / sector, 4);
    bytes[510] = '\x55';
    bytes[511] = '\xaa';
    return bytes;
}

namespace {

void make_bios_disk(const DiskRequest& request, const fs::path& root, const fs::path& disk,
                    process::CommandRunner& commands) {
    const fs::path modules = root / "usr/lib/grub/i386-pc";
    const fs::path installed = root / "boot/grub/i386-pc";
    make_folder(installed);
    const fs::path core_file = installed / "core.img";
    const std::string core = make_core_image(modules, core_file, commands);
    const std::string boot = read_file(modules / "boot.img", 4096);
    fs::copy_file(modules / "boot.img", installed / "boot.img",
                  fs::copy_options::overwrite_existing);
    copy_modules(modules, installed);
    const UniqueFd fd = create_sparse(disk, request.bytes);
    make_root_filesystem(request, root, disk, {partition_offset, request.bytes - partition_offset},
                         commands);
    std::uint32_t signature = 0;
    std::memcpy(&signature, request.filesystem_uuid.data(),
                std::min(sizeof signature, request.filesystem_uuid.size()));
    write_at(fd, boot_sector(boot, request.bytes, signature), 0, disk);
    write_at(fd, core, sector, disk);
}

}  // namespace

void make_boot_disk(const DiskRequest& request, const fs::path& root, const fs::path& disk,
                    process::CommandRunner& commands) {
    try {
        if (request.uefi) make_efi_disk(request, root, disk, commands);
        else make_bios_disk(request, root, disk, commands);
    } catch (...) {
        std::error_code ignored;
        fs::remove(disk, ignored);
        throw;
    }
}

}  // namespace patchlab::images
