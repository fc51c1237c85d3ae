// SPDX-License-Identifier: Apache-2.0
//
// The files of a request, on the side of whoever asks: opened with their own rights and lent to the
// service (see back/lent_files.hpp for the words). Ownership: what is half written goes with the
// object. Thread safety: one thread.
#pragma once

#include <vector>

#include "orchestrator/operations/operation.hpp"
#include "orchestrator/service/remote/transport.hpp"
#include "platform/core/files.hpp"

namespace patchlab::service {

class OwnFiles {
  public:
    /// Error(not_allowed) for a file that may not be read, Error(lab) for a place where none can be
    /// written.
    OwnFiles(const operations::Operation& operation, const Json& request);
    ~OwnFiles();
    OwnFiles(const OwnFiles&) = delete;
    OwnFiles& operator=(const OwnFiles&) = delete;

    /// The request, with what is lent instead of paths.
    const Json& request() const { return request_; }
    SentFiles sent() const;
    /// What the service wrote gets its name: whole, or not at all.
    void keep_written();

  private:
    struct Written {
        fs::path part;
        fs::path name;
    };
    Json lend(const fs::path& path);
    Json lend_written(const fs::path& path);
    Json add(UniqueFd file);

    Json request_;
    std::vector<UniqueFd> files_;
    std::vector<Written> written_;
    std::vector<std::size_t> numbers_of_written_;
};

/// Operations that need nothing of a state: what they look at is where the caller is.
bool is_done_here(const operations::Operation& operation, const Json& request);
/// Does one of those, in this process.
operations::Outcome without_state(operations::EventSink& events,
                                  const operations::Operation& operation, const Json& request);

}  // namespace patchlab::service
