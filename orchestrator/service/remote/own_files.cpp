// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/remote/own_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "platform/core/clock.hpp"
#include "platform/core/error.hpp"
#include "platform/process/command.hpp"

namespace patchlab::service {

namespace {

/// A package's signature is found beside it, by its name.
constexpr std::array<const char*, 2> signatures{".asc", ".sig"};

[[noreturn]] void refuse(const char* what, const fs::path& path) {
    const int failed = errno;
    throw Error(failed == EACCES || failed == EPERM ? ErrorCode::not_allowed : ErrorCode::lab,
                std::string("cannot ") + what + " " + path.string() + ": " + std::strerror(failed));
}

}  // namespace

OwnFiles::OwnFiles(const operations::Operation& operation, const Json& request)
    : request_(request) {
    for (const operations::FileMember& member : operations::file_members(operation)) {
        const auto found = request_.find(member.key);
        if (found == request_.end()) continue;
        const auto one = [&](Json& path) {
            if (!path.is_string()) return;
            const auto name = path.get<std::string>();
            path = member.written ? lend_written(name) : lend(name);
            path["file"] = name;
            if (operation.name != "patch.add" || member.key != "files") return;
            for (const char* ending : signatures)
                if (const fs::path beside = name + ending; fs::is_regular_file(beside)) {
                    Json lent = lend(beside);
                    lent["file"] = beside.filename().string();
                    path["beside"].push_back(std::move(lent));
                }
        };
        if (!member.many) one(*found);
        else if (found->is_array())
            for (Json& item : *found) one(item);
    }
}

OwnFiles::~OwnFiles() {
    for (const Written& one : written_) ::unlink(one.part.c_str());
}

Json OwnFiles::add(UniqueFd file) {
    files_.push_back(std::move(file));
    return {{"fd", files_.size() - 1}};
}

SentFiles OwnFiles::sent() const {
    SentFiles all{{}, numbers_of_written_};
    for (const UniqueFd& file : files_) all.descriptors.push_back(file.get());
    return all;
}

Json OwnFiles::lend(const fs::path& path) {
    UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file && (errno == ENOENT || errno == ENOTDIR)) return {{"is", "missing"}};
    if (!file) refuse("read", path);
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) refuse("read", path);
    if (S_ISDIR(info.st_mode)) return {{"is", "folder"}};
    if (!S_ISREG(info.st_mode))
        throw Error(ErrorCode::invalid, path.string() + ": is not a regular file");
    return add(std::move(file));
}

Json OwnFiles::lend_written(const fs::path& path) {
    std::error_code error;
    const fs::path folder = fs::absolute(path).parent_path();
    if (fs::is_directory(path, error)) return {{"is", "folder"}};
    if (!fs::is_directory(folder, error)) return {{"is", "nowhere"}};
    std::string part = (folder / ("." + path.filename().string() + ".part-XXXXXX")).string();
    UniqueFd file(::mkostemp(part.data(), O_CLOEXEC));
    if (!file) refuse("write", path);
    written_.push_back({part, fs::absolute(path)});
    numbers_of_written_.push_back(files_.size());
    Json lent = add(std::move(file));
    lent["exists"] = fs::exists(fs::symlink_status(path, error));
    return lent;
}

void OwnFiles::keep_written() {
    for (const Written& one : written_) {
        fs::rename(one.part, one.name);
        sync_folder(one.name.parent_path());
    }
    written_.clear();
}

bool is_done_here(const operations::Operation& operation, const Json& request) {
    return operation.name == "backup.verify" ||
           (operation.name == "evidence.verify" && request.contains("folder"));
}

operations::Outcome without_state(operations::EventSink& events,
                                  const operations::Operation& operation, const Json& request) {
    process::SystemCommandRunner commands;
    const SystemClock clock;
    // a place where no state is, and where none will be made
    operations::Session session({"/proc/self/none", "", ""}, commands, clock);
    return operations::invoke(session, events, operation.name, request);
}

}  // namespace patchlab::service
