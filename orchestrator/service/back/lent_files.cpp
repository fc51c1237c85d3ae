// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/back/lent_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "platform/core/error.hpp"

namespace patchlab::service {

namespace {

constexpr std::uint64_t left_free = 1ULL << 30;  ///< of the disk, whatever is lent
constexpr std::size_t most_name = 4096, most_last_name = 255;

[[noreturn]] void refuse(const std::string& what) {
    throw Error(ErrorCode::invalid, "a lent file is described badly: " + what);
}

struct stat what_is(const UniqueFd& file) {
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) refuse(std::strerror(errno));
    // anything else could keep a reader waiting, or is no content
    if (!S_ISREG(info.st_mode)) refuse("it is no regular file");
    return info;
}

void expect_mode(const UniqueFd& file, bool written) {
    const int flags = ::fcntl(file.get(), F_GETFL);
    const int mode = flags & O_ACCMODE;
    if (flags < 0 || (flags & O_PATH) != 0 || mode == (written ? O_RDONLY : O_WRONLY))
        refuse(written ? "it cannot be written" : "it cannot be read");
}

/// All bytes from the beginning of one to the other; the kernel copies where it can.
void copy_bytes(int from, int to, std::uint64_t size) {
    loff_t in = 0, out = 0;
    while (static_cast<std::uint64_t>(in) < size) {
        ssize_t count = ::copy_file_range(from, &in, to, &out, size - in, 0);
        if (count < 0 && (errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP)) {
            std::array<char, 1U << 16> piece{};
            count = ::pread(from, piece.data(), piece.size(), in);
            if (count > 0) count = ::pwrite(to, piece.data(), static_cast<std::size_t>(count), out);
            if (count > 0) {
                in += count;
                out += count;
            }
        }
        if (count == 0) return;  // it became shorter meanwhile
        if (count < 0 && errno != EINTR)
            throw Error(ErrorCode::lab,
                        std::string("a file cannot be copied: ") + std::strerror(errno));
    }
}

/// The last part of the name, under which the copy lies.
std::string last_name(const std::string& name) {
    const std::string last = fs::path(name).filename().string();
    const bool plain =
        !last.empty() && last != "." && last != ".." && last.size() <= most_last_name;
    return plain ? last : "file";
}

std::string name_in(const Json& lent, bool written) {
    const auto file = lent.find("file");
    if (file == lent.end() || !file->is_string()) refuse("it has no name");
    std::string name = file->get<std::string>();
    if (name.empty() || name.size() > most_name || name.find('\0') != std::string::npos)
        refuse("its name is empty or too long");
    for (const auto& [key, value] : lent.items()) {
        const bool known = key == "file" || (key == "fd" && value.is_number_unsigned()) ||
                           (key == "is" && value.is_string()) ||
                           (key == "beside" && value.is_array()) ||
                           (key == "exists" && value.is_boolean() && written);
        if (!known) refuse("it has a member '" + key.substr(0, 40) + "', or its type is wrong");
    }
    return name;
}

}  // namespace

LentFiles::LentFiles(const operations::Operation& operation, const Json& request,
                     std::vector<UniqueFd> files, const fs::path& tmp)
    : files_(std::move(files)), tmp_(tmp), request_(request) {
    for (const operations::FileMember& member : operations::file_members(operation)) {
        const auto found = request_.find(member.key);
        if (found == request_.end()) continue;
        if (!member.many) *found = take(*found, member.written);
        else if (found->is_array())
            for (Json& item : *found) item = take(item, member.written);
    }
    for (const UniqueFd& file : files_)
        if (file) refuse("the request names fewer than came with it");
}

LentFiles::Folder::Folder(const fs::path& parent)
    : folder(parent, "call"), lock(FileLock::acquire(fs::path(folder.path()) += ".lock")) {}

LentFiles::Folder::~Folder() {
    std::error_code ignored;
    fs::remove(fs::path(folder.path()) += ".lock", ignored);
}

std::vector<operations::LentFile> LentFiles::names() const {
    std::vector<operations::LentFile> all;
    for (const Copy& copy : copies_) all.push_back({copy.path.string(), copy.name});
    return all;
}

