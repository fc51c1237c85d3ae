// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/notify/message.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::notify {

namespace {

std::string one_line(std::string_view said, std::size_t max_bytes) {
    std::string line = plain_text(said, max_bytes);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
    return line;
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// RFC 2047: words of at most 75 characters, none of them cut inside of a character.
std::string encoded_header(const std::string& text) {
    if (is_ascii(text)) return text;
    constexpr std::size_t bytes_of_word = 42;  // 56 in base64, and 12 around them
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = std::min(at + bytes_of_word, text.size());
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
        out += (out.empty() ? "" : "\r\n ") +
               ("=?UTF-8?B?" + base64_encode(text.substr(at, end - at)) + "?=");
        at = end;
    }
    return out;
}

/// "Tue, 24 Nov 2026 22:00:00 +0000", in English whatever the locale.
std::string mail_date(TimePoint time) {
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    char clock[16];
    std::strftime(clock, sizeof clock, "%H:%M:%S", &utc);
    return std::string(days[utc.tm_wday]) + ", " + std::to_string(utc.tm_mday) + " " +
           months[utc.tm_mon] + " " + std::to_string(1900 + utc.tm_year) + " " + clock + " +0000";
}

void add_line(std::string& text, const std::string& label, const std::string& said) {
    if (!said.empty()) text += label + one_line(said, 2000) + "\n";
}

std::string words_of(const Message& message) {
    const Notice& notice = message.notice;
    std::string text = one_line(notice.text, 4000) + "\n\n";
    add_line(text, "Event:    ", std::string(name(notice.kind)));
    add_line(text, "Rollout:  ", notice.rollout);
    add_line(text, "Entry:    ", notice.entry);
    add_line(text, "Ring:     ", notice.ring);
    add_line(text, "Time:     ", message.time);
    if (notice.details.empty()) return text;
    return text + "\n" + plain_text(to_text(notice.details), 20'000) + "\n";
}

/// Base64 in lines: mail servers may cut or change long lines and bytes above 127.
std::string encoded_body(const std::string& text) {
    const std::string all = base64_encode(text);
    std::string out;
    for (std::size_t at = 0; at < all.size(); at += 76) out += all.substr(at, 76) + "\r\n";
    return out;
}

}  // namespace

Json to_json(const Notice& notice) {
    return {{"event", name(notice.kind)}, {"rollout", notice.rollout}, {"entry", notice.entry},
            {"ring", notice.ring},        {"text", notice.text},       {"details", notice.details}};
}

Notice notice_from_json(const JsonReader& json) {
    return {notice_kind_from(json.string("event")),
            json.string("rollout"),
            json.string("entry"),
            json.string("ring"),
            json.string("text"),
            json.raw("details")};
}

std::string body_of(const Message& message, TimePoint sent) {
    const Notice& notice = message.notice;
    return to_line({{"schema", "patchlab/notice/v1"},
                    {"id", message.id},
                    {"event", name(notice.kind)},
                    {"time", message.time},
                    {"sent", to_rfc3339(sent)},
                    {"rollout", text_or_null(notice.rollout)},
                    {"entry", text_or_null(notice.entry)},
                    {"ring", text_or_null(notice.ring)},
                    {"text", notice.text},
                    {"details", notice.details}});
}

std::string subject_of(const Notice& notice) { return one_line("patchlab: " + notice.text, 200); }

std::string mail_of(const Message& message, const MailAddresses& addresses, const std::string& host,
                    TimePoint sent) {
    std::string to;
    for (const std::string& address : addresses.to) to += (to.empty() ? "" : ",\r\n ") + address;
    std::string mail = "From: patchlab <" + addresses.from + ">\r\nTo: " + to +
                       "\r\nSubject: " + encoded_header(subject_of(message.notice)) +
                       "\r\nDate: " + mail_date(sent) + "\r\nMessage-ID: <" + message.id + "@" +
                       host + ">\r\nAuto-Submitted: auto-generated\r\nX-Patchlab-Event: " +
                       std::string(name(message.notice.kind)) +
                       "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; "
                       "charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    return mail + encoded_body(words_of(message));
}

namespace {

constexpr std::array<std::pair<NoticeKind, std::string_view>, 11> notice_names{
    {{NoticeKind::approval_wanted, "approval-wanted"},
     {NoticeKind::ring_started, "ring-started"},
     {NoticeKind::ring_finished, "ring-finished"},
     {NoticeKind::halted, "halted"},
     {NoticeKind::finished, "finished"},
     {NoticeKind::run_finished, "run-finished"},
     {NoticeKind::campaign_finished, "campaign-finished"},
     {NoticeKind::retracted, "retracted"},
     {NoticeKind::vendor_trouble, "vendor-trouble"},
     {NoticeKind::paused, "paused"},
     {NoticeKind::test, "test"}}};

}  // namespace

std::string_view name(NoticeKind kind) {
    for (const auto& [value, word] : notice_names)
        if (value == kind) return word;
    throw Error(ErrorCode::internal, "a kind of notice has no name");
}

NoticeKind notice_kind_from(std::string_view word) {
    for (const auto& [value, known] : notice_names)
        if (known == word) return value;
    throw Error(ErrorCode::invalid, "there are no notices of '" + std::string(word) + "'");
}

namespace {

/// What happened to what, as the type of a CloudEvent says it.
std::string_view event_type(NoticeKind kind) {
    switch (kind) {
        case NoticeKind::approval_wanted: return "org.patchlab.approval.wanted.v1";
        case NoticeKind::ring_started: return "org.patchlab.ring.started.v1";
        case NoticeKind::ring_finished: return "org.patchlab.ring.finished.v1";
        case NoticeKind::halted: return "org.patchlab.rollout.halted.v1";
        case NoticeKind::finished: return "org.patchlab.rollout.finished.v1";
        case NoticeKind::run_finished: return "org.patchlab.run.finished.v1";
        case NoticeKind::campaign_finished: return "org.patchlab.campaign.finished.v1";
        case NoticeKind::retracted: return "org.patchlab.patch.retracted.v1";
        case NoticeKind::paused: return "org.patchlab.rollout.paused.v1";
        case NoticeKind::vendor_trouble: return "org.patchlab.vendor.trouble.v1";
        case NoticeKind::test: return "org.patchlab.test.v1";
    }
    throw Error(ErrorCode::internal, "a kind of notice has no type");
}

std::string subject_id(const Notice& notice) {
    if (!notice.rollout.empty()) return notice.rollout;
    const auto run = notice.details.find("run");
    return run != notice.details.end() && run->is_string() ? run->get<std::string>() : "";
}

}  // namespace

std::string cloud_event_of(const Message& message, const std::string& host, TimePoint sent) {
    Json event{{"specversion", "1.0"},
               {"id", message.id},
               {"source", "urn:patchlab:" + host},
               {"type", event_type(message.notice.kind)},
               {"time", message.time},
               {"datacontenttype", "application/json"}};
    if (const std::string subject = subject_id(message.notice); !subject.empty())
        event["subject"] = subject;
    event["data"] = parse_json(body_of(message, sent), "a notice");
    return to_line(event);
}

std::optional<Notice> approval_wanted(const governance::Decision& decision,
                                      const reports::RunDocument& run) {
    const auto open = decision.unsatisfied();
    Json wanted = Json::array();
    for (const governance::Requirement* requirement : open) {
        // time heals what is young or frozen, and people may look at it meanwhile; approve takes
        // their word already
        if (requirement->id.starts_with("rejection:") ||
            governance::precedes_approval(requirement->id))
            return std::nullopt;
        if (requirement->id.starts_with("approval:")) wanted.push_back(requirement->id.substr(9));
    }
    if (wanted.empty()) return std::nullopt;
    std::string patches, roles;
    Json ids = Json::array();
    for (const reports::RunPatch& patch : run.patches) {
        patches += (patches.empty() ? "" : ", ") + patch.id;
        ids.push_back(patch.id);
    }
    for (const Json& role : wanted) roles += (roles.empty() ? "" : ", ") + role.get<std::string>();
    Notice notice;
    notice.kind = NoticeKind::approval_wanted;
    notice.text = "approval wanted of " + roles + ": run " + run.id + " of " + patches +
                  " in lab " + run.lab + " is " + decision.verdict;
    notice.details = {{"run", run.id},
                      {"lab", run.lab},
                      {"verdict", decision.verdict},
                      {"requester", run.requester},
                      {"patches", ids},
                      {"roles", wanted},
                      {"evidence_digest", decision.evidence_digest},
                      {"look", "patchlab change show " + run.id},
                      {"approve", "patchlab approve " + run.id}};
    return notice;
}

}  // namespace patchlab::notify
