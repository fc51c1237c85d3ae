// SPDX-License-Identifier: Apache-2.0
//
// What a notice looks like when it leaves: JSON for programs (docs/reference/notify.md), a mail
// (RFC 5322) for people. What packages, hosts and people said is made plain, so that no line of it
// can become a header. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/notify/notice.hpp"
#include "platform/core/clock.hpp"

namespace patchlab::notify {

/// One notice on its way to one target.
struct Message {
    std::string id;    ///< of the delivery: the same in every attempt
    std::string time;  ///< RFC 3339: when it happened
    Notice notice;
};

Json to_json(const Notice& notice);
/// Error(invalid).
Notice notice_from_json(const JsonReader& json);

/// Schema patchlab/notice/v1, one line. `sent`: when this attempt is made.
std::string body_of(const Message& message, TimePoint sent);
/// "patchlab: ring canary finished: 2 of 2 hosts work": one plain line, at most 200 bytes.
std::string subject_of(const Notice& notice);

struct MailAddresses {
    std::string from;
    std::vector<std::string> to;
};
/// Lines end with CR LF. `host`: the name of this one, for the Message-ID.
std::string mail_of(const Message& message, const MailAddresses& addresses, const std::string& host,
                    TimePoint sent);

}  // namespace patchlab::notify
