// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/nodes/host/contact.hpp"

#include <thread>

namespace patchlab::nodes {

HeadClient& Contact::client() {
    if (!client_) client_.emplace(identity_, key_, run_, attempt_);
    return *client_;
}

void Contact::pause() { std::this_thread::sleep_for(std::chrono::milliseconds(500)); }

bool Contact::try_once(const std::function<void(HeadClient&)>& what) {
    try {
        what(client());
        heard_ = Stopwatch();
        return true;
    } catch (const ContactLost&) {
        hang_up();
        if (silent_for() > lost_after_) throw;
        return false;
    }
}

}  // namespace patchlab::nodes
