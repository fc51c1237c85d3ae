// SPDX-License-Identifier: Apache-2.0
//
// What `patchlab doctor` says of channels: hosts stop trusting a snapshot when its validity is
// over, and nobody hears of that here unless it is looked at.
#include "orchestrator/operations/host_checks.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "platform/core/error.hpp"

namespace patchlab::operations {

namespace {

constexpr Seconds warned_before{4 * 86400};  ///< a timer that refreshes daily never comes so near
constexpr const char* refresh_advice =
    "publish again with: patchlab catalog refresh, once a day by a timer "
    "(docs/reference/catalog.md)";

/// The channels that are over, or will be soon, as a finding of one kind.
struct Ageing {
    std::string over, soon;
    void add(const catalog::ChannelAccess& channel, TimePoint now) {
        if (channel.valid_until.empty()) return;
        const TimePoint until = from_rfc3339(channel.valid_until);
        std::string* list = nullptr;
        if (until <= now) list = &over;
        else if (Seconds(until - now) < warned_before) list = &soon;
        if (list) *list += (list->empty() ? "" : ", ") + channel.name + " " + channel.valid_until;
    }
};

}  // namespace

std::optional<Finding> check_channels(Session& session) {
    try {
        if (!session.has_state()) return std::nullopt;
        Ageing ageing;
        std::size_t published = 0;
        for (const catalog::ChannelAccess& channel : open_catalog(session).channels()) {
            if (channel.snapshot.empty()) continue;
            ++published;
            ageing.add(channel, session.clock().now());
        }
        if (published == 0) return std::nullopt;
        if (!ageing.over.empty())
            return Finding{"channels", Answer::no, "hosts no longer trust: " + ageing.over,
                           refresh_advice};
        if (!ageing.soon.empty())
            return Finding{"channels", Answer::warn, "hosts trust only until: " + ageing.soon,
                           refresh_advice};
        return Finding{"channels", Answer::yes, std::to_string(published) + " published", ""};
    } catch (const Error& error) {
        return Finding{"channels", Answer::no, error.what(), error.advice()};
    }
}

}  // namespace patchlab::operations
