// SPDX-License-Identifier: Apache-2.0
//
// One libguestfs appliance with one disk, read-only. Private to this folder (guestfs.h is not seen
// outside its .cpp files). Ownership: move-only owner of the handle. Thread safety: one thread at a
// time.
#pragma once

#include <guestfs.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "platform/core/clock.hpp"
#include "platform/core/error.hpp"
#include "platform/disk/image/libguestfs_disk.hpp"

namespace patchlab::disk {

struct CloseGuestfs {
    void operator()(guestfs_h* handle) const noexcept { guestfs_close(handle); }
};

struct FreeText {
    void operator()(char* text) const noexcept;
};
using GuestfsText = std::unique_ptr<char, FreeText>;

/// A list of strings that libguestfs allocated; pairs for hash tables.
std::vector<std::string> take_strings(char** list);
std::vector<std::pair<std::string, std::string>> take_pairs(char** list);

class Appliance {
  public:
    /// Starts it. Error(lab) when it does not start, with what to do.
    Appliance(const std::filesystem::path& image, const std::string& format,
              const LibguestfsOptions& options);

    guestfs_h* handle() const { return handle_.get(); }
    /// Runs `work` on the handle; kills the appliance when it takes longer than the deadline, which
    /// is then Error(timeout).
    void within_deadline(const std::function<void(guestfs_h*)>& work) const;

  private:
    std::unique_ptr<guestfs_h, CloseGuestfs> handle_;
    Seconds deadline_;
};

/// The handle's last error as Error(code): "cannot WHAT: …".
[[noreturn]] void throw_guestfs(guestfs_h* handle, ErrorCode code, const std::string& what);

}  // namespace patchlab::disk
