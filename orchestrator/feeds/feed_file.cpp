// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/feeds/feed_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "orchestrator/families/archive_stream.hpp"
#include "orchestrator/feeds/readers/parts.hpp"
#include "orchestrator/feeds/readers/readers.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/text.hpp"

namespace patchlab::feeds {

namespace {

constexpr std::size_t most_statements = 20'000'000;

/// Passes statements on, as many as there may be.
class CappedSink final : public FeedSink {
  public:
    CappedSink(FeedSink& sink, const std::string& where) : sink_(sink), where_(where) {}
    void take(const Exploited& one) override { pass(one); }
    void take(const SsvcAnswers& one) override { pass(one); }
    void take(const EpssScore& one) override { pass(one); }
    void take(const DebianState& one) override { pass(one); }
    void take(const Fix& one) override { pass(one); }
    void take(const VexStatement& one) override { pass(one); }

  private:
    template <typename Statement>
    void pass(const Statement& one) {
        if (++count_ > most_statements) refuse_feed(where_, "holds too many statements");
        sink_.take(one);
    }
    FeedSink& sink_;
    const std::string& where_;
    std::size_t count_ = 0;
};

UniqueFd open_feed(const std::filesystem::path& path) {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd)
        throw Error(errno == ENOENT ? ErrorCode::not_found : ErrorCode::invalid,
                    path.string() + ": " + std::strerror(errno));
    return fd;
}

struct stat status_of(int fd) {
    struct stat info {};
    if (::fstat(fd, &info) != 0) throw Error(ErrorCode::lab, std::strerror(errno));
    return info;
}

bool same_file(const struct stat& a, const struct stat& b) {
    return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
           a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

/// "epss_scores-2026-11-30.csv.gz" names its day.
std::string date_in_name(const std::string& name) {
    for (std::size_t at = 0; at + 10 <= name.size(); ++at) {
        const bool alone = (at == 0 || !is_digit(name[at - 1])) &&
                           (at + 10 == name.size() || !is_digit(name[at + 10]));
        const std::string date = name.substr(at, 10);
        if (alone && date[4] == '-' && date[7] == '-')
            if (const auto time = time_from(date)) return to_rfc3339(*time);
    }
    return {};
}

bool may_be_feed(const std::string& name) {
    static constexpr std::array<std::string_view, 3> endings{".json", ".csv", ".xml"};
    return std::any_of(endings.begin(), endings.end(),
                       [&](std::string_view ending) { return name.ends_with(ending); });
}

/// Reads the documents of one file, one after the other.
class FileReader {
  public:
    FileReader(FeedFile& file, std::optional<Kind> wanted, FeedSink& sink)
        : file_(file), wanted_(wanted), sink_(sink, file.file) {}

    void read(families::ArchiveStream& stream) {
        while (const auto member = stream.next()) {
            if (!member->name.empty() && (!member->file || !may_be_feed(member->name))) {
                ++file_.passed_over;
                continue;
            }
            read_member(stream, member->name);
        }
        if (file_.documents == 0) refuse_feed(file_.file, "is none of the feeds that are known");
        if (!plain_) file_.document.id.clear();
        if (!plain_) file_.document.complete = false;
    }

  private:
    void read_member(families::ArchiveStream& stream, const std::string& member) {
        const std::string where =
            file_.file + (member.empty() ? "" : ": " + shortened(plain_text(member, 200), 200));
        ByteSource source(
            [&stream](char* buffer, std::size_t size) { return stream.read(buffer, size); });
        const std::optional<Kind> kind = wanted_ ? wanted_ : recognise(source);
        if (!kind) {
            if (member.empty())
                throw Error(ErrorCode::invalid, where + ": is none of the feeds that are known",
                            "known are: " + joined(kind_names()) +
                                "; if it is one of them, name it with --kind");
            ++file_.passed_over;
            return;
        }
        if (file_.documents > 0 && *kind != file_.kind)
            refuse_feed(where, "is a feed of another kind than those before it");
        if (file_.documents > 0 && !of_documents(*kind))
            refuse_feed(where, "is a second feed in one file");
        file_.kind = *kind;
        plain_ = member.empty();
        add(read_feed(*kind, source, where, sink_));
    }

    void add(Document&& document) {
        Document& all = file_.document;
        ++file_.documents;
        all.id = document.id;
        all.dated = std::max(all.dated, document.dated);
        all.complete = document.complete;
        all.entries += document.entries;
        if (all.version.empty()) all.version = document.version;
        if (all.author.empty()) all.author = document.author;
    }

    FeedFile& file_;
    std::optional<Kind> wanted_;
    CappedSink sink_;
    bool plain_ = false;  ///< no archive
};

}  // namespace

std::string_view name(DatedBy by) {
    switch (by) {
        case DatedBy::content: return "content";
        case DatedBy::file_name: return "file name";
        case DatedBy::file_time: return "file time";
        case DatedBy::given: break;
    }
    return "given";
}

FeedFile read_feed_file(const std::filesystem::path& path, std::optional<Kind> kind,
                        FeedSink& sink) {
    UniqueFd fd = open_feed(path);
    const int number = fd.get();
    const struct stat before = status_of(number);
    FeedFile file;
    file.file = path.filename().string();
    if (!S_ISREG(before.st_mode)) refuse_feed(file.file, "is not a regular file");
    file.bytes = static_cast<std::uint64_t>(before.st_size);
    file.digest = sha256_file("/proc/self/fd/" + std::to_string(number));
    families::ArchiveStream stream(std::move(fd), file.file);
    FileReader(file, kind, sink).read(stream);
    if (!same_file(before, status_of(number))) refuse_feed(file.file, "changed while it was read");
    if (!file.document.dated.empty()) return file;
    file.document.dated = date_in_name(file.file);
    file.dated_by = DatedBy::file_name;
    if (!file.document.dated.empty()) return file;
    file.document.dated = to_rfc3339(std::chrono::system_clock::from_time_t(before.st_mtim.tv_sec));
    file.dated_by = DatedBy::file_time;
    return file;
}

}  // namespace patchlab::feeds
