// SPDX-License-Identifier: Apache-2.0
//
// The deliveries of notices, one file each: written before the first attempt, and again after every
// one, so that a crash loses none.
//   notify/outbox/<id>.json   schema patchlab/delivery/v1
// A delivery names files with secrets, never a secret. Thread safety: one a thread; several
// processes may use one outbox, and whoever carries a delivery holds its lock.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/notify/carrier.hpp"
#include "platform/core/files.hpp"

namespace patchlab::notify {

///   queued     to be tried (again) when it is due
///   delivered  the target took it
///   failed     somebody has to look; `notify retry` tries again
enum class DeliveryState { queued, delivered, failed };
std::string_view name(DeliveryState state);

struct Delivery {
    struct Try {
        std::string time;
        Attempt attempt;
    };
    Message message;
    NotifyTarget target;
    DeliveryState state = DeliveryState::queued;
    std::string due;         ///< RFC 3339: not before
    std::vector<Try> tries;  ///< the newest 50, oldest first
    std::size_t tried = 0;   ///< how often
};
Json to_json(const Delivery& delivery);

class Outbox {
  public:
    explicit Outbox(std::filesystem::path state)
        : folder_(std::move(state) / "notify" / "outbox") {}

    /// Error(lab) when it cannot be written.
    void put(const Delivery& delivery);
    /// Oldest first. A file that is no delivery is passed over, with a warning in the log.
    std::vector<Delivery> list();
    bool has(const std::string& id) const;
    /// Error(not_found).
    Delivery get(const std::string& id);
    /// nullopt when another process carries it now.
    std::optional<FileLock> lock(const std::string& id);
    /// Keeps the newest `keep` of those that were delivered.
    void prune(std::size_t keep);

  private:
    std::filesystem::path file(const std::string& id) const { return folder_ / (id + ".json"); }
    std::filesystem::path folder_;
};

}  // namespace patchlab::notify
