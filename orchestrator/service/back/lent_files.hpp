// SPDX-License-Identifier: Apache-2.0
//
// Files of a caller. Where a request leads to a file, a caller lends it open: the member is
//   {"file": NAME, "fd": N}                    the N-th descriptor of the message
//   {"file": NAME, "is": "missing"|"folder"|"nowhere"}   there is none; the operation says so
// and for a file that the operation writes, "exists": true when there is one of that name already.
// So an operation never opens what the caller may not: each file is copied to a folder of this
// call, where operations find it by its own name, and what they write is copied back. A path as
// plain text is refused. Ownership: the destructor removes the copies. Thread safety: one thread.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "orchestrator/operations/operation.hpp"
#include "platform/core/files.hpp"

namespace patchlab::service {

class LentFiles {
  public:
    /// Copies what the request lends. `tmp`: the folder for the copies, made when it is needed.
    /// Error(invalid) for descriptors that do not fit, Error(not_allowed) for a path.
    LentFiles(const operations::Operation& operation, const Json& request,
              std::vector<UniqueFd> files, const fs::path& tmp);
    LentFiles(const LentFiles&) = delete;
    LentFiles& operator=(const LentFiles&) = delete;

    /// The request with paths of the copies.
    const Json& request() const { return request_; }
    /// How the caller calls each.
    std::vector<operations::LentFile> names() const;
    /// Gives the caller what the operation wrote.
    void give_back();

  private:
    struct Copy {
        fs::path path;
        std::string name;
        UniqueFd written;  ///< the caller's, for what the operation writes
    };
    /// Where the copies of one call lie. Its lock says that it is in use (see `patchlab reap`).
    struct Folder {
        explicit Folder(const fs::path& parent);
        ~Folder();
        Folder(const Folder&) = delete;
        Folder& operator=(const Folder&) = delete;
        TempFolder folder;
        FileLock lock;
    };
    std::string take(const Json& lent, bool written);
    fs::path place_for(const std::string& name);
    UniqueFd descriptor(const Json& lent);
    void copy_in(const UniqueFd& from, const fs::path& to);

    std::vector<UniqueFd> files_;
    fs::path tmp_;
    std::optional<Folder> folder_;
    std::vector<Copy> copies_;
    Json request_;
};

}  // namespace patchlab::service
