// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/audit.hpp"

#include "platform/core/attestation.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"

namespace patchlab::governance {

namespace {

constexpr std::string_view head_predicate = "urn:patchlab:audit-head:v1";
constexpr const char* head_subject = "audit-trail";
const std::string before_the_first(64, '0');

/// The text whose sha256 is the row's hash. `detail` as it is stored, byte by byte.
std::string hashed_text(const AuditRow& row, const std::string& detail) {
    const AuditEvent& event = row.event;
    return to_line(Json{{"seq", row.seq},
                        {"time", row.time},
                        {"user", event.actor.user},
                        {"os_user", event.actor.os_user},
                        {"action", event.action},
                        {"subject", event.subject},
                        {"detail", detail},
                        {"previous", row.previous}});
}

struct StoredRow {
    AuditRow row;
    std::string detail;
};

StoredRow from_row(const store::Row& in) {
    StoredRow stored;
    stored.detail = in.text("detail");
    stored.row = {
        in.integer("seq"),
        in.text("time"),
        {{in.text("user"), in.text("os_user")}, in.text("action"), in.text("subject"), {}},
        in.text("previous"),
        in.text("hash")};
    return stored;
}

struct Head {
    std::int64_t seq = 0;
    std::string hash;
};

Head open_head(const std::string& text, const std::vector<PublicKey>& trusted) {
    const Statement statement =
        open_statement(text, "the head of the audit trail", trusted).statement;
    if (statement.predicate_type != head_predicate)
        throw Error(ErrorCode::invalid, "it is not the head of an audit trail");
    const JsonReader predicate(statement.predicate, "the head of the audit trail");
    return {predicate.integer("seq"), statement.digest_of(head_subject)};
}

}  // namespace

Json to_json(const AuditRow& row) {
    return {{"seq", row.seq},
            {"time", row.time},
            {"user", row.event.actor.user},
            {"os_user", row.event.actor.os_user},
            {"action", row.event.action},
            {"subject", row.event.subject},
            {"detail", row.event.detail},
            {"previous", row.previous},
            {"hash", row.hash}};
}

AuditRow AuditTrail::append(const AuditEvent& event, const std::function<void()>& change) {
    AuditRow row;
    database_.transaction([&] {
        if (change) change();
        row = append_inside(event);
    });
    return row;
}

AuditRow AuditTrail::append_inside(const AuditEvent& event) {
    AuditRow row;
    row.event = event;
    row.time = to_rfc3339(clock_.now());
    row.previous = before_the_first;
    row.seq = 1;
    if (const auto last = database_.query_one(
            "SELECT seq, hash FROM governance_audit ORDER BY seq DESC LIMIT 1")) {
        row.seq = last->integer("seq") + 1;
        row.previous = last->text("hash");
    }
    const std::string detail = to_line(event.detail);
    row.hash = sha256_hex(hashed_text(row, detail));
    database_.execute(
        "INSERT INTO governance_audit (seq, time, user, os_user, action, subject, detail, "
        "previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
        "?)",
        {row.seq, row.time, event.actor.user, event.actor.os_user, event.action, event.subject,
         detail, row.previous, row.hash});
    const Statement head{{{head_subject, row.hash}},
                         std::string(head_predicate),
                         {{"seq", row.seq}, {"time", row.time}}};
    database_.execute(
        "INSERT INTO governance_audit_head (id, envelope) VALUES (1, ?) ON CONFLICT (id) DO UPDATE "
        "SET envelope = excluded.envelope",
        {sign_statement(head, keys_.current(clock_))});
    ++appended_;
    return row;
}

std::vector<AuditRow> AuditTrail::list(std::size_t at_most) {
    std::vector<AuditRow> rows;
    for (const store::Row& in : database_.query("SELECT * FROM (SELECT * FROM governance_audit "
                                                "ORDER BY seq DESC LIMIT ?) ORDER BY seq",
                                                {static_cast<std::int64_t>(at_most)})) {
        StoredRow stored = from_row(in);
        stored.row.event.detail =
            parse_json(stored.detail,
                       "row " + std::to_string(stored.row.seq) + " of the audit trail", 1U << 20);
        rows.push_back(std::move(stored.row));
    }
    return rows;
}

std::string AuditTrail::head() {
    if (const auto row = database_.query_one("SELECT envelope FROM governance_audit_head"))
        return row->text("envelope");
    throw Error(ErrorCode::not_found, "nothing was recorded yet");
}

AuditVerification AuditTrail::verify(const std::string& known_head) {
    AuditVerification result;
    const auto problem = [&](std::int64_t seq, const std::string& what) {
        result.problems.push_back({seq, what});
    };
    const std::vector<PublicKey> trusted = keys_.public_keys();
    std::optional<Head> known;
    if (!known_head.empty()) known = open_head(known_head, trusted);

    std::string previous = before_the_first;
    std::int64_t expected = 1;
    bool known_found = false;
    for (const store::Row& in : database_.query("SELECT * FROM governance_audit ORDER BY seq")) {
        const StoredRow stored = from_row(in);
        const AuditRow& row = stored.row;
        if (row.seq != expected)
            problem(row.seq,
                    row.seq == expected + 1
                        ? "row " + std::to_string(expected) + " before it is gone"
                        : "the rows before it are gone, from " + std::to_string(expected) + " on");
        if (row.hash != sha256_hex(hashed_text(row, stored.detail)))
            problem(row.seq, "was altered");
        if (row.previous != previous) problem(row.seq, "does not follow from the row before it");
        if (known && row.seq == known->seq) known_found = row.hash == known->hash;
        previous = row.hash;
        expected = row.seq + 1;
        ++result.rows;
    }
    if (result.rows > 0) result.head = previous;

    const auto signed_head = database_.query_one("SELECT envelope FROM governance_audit_head");
    if (!signed_head) {
        // users are never added without a row, so a state with users and without a trail has lost
        // it
        if (result.rows > 0) problem(0, "its signed head is gone");
        else if (!database_.query("SELECT name FROM governance_users LIMIT 1").empty())
            problem(0, "all of it is gone");
    } else {
        try {
            const Head head = open_head(signed_head->text("envelope"), trusted);
            if (head.seq > expected - 1)
                problem(0, "the newest rows are gone: " + std::to_string(head.seq) +
                               " were signed, " + std::to_string(expected - 1) + " are there");
            else if (head.seq < expected - 1)
                problem(0, "rows after " + std::to_string(head.seq) + " were never signed");
            else if (head.hash != previous)
                problem(0, "its newest row is not the one that was signed");
        } catch (const Error& error) {
            problem(0, "its signed head is not good: " + error.message());
        }
    }
    if (known && !known_found)
        problem(known->seq,
                "is not the row that the given head names: the trail was rewritten or put back");
    return result;
}

}  // namespace patchlab::governance