/// A folder of its own for each, so that two of one name do not meet.
fs::path LentFiles::place_for(const std::string& name) {
    if (!folder_) {
        make_folder(tmp_, 0710);
        folder_.emplace(tmp_);
    }
    const fs::path own = folder_->folder.path() / std::to_string(copies_.size());
    make_folder(own, 0700);
    return own / last_name(name);
}

UniqueFd LentFiles::descriptor(const Json& lent) {
    const auto number = lent.at("fd").get<std::uint64_t>();
    if (number >= files_.size()) refuse("no file came under its number");
    UniqueFd file = std::move(files_[number]);
    if (!file) refuse("two members name one file");
    return file;
}

void LentFiles::copy_in(const UniqueFd& from, const fs::path& to) {
    expect_mode(from, false);
    const struct stat info = what_is(from);
    const auto size = static_cast<std::uint64_t>(info.st_size);
    const std::uint64_t free = free_bytes(tmp_);
    if (free < left_free || size > free - left_free)
        throw Error(ErrorCode::lab, "there is no room for a copy of " + to.filename().string(),
                    "free some space in " + tmp_.parent_path().string());
    // as private as the caller's own, for whoever asks whether others can read it
    const UniqueFd copy(
        ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, info.st_mode & 0666));
    if (!copy || ::fchmod(copy.get(), info.st_mode & 0666) != 0)
        throw Error(ErrorCode::lab,
                    "cannot copy " + to.filename().string() + ": " + std::strerror(errno));
    copy_bytes(from.get(), copy.get(), size);
}

std::string LentFiles::take(const Json& lent, bool written) {
    if (lent.is_string())
        throw Error(
            ErrorCode::not_allowed,
            "a service takes no path of its host: " + lent.get<std::string>().substr(0, 200),
            "lend the open file");
    if (!lent.is_object()) refuse("it is no object");
    const std::string name = name_in(lent, written);
    Copy copy{place_for(name), name, {}};
    const std::string is = lent.contains("is") ? lent.at("is").get<std::string>() : "";
    if (is == "folder") {
        make_folder(copy.path, 0700);
    } else if (is == "nowhere") {
        copy.path = copy.path.parent_path() / "nowhere" / copy.path.filename();
    } else if (is.empty() && lent.contains("fd")) {
        UniqueFd file = descriptor(lent);
        if (!written) {
            copy_in(file, copy.path);
        } else {
            expect_mode(file, true);
            what_is(file);
            copy.written = std::move(file);
            if (lent.value("exists", false)) write_file_atomic(copy.path, "", 0600);
        }
    } else if (is != "missing") {
        refuse("neither a number nor a known reason");
    }
    for (const Json& other : lent.value("beside", Json::array())) {
        // a signature beside its package, found there by its name
        if (!other.is_object() || !other.contains("fd")) refuse("what is beside it");
        const std::string beside = last_name(name_in(other, false));
        copy_in(descriptor(other), copy.path.parent_path() / beside);
    }
    copies_.push_back(std::move(copy));
    return copies_.back().path.string();
}

void LentFiles::give_back() {
    for (const Copy& copy : copies_) {
        if (!copy.written || !fs::is_regular_file(copy.path)) continue;
        const UniqueFd made(::open(copy.path.c_str(), O_RDONLY | O_CLOEXEC));
        if (!made || ::ftruncate(copy.written.get(), 0) != 0)
            throw Error(ErrorCode::lab, "cannot write " + copy.name + ": " + std::strerror(errno));
        const struct stat info = what_is(made);
        // as private as it was made; who may not say so leaves it to its owner alone
        ::fchmod(copy.written.get(), info.st_mode & 0644);
        copy_bytes(made.get(), copy.written.get(), static_cast<std::uint64_t>(info.st_size));
        if (::fsync(copy.written.get()) != 0)
            throw Error(ErrorCode::lab, "cannot write " + copy.name + ": " + std::strerror(errno));
    }
}

}  // namespace patchlab::service
