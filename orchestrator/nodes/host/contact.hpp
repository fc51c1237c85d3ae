// SPDX-License-Identifier: Apache-2.0
//
// A node's contact with its head over a whole attempt: it calls again when a link breaks, and knows
// how long nobody has answered. Thread safety: one thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "orchestrator/nodes/host/client.hpp"
#include "platform/core/key_ring.hpp"

namespace patchlab::nodes {

class Contact {
  public:
    Contact(NodeIdentity identity, const SecretKey& key, std::string run, int attempt,
            Seconds lost_after)
        : identity_(std::move(identity)),
          key_(key),
          run_(std::move(run)),
          attempt_(attempt),
          lost_after_(lost_after) {}

    /// Does `what` with a link, calling anew as often as it takes. ContactLost when that has gone
    /// on for too long.
    template <typename What>
    auto keep_trying(const What& what) {
        for (;;) {
            try {
                auto result = what(client());
                heard_ = Stopwatch();
                return result;
            } catch (const ContactLost& lost) {
                hang_up();
                if (silent_for() > lost_after_) throw;
                pause();
            }
        }
    }
    /// The same, once: false when the link is broken now. ContactLost when it has been for too
    /// long.
    bool try_once(const std::function<void(HeadClient&)>& what);

  private:
    HeadClient& client();
    void hang_up() { client_.reset(); }
    Seconds silent_for() const { return Seconds(heard_.seconds()); }
    static void pause();

    NodeIdentity identity_;
    const SecretKey& key_;
    std::string run_;
    int attempt_;
    Seconds lost_after_;
    std::optional<HeadClient> client_;
    Stopwatch heard_;  ///< since the head answered last
};

}  // namespace patchlab::nodes
