// SPDX-License-Identifier: Apache-2.0
//
// A user id for each machine room. QEMU of one run shares no user with QEMU of another, so a guest
// that breaks out of QEMU cannot write the other run's overlays. The ids come from a range that
// the host's administrator gives to patchlab in /etc/subuid ("patchlab:300000:1000"); nobody is
// named by them. Thread safety: as values.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

#include "platform/core/files.hpp"

namespace patchlab::virt {

struct UidRange {
    uid_t first = 0;
    uid_t count = 0;
};

/// The range of patchlab; nullopt when there is none, or one that reaches into the host's own ids.
std::optional<UidRange> uids_of_runs(const std::filesystem::path& subuid = "/etc/subuid");

/// One id of the range, nobody else's as long as this lives, whichever state folder they work in.
class RunUid {
  public:
    /// nullopt when all are taken. `locks`: a folder that all processes of this host share.
    static std::optional<RunUid> take(const UidRange& range,
                                      const std::filesystem::path& locks = "/run/patchlab-uids");
    uid_t uid() const { return uid_; }

  private:
    RunUid(uid_t uid, FileLock lock) : uid_(uid), lock_(std::move(lock)) {}
    uid_t uid_;
    FileLock lock_;
};

}  // namespace patchlab::virt
