// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/archive.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <optional>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::families {

void refuse(std::string_view where, const std::string& why) {
    throw Error(ErrorCode::invalid, std::string(where) + ": " + why);
}

namespace {

constexpr std::string_view ar_magic = "!<arch>\n";
constexpr std::size_t ar_header = 60;
constexpr std::uint64_t ratio_free = 512ULL << 20;  // below this no ratio is checked
constexpr std::uint64_t most_ratio = 200;

std::string_view without_trailing(std::string_view text, char c) {
    while (!text.empty() && text.back() == c) text.remove_suffix(1);
    return text;
}

std::uint64_t ar_size(std::string_view field, std::string_view where) {
    field = without_trailing(field, ' ');
    if (field.empty() ||
        !std::all_of(field.begin(), field.end(), [](char c) { return c >= '0' && c <= '9'; }))
        refuse(where, "an archive member has no valid size");
    return std::stoull(std::string(field));
}

struct EntryFree {
    void operator()(archive_entry* e) const { archive_entry_free(e); }
};

std::string why(archive* reader) {
    const char* text = archive_error_string(reader);
    return text ? text : "unknown reason";
}

TarEntry describe(archive_entry* entry, std::string_view where) {
    const auto text = [](const char* raw, const char* utf8) {
        if (raw) return std::string(raw);
        return std::string(utf8 ? utf8 : "");
    };
    TarEntry out;
    out.path = text(archive_entry_pathname(entry), archive_entry_pathname_utf8(entry));
    out.mode = static_cast<unsigned>(archive_entry_perm(entry));
    if (const std::string link =
            text(archive_entry_hardlink(entry), archive_entry_hardlink_utf8(entry));
        !link.empty()) {
        out.type = "hardlink";
        out.target = link;
    } else {
        switch (archive_entry_filetype(entry)) {
            case AE_IFREG: out.type = "file"; break;
            case AE_IFDIR: out.type = "directory"; break;
            case AE_IFLNK:
                out.type = "symlink";
                out.target = text(archive_entry_symlink(entry), archive_entry_symlink_utf8(entry));
                break;
            case AE_IFCHR:
            case AE_IFBLK: out.type = "device"; break;
            default: out.type = "other"; break;
        }
    }
    if (archive_entry_size_is_set(entry) && archive_entry_size(entry) > 0)
        out.bytes = static_cast<std::uint64_t>(archive_entry_size(entry));
    if (out.path.empty()) refuse(where, "an entry has no readable name");
    return out;
}

/// The sha256 of a file that is handed over in blocks. A file with holes, which packages do not
/// unpack, has none: they may be of any size.
class BlockDigest {
  public:
    void add(std::string_view block, la_int64_t offset) {
        whole_ = whole_ && offset == at_;
        if (!whole_) return;
        sha256_.update(block);
        at_ += static_cast<la_int64_t>(block.size());
    }
    std::string finish(std::uint64_t size) {
        return whole_ && static_cast<std::uint64_t>(at_) == size ? sha256_.finish() : std::string();
    }

  private:
    Sha256 sha256_;
    la_int64_t at_ = 0;
    bool whole_ = true;
};

// Reads the entry's data to its end; keeps it in `content` and adds it to `digest` when they are
// given.
void drain(archive* reader, std::string_view where, const ExpansionGuard& guard,
           std::string* content, std::size_t most, BlockDigest* digest) {
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    for (;;) {
        const int status = archive_read_data_block(reader, &block, &size, &offset);
        if (status == ARCHIVE_EOF) return;
        if (status < ARCHIVE_OK) refuse_broken(where, reader);
        guard.check(magnitude(archive_filter_bytes(reader, 0)));
        if (digest && size > 0) digest->add({static_cast<const char*>(block), size}, offset);
        if (!content) continue;
        if (offset < 0 || static_cast<std::uint64_t>(offset) + size > most)
            refuse(where, "a file is larger than its header says");
        content->resize(static_cast<std::size_t>(offset), '\0');
        content->append(static_cast<const char*>(block), size);
    }
}

}  // namespace

void ArchiveCloser::operator()(archive* reader) const { archive_read_free(reader); }

ArchiveReader new_archive_reader() {
    ArchiveReader reader(archive_read_new());
    if (!reader) throw Error(ErrorCode::lab, "libarchive has no memory");
    archive_read_support_filter_gzip(reader.get());
    archive_read_support_filter_xz(reader.get());
    archive_read_support_filter_lzma(reader.get());
    archive_read_support_filter_zstd(reader.get());
    archive_read_support_filter_bzip2(reader.get());
    return reader;
}

void refuse_broken(std::string_view where, archive* reader) {
    refuse(where, "is corrupt or cut short: " + why(reader));
}

ExpansionGuard::ExpansionGuard(std::uint64_t packed, std::uint64_t most, std::string_view where)
    : limit_(std::min(most, std::max(ratio_free, packed * most_ratio))), where_(where) {}

