// SPDX-License-Identifier: Apache-2.0
//
// The stream of events: one call of the back, shared by everybody who listens (server-sent events).
// The newest events are kept, so that a listener who was away for a moment goes on where it was.
// A listener that does not take what is sent is let go. Thread safety: the thread of the loop.
#pragma once

#include <deque>
#include <list>
#include <string>

#include "orchestrator/service/front/caller.hpp"
#include "orchestrator/service/front/upstream.hpp"
#include "platform/http/server.hpp"

namespace patchlab::service::front {

struct HubLimits {
    std::size_t kept = 2000;            ///< events, for those who come back
    std::size_t kept_bytes = 2U << 20;  ///< of them
    std::size_t queue = 64U << 10;      ///< bytes that wait for one listener
    Seconds ping{15};
    Seconds longest{15 * 60};  ///< then a listener comes back, with its credential
};

class Hub {
  public:
    Hub(http::Loop& loop, Upstream& upstream, HubLimits limits = {});

    /// Sends events until the listener is gone. `after`: the id of the last one it had; empty: it
    /// begins now. The caller is somebody whom the back knows.
    http::Task<void> serve(http::Exchange& exchange, CallerOf caller, std::string after);
    /// A new event for everybody.
    void publish(const Json& event);
    /// Ends the streams of a credential.
    void drop(const Json& credential);
    void drop_all();
    std::size_t listeners() const { return listeners_.size(); }

  private:
    struct Listener {
        http::Exchange& exchange;
        CallerOf caller;
        std::string queue = {};
        bool over = false;
    };
    struct Kept {
        std::string id, text;
    };
    http::Task<void> follow();
    http::Task<void> send_all(Listener& listener);
    void begin(Listener& listener, const std::string& after) const;
    void keep(Kept event);

    http::Loop& loop_;
    Upstream& upstream_;
    HubLimits limits_;
    std::list<Listener> listeners_;
    std::deque<Kept> kept_;
    std::size_t kept_bytes_ = 0;
    bool following_ = false;
    bool ending_ = false;
    std::size_t turn_ = 0;  ///< whose credential is used next
};

/// "id: …\nevent: …\ndata: …\n\n"
std::string event_text(const std::string& id, const std::string& type, const Json& data);

}  // namespace patchlab::service::front
