// SPDX-License-Identifier: Apache-2.0
//
// Notices: what people are told, when an approval is wanted, and how it leaves: JSON for programs
// (docs/reference/notify.md), a mail (RFC 5322) for people. What packages, hosts and people said is
// made plain, so that no line of it can become a header. Pure functions, but for the port
// NoticeSink.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/governance/decision.hpp"
#include "platform/core/clock.hpp"
#include "platform/core/json.hpp"
#include "reports/run_document.hpp"

namespace patchlab::notify {

// What a rollout tells people while it works, and the port through which it says so. A notice that
// cannot be delivered never stops a rollout: whoever implements the sink writes down what went
// wrong and returns. Values; a NoticeSink is used by one thread at a time.

enum class NoticeKind {
    approval_wanted,
    ring_started,
    ring_finished,
    halted,
    finished,
    run_finished,       ///< of a rehearsal, whatever its verdict; for targets that name it in `on`
    campaign_finished,  ///< every patch of a watched vendor's release has a verdict
    retracted,          ///< the vendor took back what an entry holds
    vendor_trouble,     ///< a suite cannot be looked at, or looks wrong
    paused,             ///< a rollout waits for a person: something rose while a ring was watched
    test
};
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
/// The same notice as CloudEvents 1.0 has it, structured: type org.patchlab.run.finished.v1,
/// `data` is what body_of() gives.
std::string cloud_event_of(const Message& message, const std::string& host, TimePoint sent);
/// "patchlab: ring canary finished: 2 of 2 hosts work": one plain line, at most 200 bytes.
std::string subject_of(const Notice& notice);

struct MailAddresses {
    std::string from;
    std::vector<std::string> to;
};
/// Lines end with CR LF. `host`: the name of this one, for the Message-ID.
std::string mail_of(const Message& message, const MailAddresses& addresses, const std::string& host,
                    TimePoint sent);

// Whether a run that has ended waits for nothing but people, and what they are told then. Pure.

/// nullopt when the run is through, or when something else than an approval is missing.
std::optional<Notice> approval_wanted(const governance::Decision& decision,
                                      const reports::RunDocument& run);

}  // namespace patchlab::notify
