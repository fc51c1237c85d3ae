// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/catalog/object_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::catalog {

void sync_file(const fs::path& file) {
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd || ::fsync(fd.get()) != 0) throw Error(ErrorCode::lab, "cannot sync " + file.string());
}

void place_file(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::create_hard_link(from, to, error);
    if (!error) return;
    fs::copy_file(from, to, error);
    if (error || ::chmod(to.c_str(), 0444) != 0)
        throw Error(ErrorCode::lab,
                    "cannot place " + to.string() + (error ? ": " + error.message() : ""));
}

std::string file_problem(const fs::path& file, const std::string& sha256, std::uint64_t bytes) {
    std::error_code error;
    const fs::file_status status = fs::symlink_status(file, error);
    if (status.type() == fs::file_type::not_found) return "is missing";
    if (error || status.type() != fs::file_type::regular) return "is no regular file";
    const std::uint64_t size = fs::file_size(file, error);
    if (error) return "cannot be read: " + error.message();
    if (size != bytes)
        return "has " + std::to_string(size) + " bytes instead of " + std::to_string(bytes);
    try {
        if (sha256_file(file) != sha256) return "has other bytes than were approved";
    } catch (const Error& failure) {
        return std::string("cannot be read: ") + failure.message();
    }
    return {};
}

void ObjectStore::put(const fs::path& file, const std::string& sha256) const {
    during("keeping " + file.filename().string(), [&] {
        if (!fs::exists(file))
            throw Error(ErrorCode::not_found, "there is no file " + file.string());
        const fs::path home = path(sha256);
        if (file_problem(home, sha256, fs::file_size(file)).empty()) return;
        make_folder(home.parent_path());
        // The copy is hashed, not the original: what is kept is what was checked, whoever writes to
        // the original meanwhile.
        TempFolder part(home.parent_path(), ".part");
        const fs::path copy = part.path() / "object";
        std::error_code error;
        if (!fs::copy_file(file, copy, error))
            throw Error(ErrorCode::lab, "cannot copy it: " + error.message());
        if (sha256_file(copy) != sha256)
            throw Error(ErrorCode::refused,
                        "its bytes are not those of " + sha256.substr(0, 16) + "…");
        if (::chmod(copy.c_str(), 0444) != 0)
            throw Error(ErrorCode::lab, "cannot make it read-only");
        sync_file(copy);
        fs::rename(copy, home, error);
        if (error) throw Error(ErrorCode::lab, "cannot move it into the store: " + error.message());
        sync_folder(home.parent_path());
    });
}

std::string ObjectStore::problem(const std::string& sha256, std::uint64_t bytes) const {
    return file_problem(path(sha256), sha256, bytes);
}

void ObjectStore::place(const std::string& sha256, const fs::path& to) const {
    const fs::path from = path(sha256);
    if (!fs::exists(from))
        throw Error(ErrorCode::not_found, "the catalog has no object " + sha256.substr(0, 16) +
                                              "… for " + to.filename().string());
    place_file(from, to);
}

}  // namespace patchlab::catalog
