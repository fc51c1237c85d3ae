// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/images/disk_parts.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "platform/core/error.hpp"

namespace patchlab::images {

namespace {

[[noreturn]] void fail(const std::string& what, const fs::path& path) {
    const int number = errno;
    throw Error(ErrorCode::lab,
                "cannot " + what + " " + path.string() + ": " + std::strerror(number),
                number == ENOSPC
                    ? "free some space on the filesystem that holds " + path.parent_path().string()
                    : "");
}

}  // namespace

void write_at(const UniqueFd& fd, const std::string& bytes, std::uint64_t offset,
              const fs::path& path) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t wrote = ::pwrite(fd.get(), bytes.data() + done, bytes.size() - done,
                                       static_cast<off_t>(offset + done));
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) fail("write", path);
        done += static_cast<std::size_t>(wrote);
    }
}

UniqueFd create_sparse(const fs::path& disk, std::uint64_t bytes) {
    UniqueFd fd(::open(disk.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd) fail("create", disk);
    if (::ftruncate(fd.get(), static_cast<off_t>(bytes)) != 0) fail("create", disk);
    return fd;
}

void make_root_filesystem(const DiskRequest& request, const fs::path& root, const fs::path& disk,
                          const Extent& place, process::CommandRunner& commands) {
    process::CommandSpec spec;
    spec.program = "mke2fs";
    spec.purpose = "writing the filesystem";
    spec.deadline = Seconds(1800);
    spec.args = {"-q",          "-F",
                 "-t",          "ext4",
                 "-L",          "root",
                 "-U",          request.filesystem_uuid,
                 "-E",          "offset=" + std::to_string(place.offset) + ",root_owner=0:0",
                 "-d",          root.string(),
                 disk.string(), std::to_string(place.bytes >> 10) + "k"};
    const auto result = commands.run(spec);
    if (result.ok()) return;
    if (result.err.find("Could not allocate") != std::string::npos ||
        result.err.find("No free space") != std::string::npos ||
        result.err.find("no free space") != std::string::npos)
        throw Error(
            ErrorCode::invalid,
            "the system does not fit on a disk of " + std::to_string(request.bytes >> 20) + " MiB",
            "give it a larger one with --size");
    throw Error(ErrorCode::lab, "mke2fs failed: " + result.err.substr(0, 500));
}

void copy_modules(const fs::path& from, const fs::path& to) {
    make_folder(to);
    for (const auto& entry : fs::directory_iterator(from))
        if (entry.path().extension() == ".mod" || entry.path().extension() == ".lst")
            fs::copy_file(entry.path(), to / entry.path().filename(),
                          fs::copy_options::overwrite_existing);
}

}  // namespace patchlab::images
