// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/archive_stream.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "orchestrator/families/archive.hpp"

namespace patchlab::families {

namespace {

constexpr std::size_t block_bytes = 1U << 16;
constexpr std::int64_t tar_block = 512;
constexpr std::int64_t most_of_zip_end = 22 + 65'535;  // the record and its comment

std::uint64_t size_of(int fd, const std::string& where) {
    struct stat info {};
    if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) refuse(where, "is not a regular file");
    return static_cast<std::uint64_t>(info.st_size);
}

}  // namespace

struct ArchiveStream::Impl {
    UniqueFd fd;
    std::string where;
    std::size_t most_entries;
    ArchiveReader reader = new_archive_reader();
    std::uint64_t packed, expanded = 0;  ///< bytes
    ExpansionGuard guard;
    std::size_t entries = 0;
    std::int64_t behind_data = 0;  ///< where the data of the last member ended

    Impl(UniqueFd file, std::string name, const StreamLimits& limits)
        : fd(std::move(file)),
          where(std::move(name)),
          most_entries(limits.entries),
          packed(size_of(fd.get(), where)),
          guard(packed, limits.expanded, where) {
        archive_read_support_format_tar(reader.get());
        archive_read_support_format_zip(reader.get());
        archive_read_support_format_raw(reader.get());
        if (packed == 0) refuse(where, "is empty");
        if (::lseek(fd.get(), 0, SEEK_SET) != 0 ||
            archive_read_open_fd(reader.get(), fd.get(), block_bytes) != ARCHIVE_OK)
            broken();
    }

    [[noreturn]] void broken() const { refuse_broken(where, reader.get()); }

    /// libarchive takes a tar that is cut between two members for a whole one: it ends with blocks
    /// of zeros, or it was cut.
    void require_end_of_tar() const {
        const bool tar =
            (archive_format(reader.get()) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
        if (tar && archive_filter_bytes(reader.get(), 0) - behind_data < tar_block)
            refuse(where, "is cut short: the end of the archive is missing");
    }

    /// A zip ends with a record of its own; without it libarchive reads whatever files there are.
    void require_end_of_zip() const {
        const bool zip =
            (archive_format(reader.get()) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP;
        if (!zip || archive_filter_count(reader.get()) > 1) return;
        std::string tail(most_of_zip_end, '\0');
        const auto size = static_cast<std::int64_t>(size_of(fd.get(), where));
        const std::int64_t from = std::max<std::int64_t>(0, size - most_of_zip_end);
        const ssize_t got = ::pread(fd.get(), tail.data(), tail.size(), from);
        tail.resize(static_cast<std::size_t>(std::max<ssize_t>(0, got)));
        if (tail.rfind("PK\5\6") == std::string::npos)
            refuse(where, "is cut short: the end of the archive is missing");
    }

    std::size_t read(char* buffer, std::size_t size) {
        const auto got = archive_read_data(reader.get(), buffer, size);
        if (got < 0) broken();
        expanded += static_cast<std::uint64_t>(got);
        guard.check(expanded);
        return static_cast<std::size_t>(got);
    }

    /// To the end of the member, so that its checksum is looked at.
    void drain() {
        if (entries == 0) return;
        std::string rest(block_bytes, '\0');
        while (read(rest.data(), rest.size()) > 0) {
        }
        behind_data = archive_filter_bytes(reader.get(), 0);
    }
};

ArchiveStream::ArchiveStream(UniqueFd file, std::string where, StreamLimits limits)
    : impl_(std::make_unique<Impl>(std::move(file), std::move(where), limits)) {}

ArchiveStream::~ArchiveStream() = default;
ArchiveStream::ArchiveStream(ArchiveStream&&) noexcept = default;

std::optional<ArchiveStream::Member> ArchiveStream::next() {
    impl_->drain();
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(impl_->reader.get(), &entry);
    if (status == ARCHIVE_EOF) {
        impl_->require_end_of_tar();
        impl_->require_end_of_zip();
        return std::nullopt;
    }
    // a warning says that a name could not be converted; the raw bytes are still there
    if (status < ARCHIVE_WARN) impl_->broken();
    if (++impl_->entries > impl_->most_entries)
        refuse(impl_->where, "has more than " + std::to_string(impl_->most_entries) + " entries");
    if (archive_format(impl_->reader.get()) == ARCHIVE_FORMAT_RAW) return Member{"", true};
    const char* raw = archive_entry_pathname(entry);
    const bool file = archive_entry_filetype(entry) == AE_IFREG && !archive_entry_hardlink(entry);
    return Member{raw && *raw ? raw : "(without a name)", file};
}

std::size_t ArchiveStream::read(char* buffer, std::size_t size) {
    return impl_->read(buffer, size);
}

}  // namespace patchlab::families