void ExpansionGuard::check(std::uint64_t expanded) const {
    if (expanded > limit_)
        refuse(where_, "expands to more than " + std::to_string(limit_ >> 20) +
                           " MiB, as a decompression bomb does");
}

std::vector<ArMember> read_ar(std::string_view bytes, std::string_view where) {
    if (bytes.substr(0, ar_magic.size()) != ar_magic)
        refuse(where, "is not a Debian package (no ar archive)");
    std::vector<ArMember> members;
    std::size_t at = ar_magic.size();
    while (at < bytes.size()) {
        if (bytes.size() - at == 1 && bytes[at] == '\n') break;  // padding of the last member
        if (bytes.size() - at < ar_header) refuse(where, "is cut short in a member header");
        const std::string_view header = bytes.substr(at, ar_header);
        if (header.substr(58, 2) != "`\n") refuse(where, "has a damaged member header");
        const std::uint64_t size = ar_size(header.substr(48, 10), where);
        at += ar_header;
        std::string name(without_trailing(without_trailing(header.substr(0, 16), ' '), '/'));
        if (size > bytes.size() - at) refuse(where, "is cut short in member " + name);
        members.push_back({std::move(name), bytes.substr(at, static_cast<std::size_t>(size))});
        at += static_cast<std::size_t>(size) + (size % 2);
        if (members.size() > 64) refuse(where, "has more than 64 members");
    }
    return members;
}

namespace {

/// Walks what `reader` reads; its format is set.
void walk(const ArchiveReader& reader, std::string_view bytes, std::string_view where,
          const TarLimits& limits, const std::function<bool(const TarEntry&)>& visit,
          const std::function<void(const TarEntry&, std::string&&)>& take,
          const std::function<void(const TarEntry&, std::string&&)>& digest) {
    if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK)
        refuse(where, "is no archive: " + why(reader.get()));
    const ExpansionGuard guard(bytes.size(), limits.expanded, where);
    const std::unique_ptr<archive_entry, EntryFree> raw(archive_entry_new2(reader.get()));
    for (std::size_t entries = 0;; ++entries) {
        const int status = archive_read_next_header2(reader.get(), raw.get());
        if (status == ARCHIVE_EOF) return;
        // A warning means that a name could not be converted; the raw bytes are still there.
        if (status < ARCHIVE_WARN) refuse_broken(where, reader.get());
        if (entries >= limits.entries)
            refuse(where, "has more than " + std::to_string(limits.entries) + " entries");
        guard.check(magnitude(archive_filter_bytes(reader.get(), 0)));
        const TarEntry entry = describe(raw.get(), where);
        const bool keep = visit(entry) && entry.type == "file" && entry.bytes <= limits.kept_file;
        std::string content;
        std::optional<BlockDigest> digesting;
        if (digest && entry.type == "file") digesting.emplace();
        drain(reader.get(), where, guard, keep ? &content : nullptr, limits.kept_file,
              digesting ? &*digesting : nullptr);
        if (digesting) digest(entry, digesting->finish(entry.bytes));
        if (keep) take(entry, std::move(content));
    }
}

}  // namespace

void walk_tar(std::string_view bytes, std::string_view where, const TarLimits& limits,
              const std::function<bool(const TarEntry&)>& visit,
              const std::function<void(const TarEntry&, std::string&&)>& take,
              const std::function<void(const TarEntry&, std::string&&)>& digest) {
    const auto reader = new_archive_reader();
    archive_read_support_format_tar(reader.get());
    walk(reader, bytes, where, limits, visit, take, digest);
}

void walk_cpio(std::string_view bytes, std::string_view where, const TarLimits& limits,
               const std::function<bool(const TarEntry&)>& visit,
               const std::function<void(const TarEntry&, std::string&&)>& take,
               const std::function<void(const TarEntry&, std::string&&)>& digest) {
    const auto reader = new_archive_reader();
    archive_read_support_format_cpio(reader.get());
    walk(reader, bytes, where, limits, visit, take, digest);
}

std::string expand(std::string_view bytes, std::string_view where, std::size_t max_bytes) {
    const auto reader = new_archive_reader();
    archive_read_support_format_raw(reader.get());
    archive_entry* entry = nullptr;
    if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK ||
        archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK)
        refuse(where, "cannot be expanded: " + why(reader.get()));
    std::string out;
    std::string buffer(1U << 16, '\0');
    for (;;) {
        const auto got = archive_read_data(reader.get(), buffer.data(), buffer.size());
        if (got < 0) refuse(where, "is corrupt: " + why(reader.get()));
        if (got == 0) return out;
        if (out.size() + static_cast<std::size_t>(got) > max_bytes)
            refuse(where, "expands to more than " + std::to_string(max_bytes) + " bytes");
        out.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

}  // namespace patchlab::families
