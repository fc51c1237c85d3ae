// SPDX-License-Identifier: Apache-2.0
//
// The audit trail: every decision and who took it, append-only. Each row holds the hash of the one
// before it, and the installation's key signs the newest hash, so that verify() finds a row that
// was altered, moved, removed or added — the last one as well. The signed head stands outside of
// the database, too (audit_head.hpp), and append() goes on only from the row that both heads name:
// nothing that was cut off is ever covered by what is appended later. What verify() cannot find
// alone is a whole older state folder put back in place; whoever keeps a head elsewhere can (verify
// with that head). Thread safety: one a thread; several processes may append to one store.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "orchestrator/governance/audit_head.hpp"
#include "orchestrator/governance/users.hpp"
#include "platform/core/clock.hpp"
#include "platform/core/json.hpp"
#include "platform/core/key_ring.hpp"
#include "platform/store/database.hpp"
#include "platform/store/selection.hpp"

namespace patchlab::governance {

struct AuditEvent {
    Actor actor;
    std::string action;   ///< what was done: "run-started", "approve", "promote"
    std::string subject;  ///< to what: a run, a user, an entry
    Json detail = Json::object();
};

struct AuditRow {
    std::int64_t seq = 0;  ///< from 1, without gaps
    std::string time;      ///< RFC 3339
    AuditEvent event;
    std::string previous;  ///< hash of the row before; 64 zeros in the first
    std::string hash;      ///< sha256 over all of the above
};
Json to_json(const AuditRow& row);
/// Of a row of the table, all its columns. Error(invalid): its detail is no JSON.
AuditRow audit_row_from(const store::Row& in);

struct AuditProblem {
    std::int64_t seq = 0;  ///< the row; 0: the trail as a whole
    std::string what;
};

struct AuditVerification {
    std::int64_t rows = 0;
    std::string head;  ///< hash of the newest row; empty when there is none
    std::vector<AuditProblem> problems;
    bool ok() const { return problems.empty(); }
};

class AuditTrail {
  public:
    AuditTrail(store::Database& database, KeyRing keys, const Clock& clock,
               const std::filesystem::path& state)
        : database_(database), keys_(std::move(keys)), clock_(clock), heads_(state) {}

    /// Does `change` (may be empty) and appends the row, both or neither, in one transaction.
    /// Error(refused) when the newest row is not the one that the signed heads name.
    AuditRow append(const AuditEvent& event, const std::function<void()>& change = {});
    /// Appends the row inside a transaction that the caller has open.
    AuditRow append_inside(const AuditEvent& event);

    /// Who else gets each head that is published. What it throws is logged and stops nothing.
    void on_publish(std::function<void(const AuditHead&)> witness) {
        witness_ = std::move(witness);
    }

    /// How many rows this object appended.
    std::int64_t appended() const { return appended_; }

    /// Oldest first; the newest `at_most` of them.
    std::vector<AuditRow> list(std::size_t at_most = 1'000'000);
    /// Those of the table governance_audit that it chooses; oldest first, whatever it sorts by.
    std::vector<AuditRow> list(const store::Selection& selection);
    /// The signed head (DSSE), to be kept elsewhere. Error(not_found) when nothing was ever
    /// recorded.
    std::string head();
    /// Rows, chain and signed heads. `known_heads`: one that head() gave earlier, or a file of
    /// published ones; the trail must still hold their rows.
    AuditVerification verify(const std::string& known_heads = {});
    /// Does `look`, and again when it found something wrong (Error refused) while another process
    /// wrote: what is read in several steps may be of several moments.
    void settled(const std::function<void()>& look);
    /// What every decision asks first: Error(refused) unless verify() finds nothing. Costs nothing
    /// when nobody wrote to the store since it was asked last.
    void expect_intact();

  private:
    struct Newest {
        std::int64_t seq = 0;
        std::string hash = before_the_first;
    };
    std::int64_t written_by_others();
    AuditVerification verify_once(const std::string& known_heads);
    Newest newest();
    std::string hash_of(std::int64_t seq);
    /// The head in the database and the one beside it, as far as they are good.
    struct Heads {
        std::optional<AuditHead> stored, kept;
        std::vector<std::string> problems;  ///< what they have against the newest row
    };
    std::optional<AuditHead> stored_head(const std::vector<PublicKey>& trusted);
    Heads examine_heads(const Newest& last, const std::vector<PublicKey>& trusted);
    void make_up_for_key_change(const AuditEvent& next);
    AuditHead head_before(const Newest& last);
    void sign_and_keep(const AuditRow& row, const std::string& previous);

    store::Database& database_;
    KeyRing keys_;
    const Clock& clock_;
    HeadKeeper heads_;
    std::function<void(const AuditHead&)> witness_;
    std::int64_t appended_ = 0;
    std::pair<std::int64_t, std::int64_t> intact_at_{-1, -1};
};

// What the audit trail says was done to a thing last. It reads rows and verifies nothing: whoever
// wants the chain checked asks AuditTrail::verify().

/// Of each subject the newest row with one of these actions; `subject` empty: of all subjects.
std::map<std::string, AuditRow> newest_rows(store::Database& database,
                                            const std::vector<std::string>& actions,
                                            const std::string& subject = {});

}  // namespace patchlab::governance
