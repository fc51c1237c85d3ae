// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/audit.hpp"

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/log.hpp"

namespace patchlab::governance {

namespace {

constexpr int most_trials = 20;

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

/// What leaves this host counts for others from here on, so its head goes where they find it.
bool is_published(const std::string& action) {
    return action == "publish" || action == "promote" || action == "withdraw" ||
           action == "quarantine" || action.starts_with("rollout-");
}

/// What was committed stays so, whatever becomes of the file; the next row makes up for it.
void without_failing(const std::string& what, const std::function<void()>& work) {
    try {
        work();
    } catch (const std::exception& error) {
        log_error(what + ": " + error.what());
    }
}

}  // namespace

AuditRow audit_row_from(const store::Row& in) {
    StoredRow stored = from_row(in);
    stored.row.event.detail = parse_json(
        stored.detail, "row " + std::to_string(stored.row.seq) + " of the audit trail", 1U << 20);
    return std::move(stored.row);
}

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

AuditTrail::Newest AuditTrail::newest() {
    const auto last =
        database_.query_one("SELECT seq, hash FROM governance_audit ORDER BY seq DESC LIMIT 1");
    return last ? Newest{last->integer("seq"), last->text("hash")} : Newest{};
}

std::string AuditTrail::hash_of(std::int64_t seq) {
    if (seq == 0) return before_the_first;
    const auto row = database_.query_one("SELECT hash FROM governance_audit WHERE seq = ?", {seq});
    return row ? row->text("hash") : "";
}

std::optional<AuditHead> AuditTrail::stored_head(const std::vector<PublicKey>& trusted) {
    const auto row = database_.query_one("SELECT envelope FROM governance_audit_head");
    if (!row) return std::nullopt;
    return open_head(row->text("envelope"), trusted);
}

AuditTrail::Heads AuditTrail::examine_heads(const Newest& last,
                                            const std::vector<PublicKey>& trusted) {
    Heads heads;
    std::optional<AuditHead>& stored = heads.stored;
    std::optional<AuditHead>& kept = heads.kept;
    std::vector<std::string>& problems = heads.problems;
    const auto rows_there = [&] { return std::to_string(last.seq) + " are there"; };
    const auto examined = [&](const std::string& which, const std::function<void()>& examine) {
        try {
            examine();
        } catch (const Error& error) {
            problems.push_back(which + " is not good: " + error.message());
        }
    };
    examined("its signed head", [&] {
        stored = stored_head(trusted);
        if (!stored) {
            if (last.seq > 0) problems.push_back("its signed head is gone");
        } else if (stored->seq > last.seq) {
            problems.push_back("the newest rows are gone: " + std::to_string(stored->seq) +
                               " were signed, " + rows_there());
        } else if (stored->seq < last.seq) {
            problems.push_back("rows after " + std::to_string(stored->seq) + " were never signed");
        } else if (stored->hash != last.hash) {
            problems.push_back("its newest row is not the one that was signed");
        }
    });
    examined("the head kept beside the database", [&] {
        kept = heads_.kept(trusted);
        if (!kept) {
            if (stored && !stored->previous.empty())
                problems.push_back("the head kept beside the database is gone");
        } else if (kept->seq > last.seq) {
            problems.push_back(
                (last.seq == 0 ? "all of it is gone: " : "the newest rows are gone: ") +
                std::to_string(kept->seq) +
                " were signed, as the head kept beside the database "
                "says, " +
                rows_there());
        } else if (hash_of(kept->seq) != kept->hash) {
            problems.push_back("row " + std::to_string(kept->seq) +
                               " is not the one that the head kept beside the database names");
        }
    });
    return heads;
}

/// The head that the next one is signed over. The file begins before the first row that counts on
/// it is committed, so that nobody can say later that there never was one.
AuditHead AuditTrail::head_before(const Newest& last) {
    const Heads heads = examine_heads(last, keys_.public_keys());
    if (!heads.problems.empty())
        throw Error(
            ErrorCode::refused,
            "nothing is added to the audit trail, which is not intact: " + heads.problems.front(),
            "see: patchlab audit verify");
    const AuditHead before =
        heads.stored
            ? *heads.stored
            : sign_head({0, before_the_first, to_rfc3339(clock_.now()), before_the_first, "", ""},
                        keys_.current(clock_));
    if (!heads.kept) heads_.keep(before, keys_.public_keys());
    return before;
}

void AuditTrail::sign_and_keep(const AuditRow& row, const std::string& previous) {
    const AuditHead head =
        sign_head({row.seq, row.hash, row.time, previous, "", ""}, keys_.current(clock_));
    database_.execute(
        "INSERT INTO governance_audit_head (id, envelope) VALUES (1, ?) ON CONFLICT (id) DO UPDATE "
        "SET envelope = excluded.envelope",
        {head.envelope});
    database_.after_commit([this, head, published = is_published(row.event.action)] {
        without_failing("keeping the head of the audit trail beside the database",
                        [&] { heads_.keep(head, keys_.public_keys()); });
        if (!published) return;
        without_failing("publishing the head of the audit trail", [&] {
            heads_.publish(head);
            if (witness_) witness_(head);
        });
    });
}

/// A change of the key and its row cannot be one step, so a change without a row gets one before
/// anything else is recorded.
void AuditTrail::make_up_for_key_change(const AuditEvent& next) {
    if (next.action == "key-rotated" || next.action == "key-revoked") return;
    const std::string current = keys_.current(clock_).public_key().id();
    const auto row = database_.query_one("SELECT envelope FROM governance_audit_head");
    if (!row) return;
    const AuditHead head = open_head(row->text("envelope"), keys_.public_keys_of_all_times());
    if (head.signer == current) return;
    append_inside({{"patchlab", os_user_name()},
                   "key-rotated",
                   current,
                   {{"retired", head.signer}, {"why", "found without a row"}}});
}

AuditRow AuditTrail::append_inside(const AuditEvent& event) {
    make_up_for_key_change(event);
    const Newest last = newest();
    const AuditHead before = head_before(last);
    AuditRow row;
    row.event = event;
    row.time = to_rfc3339(clock_.now());
    row.previous = last.hash;
    row.seq = last.seq + 1;
    const std::string detail = to_line(event.detail);
    row.hash = sha256_hex(hashed_text(row, detail));
    database_.execute(
        "INSERT INTO governance_audit (seq, time, user, os_user, action, subject, detail, "
        "previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
        "?)",
        {row.seq, row.time, event.actor.user, event.actor.os_user, event.action, event.subject,
         detail, row.previous, row.hash});
    sign_and_keep(row, before.digest());
    ++appended_;
    return row;
}

std::vector<AuditRow> AuditTrail::list(std::size_t at_most) {
    store::Selection newest;
    newest.order = "seq DESC";
    newest.most = static_cast<std::int64_t>(at_most);
    return list(newest);
}

std::vector<AuditRow> AuditTrail::list(const store::Selection& selection) {
    std::vector<AuditRow> rows;
    for (const store::Row& in :
         database_.query("SELECT * FROM (" + selection.after("SELECT * FROM governance_audit") +
                             ") ORDER BY seq",
                         selection.values))
        rows.push_back(audit_row_from(in));
    return rows;
}

std::string AuditTrail::head() {
    if (const auto row = database_.query_one("SELECT envelope FROM governance_audit_head"))
        return row->text("envelope");
    throw Error(ErrorCode::not_found, "nothing was recorded yet");
}

/// Another number whenever another connection committed something.
std::int64_t AuditTrail::written_by_others() {
    return database_.query_one("PRAGMA data_version")->integer("data_version");
}

void AuditTrail::settled(const std::function<void()>& look) {
    for (int trial = 1;; ++trial) {
        const std::int64_t before = written_by_others();
        try {
            look();
            return;
        } catch (const Error& error) {
            const bool moved = written_by_others() != before;
            if (error.code() != ErrorCode::refused || !moved || trial == most_trials) throw;
        }
    }
}

AuditVerification AuditTrail::verify(const std::string& known_heads) {
    for (int trial = 1;; ++trial) {
        const std::int64_t before = written_by_others();
        AuditVerification found = verify_once(known_heads);
        if (found.ok() || written_by_others() == before || trial == most_trials) return found;
    }
}

AuditVerification AuditTrail::verify_once(const std::string& known_heads) {
    AuditVerification result;
    const auto problem = [&](std::int64_t seq, const std::string& what) {
        result.problems.push_back({seq, what});
    };
    const std::vector<PublicKey> trusted = keys_.public_keys();
    const std::vector<PublicKey> of_all_times = keys_.public_keys_of_all_times();
    std::vector<AuditHead> known;
    if (!known_heads.empty()) known = open_heads(known_heads, of_all_times);
    // before the rows: whoever appends meanwhile publishes a head of rows that are not read yet
    std::vector<AuditHead> published;
    try {
        published = heads_.published(of_all_times);
    } catch (const Error& error) {
        problem(0, "a published head is not good: " + error.message());
    }

    Newest last;
    database_.prepare("SELECT * FROM governance_audit ORDER BY seq")
        .query({}, [&](const store::Row& in) {
            const StoredRow stored = from_row(in);
            const AuditRow& row = stored.row;
            if (row.seq != last.seq + 1)
                problem(row.seq, row.seq == last.seq + 2
                                     ? "row " + std::to_string(last.seq + 1) + " before it is gone"
                                     : "the rows before it are gone, from " +
                                           std::to_string(last.seq + 1) + " on");
            if (row.hash != sha256_hex(hashed_text(row, stored.detail)))
                problem(row.seq, "was altered");
            if (row.previous != last.hash)
                problem(row.seq, "does not follow from the row before it");
            last = {row.seq, row.hash};
            ++result.rows;
        });
    if (result.rows > 0) result.head = last.hash;

    for (const std::string& what : examine_heads(last, trusted).problems) problem(0, what);
    // users are never added without a row, so a state with users and without a trail has lost it
    if (result.rows == 0 && result.ok() &&
        !database_.query("SELECT name FROM governance_users LIMIT 1").empty())
        problem(0, "all of it is gone");
    for (const AuditHead& head : published)
        if (hash_of(head.seq) != head.hash)
            problem(head.seq, "is not the row that a published head names");
    for (const AuditHead& head : known)
        if (hash_of(head.seq) != head.hash)
            problem(head.seq,
                    "is not the row that the given head names: the trail was rewritten or put "
                    "back");
    return result;
}

void AuditTrail::expect_intact() {
    const auto changes = database_.query_one("SELECT total_changes() AS changes");
    const std::pair now{written_by_others(), changes->integer("changes")};
    if (now == intact_at_) return;
    if (const AuditVerification found = verify(); !found.ok()) {
        const AuditProblem& first = found.problems.front();
        throw Error(ErrorCode::refused,
                    "the audit trail is not intact: " +
                        (first.seq == 0 ? "" : "row " + std::to_string(first.seq) + " ") +
                        first.what,
                    "see: patchlab audit verify");
    }
    intact_at_ = now;
}

std::map<std::string, AuditRow> newest_rows(store::Database& database,
                                            const std::vector<std::string>& actions,
                                            const std::string& subject) {
    std::string marks;
    std::vector<store::Value> values;
    for (const std::string& action : actions) {
        marks += marks.empty() ? "?" : ", ?";
        values.emplace_back(action);
    }
    std::string query = "SELECT * FROM governance_audit WHERE action IN (" + marks + ")";
    if (!subject.empty()) {
        query += " AND subject = ?";
        values.emplace_back(subject);
    }
    std::map<std::string, AuditRow> rows;
    for (const store::Row& row : database.query(query + " ORDER BY seq", values)) {
        AuditRow found = audit_row_from(row);
        rows[found.event.subject] = std::move(found);
    }
    return rows;
}

}  // namespace patchlab::governance
