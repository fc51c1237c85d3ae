// SPDX-License-Identifier: Apache-2.0
//
// What a rollout tells people while it works, and the port through which it says so. A notice that
// cannot be delivered never stops a rollout: whoever implements the sink writes down what went
// wrong and returns. Values; a NoticeSink is used by one thread at a time.
#pragma once

#include <string>
#include <string_view>

#include "platform/core/json.hpp"

namespace patchlab::notify {

enum class NoticeKind { approval_wanted, ring_started, ring_finished, halted, finished };
std::string_view name(NoticeKind kind);
NoticeKind notice_kind_from(std::string_view word);

struct Notice {
    NoticeKind kind = NoticeKind::finished;
    std::string
        rollout;  ///< id ("ro-20261125-0001"); empty where there is none yet (approval wanted)
    std::string entry;              ///< catalog entry
    std::string ring;               ///< name; empty where the notice is about the whole rollout
    std::string text;               ///< one line for a person
    Json details = Json::object();  ///< counts, reasons: what a machine wants to know
};

class NoticeSink {
  public:
    virtual ~NoticeSink() = default;
    /// Never throws for a target that does not answer.
    virtual void send(const Notice& notice) = 0;
};

}  // namespace patchlab::notify
