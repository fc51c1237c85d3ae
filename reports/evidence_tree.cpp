// SPDX-License-Identifier: Apache-2.0
#include "reports/evidence_tree.hpp"
#include "platform/core/text.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "platform/core/error.hpp"

namespace patchlab::reports {

namespace {

constexpr std::size_t max_depth = 16;
constexpr std::size_t max_path = 1024;
constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/// The names in an open folder, sorted, without "." and "..".
std::vector<std::string> names_in(int folder, const std::string& shown) {
    UniqueFd own(::openat(folder, ".", folder_flags));
    const auto close = [](DIR* stream) { ::closedir(stream); };
    const std::unique_ptr<DIR, decltype(close)> stream(own ? ::fdopendir(own.get()) : nullptr,
                                                       close);
    if (!stream)
        throw Error(ErrorCode::lab, "cannot read folder " + shown + ": " + std::strerror(errno));
    own.release();
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(stream.get())) {
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") continue;
        if (names.size() >= max_evidence_entries)
            throw Error(ErrorCode::invalid, "folder " + shown + " has too many files");
        names.emplace_back(name);
        errno = 0;
    }
    if (errno != 0)
        throw Error(ErrorCode::lab, "cannot read folder " + shown + ": " + std::strerror(errno));
    std::sort(names.begin(), names.end());
    return names;
}

class Walk {
  public:
    explicit Walk(TreeListing& listing) : listing_(listing) {}

    void folder(int fd, const std::string& prefix) {
        for (const std::string& name : names_in(fd, prefix.empty() ? "evidence" : prefix))
            entry(fd, name, prefix + name);
    }

  private:
    void entry(int parent, const std::string& name, const std::string& path) {
        if (++entries_ > max_evidence_entries)
            throw Error(ErrorCode::invalid,
                        "there are more than " + std::to_string(max_evidence_entries) + " files");
        struct stat info {};
        if (!is_evidence_path(path)) return odd(path, "has a name that evidence may not hold");
        if (::fstatat(parent, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
            return odd(path, "cannot be read");
        if (S_ISLNK(info.st_mode)) return odd(path, "is a symbolic link");
        if (S_ISREG(info.st_mode)) return file(path, info);
        if (!S_ISDIR(info.st_mode)) return odd(path, "is a special file");
        const UniqueFd child(::openat(parent, name.c_str(), folder_flags));
        if (!child) return odd(path, "cannot be read");
        listing_.folders.push_back(path);
        folder(child.get(), path + "/");
    }

    void file(const std::string& path, const struct stat& info) {
        const auto size = static_cast<std::uint64_t>(info.st_size);
        bytes_ += size;
        if (bytes_ > max_evidence_bytes || size > max_evidence_bytes)
            throw Error(ErrorCode::invalid,
                        "it is larger than " + std::to_string(max_evidence_bytes >> 30) + " GiB");
        listing_.files.push_back({path, size, info.st_nlink > 1});
    }

    void odd(const std::string& path, const char* what) {
        listing_.odd.push_back({plain_text(path, max_path), what});
    }

    TreeListing& listing_;
    std::size_t entries_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace

bool is_evidence_path(std::string_view path) {
    if (path.empty() || path.size() > max_path || !is_plain_text(path)) return false;
    std::size_t depth = 0;
    for (std::size_t at = 0; at <= path.size();) {
        const std::size_t slash = std::min(path.find('/', at), path.size());
        const std::string_view part = path.substr(at, slash - at);
        if (part.empty() || part == "." || part == ".." || ++depth > max_depth) return false;
        at = slash + 1;
    }
    return true;
}

EvidenceTree::EvidenceTree(const std::filesystem::path& folder)
    : folder_(folder), root_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (root_) return;
    const bool absent = errno == ENOENT || errno == ENOTDIR;
    throw Error(absent ? ErrorCode::not_found : ErrorCode::lab,
                absent ? "there is no folder " + folder.string()
                       : "cannot open " + folder.string() + ": " + std::strerror(errno));
}

TreeListing EvidenceTree::list() const {
    TreeListing listing;
    Walk(listing).folder(root_.get(), "");
    // byte order of whole paths: the order of the manifest
    std::sort(listing.files.begin(), listing.files.end(),
              [](const TreeFile& a, const TreeFile& b) { return a.path < b.path; });
    return listing;
}

UniqueFd EvidenceTree::open_folder(const std::string& relative) const {
    UniqueFd at(::openat(root_.get(), ".", folder_flags));
    for (std::size_t from = 0; at && from < relative.size();) {
        const std::size_t slash = std::min(relative.find('/', from), relative.size());
        at =
            UniqueFd(::openat(at.get(), relative.substr(from, slash - from).c_str(), folder_flags));
        from = slash + 1;
    }
    return at;
}

UniqueFd EvidenceTree::open_file(const std::string& relative) const {
    const std::size_t slash = relative.rfind('/');
    const UniqueFd parent =
        open_folder(slash == std::string::npos ? "" : relative.substr(0, slash));
    if (!parent) return {};
    const std::string name = slash == std::string::npos ? relative : relative.substr(slash + 1);
    // O_NONBLOCK: a FIFO put in its place must not hold us up
    UniqueFd file(
        ::openat(parent.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat info {};
    if (!file || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
    return file;
}

}  // namespace patchlab::reports
