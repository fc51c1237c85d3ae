// SPDX-License-Identifier: Apache-2.0
//
// A disk with a GUID partition table: the firmware's own partition (FAT), from which it starts
// EFI/BOOT/BOOTX64.EFI without being told, and the root. Variables of the firmware are no part of
// an image, so no boot entry is.
#include "orchestrator/images/disk_parts.hpp"
#include "platform/core/error.hpp"

namespace patchlab::images {

namespace {

constexpr std::uint64_t mib = 1ULL << 20;
constexpr std::uint64_t efi_bytes = 64 * mib;
constexpr Extent efi_place{mib, efi_bytes};
constexpr std::size_t max_loader_bytes = 16U << 20;

process::CommandSpec tool(std::string program, std::vector<std::string> args, std::string purpose) {
    process::CommandSpec spec;
    spec.program = std::move(program);
    spec.args = std::move(args);
    spec.purpose = std::move(purpose);
    return spec;
}

/// The last MiB holds the second copy of the table.
Extent root_place(const DiskRequest& request) {
    const std::uint64_t offset = efi_place.offset + efi_place.bytes;
    return {offset, request.bytes - offset - mib};
}

void write_table(const DiskRequest& request, const fs::path& disk,
                 process::CommandRunner& commands) {
    const auto line = [](const Extent& place, const std::string& rest) {
        return "start=" + std::to_string(place.offset / 512) +
               ", size=" + std::to_string(place.bytes / 512) + ", " + rest + "\n";
    };
    auto spec =
        tool("sfdisk", {"--quiet", "--wipe", "never", "--wipe-partitions", "never", disk.string()},
             "writing the partition table");
    spec.input = "label: gpt\n" + line(efi_place, "type=U, name=efi") +
                 line(root_place(request), "type=L, name=root");
    commands.require(spec);
}

/// What GRUB needs to find its modules and its menu; it looks for the menu there by itself.
std::string early_configuration(const DiskRequest& request) {
    return "search --no-floppy --fs-uuid --set=root " + request.filesystem_uuid +
           "\nset prefix=($root)/boot/grub\n";
}

void make_loader(const DiskRequest& request, const fs::path& modules, const fs::path& loader,
                 process::CommandRunner& commands) {
    const fs::path early = fs::path(loader) += ".cfg";
    write_file_atomic(early, early_configuration(request));
    commands.require(tool("grub-mkimage",
                          {"-O", "x86_64-efi", "-d", modules.string(), "-o", loader.string(), "-c",
                           early.string(), "-p", "/boot/grub", "part_gpt", "fat", "ext2", "search",
                           "search_fs_uuid", "normal", "configfile", "linux"},
                          "making the boot loader"));
    fs::remove(early);
}

void make_efi_filesystem(const DiskRequest& request, const fs::path& loader, const fs::path& image,
                         process::CommandRunner& commands) {
    create_sparse(image, efi_bytes);
    commands.require(tool("mkfs.vfat", {"-n", "EFI", "-i", efi_serial(request), image.string()},
                          "writing the firmware's partition"));
    for (const char* folder : {"::EFI", "::EFI/BOOT"})
        commands.require(
            tool("mmd", {"-i", image.string(), folder}, "making the boot loader's folder"));
    commands.require(tool("mcopy",
                          {"-i", image.string(), loader.string(), "::EFI/BOOT/BOOTX64.EFI"},
                          "installing the boot loader"));
}

}  // namespace

std::string efi_serial(const DiskRequest& request) { return request.filesystem_uuid.substr(0, 8); }

void make_efi_disk(const DiskRequest& request, const fs::path& root, const fs::path& disk,
                   process::CommandRunner& commands) {
    const fs::path modules = root / "usr/lib/grub/x86_64-efi";
    const fs::path loader = fs::path(disk) += ".loader";
    const fs::path image = fs::path(disk) += ".efi";
    make_loader(request, modules, loader, commands);
    if (fs::file_size(loader) > max_loader_bytes)
        throw Error(ErrorCode::lab, "the boot loader is too large for the firmware's partition");
    copy_modules(modules, root / "boot/grub/x86_64-efi");
    make_folder(root / "boot/efi", 0700);
    make_efi_filesystem(request, loader, image, commands);
    {
        const UniqueFd fd = create_sparse(disk, request.bytes);
        make_root_filesystem(request, root, disk, root_place(request), commands);
        write_at(fd, read_file(image, efi_bytes), efi_place.offset, disk);
    }
    write_table(request, disk, commands);
    fs::remove(loader);
    fs::remove(image);
}

}  // namespace patchlab::images
