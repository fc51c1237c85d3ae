// SPDX-License-Identifier: Apache-2.0
//
// The audit trail: every decision and who took it.
#include <array>
#include <optional>

#include "orchestrator/operations/audit_witness.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/listing.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "platform/core/error.hpp"

namespace patchlab::operations {

namespace {

constexpr std::int64_t usual_rows = 1000;

constexpr std::array audit_columns{
    ListColumn{"time", "time"},         ListColumn{"occurred_at", "time"},
    ListColumn{"user", "user"},         ListColumn{"os_user", "os_user"},
    ListColumn{"action", "action"},     ListColumn{"subject", "subject"},
    ListColumn{"previous", "previous"}, ListColumn{"hash", "hash"}};

/// Those that the request can want, the newest first. A filter chooses among all rows.
store::Selection wanted_rows(Call& call, const JsonReader& request) {
    static constexpr const char* newest_first = "seq DESC";
    const std::string subject = request.string_or("subject", "");
    std::optional<store::Selection> selection;
    if (request.has("filter"))
        selection = selection_for(request.object("filter"), *listing_of("audit.list"),
                                  audit_columns, newest_first, call.session.clock().now());
    if (!selection) selection = {"1", newest_first, {}, -1};
    if (!request.has("filter")) selection->most = request.integer_or("limit", usual_rows);
    if (!subject.empty()) selection->narrow("subject = ?", subject);
    return *std::move(selection);
}

Outcome list_audit(Call& call, const JsonReader& request) {
    Json rows = Json::array();
    for (const governance::AuditRow& row :
         call.session.governance().audit.list(wanted_rows(call, request)))
        rows.push_back(governance::to_json(row));
    return {{{"schema", "patchlab/audit/v1"}, {"rows", rows}}};
}

/// `head`: the text of a signed head that was kept elsewhere.
Outcome verify_audit(Call& call, const JsonReader& request) {
    const governance::AuditVerification found =
        call.session.governance().audit.verify(request.string_or("head", ""));
    Json problems = Json::array();
    for (const governance::AuditProblem& problem : found.problems)
        problems.push_back({{"row", problem.seq}, {"what", problem.what}});
    return {{{"schema", "patchlab/audit-verification/v1"},
             {"intact", found.ok()},
             {"rows", found.rows},
             {"head", or_null(found.head)},
             {"problems", problems}},
            found.ok() ? 0 : exit_code(ErrorCode::refused)};
}

Outcome audit_head(Call& call, const JsonReader&) {
    return {
        {{"schema", "patchlab/audit-head/v1"}, {"text", call.session.governance().audit.head()}}};
}

/// Without a word about either, nobody is told any more.
Outcome name_witness(Call& call, const JsonReader& request) {
    const AuditWitness witness{request.boolean_or("syslog", false),
                               request.strings_or_empty("command")};
    call.record({"witness", {{"syslog", witness.syslog}, {"command", witness.command}}},
                [&] { write_witness(call.session.state(), witness); });
    return {{{"schema", "patchlab/witness/v1"},
             {"syslog", witness.syslog},
             {"command", witness.command}}};
}

}  // namespace

std::vector<Operation> audit_operations() {
    return {
        {"audit.list", "List what was decided and by whom, oldest first", Kind::read, anyone(),
         list_audit, "subject"},
        {"audit.verify", "Find any row that was removed, altered, moved or added", Kind::read,
         anyone(), verify_audit},
        {"audit.head", "Give the signed head, to be kept where nobody can change it", Kind::read,
         anyone(), audit_head},
        {"audit.witness", "Say who else gets the head with each publish and step of a rollout",
         Kind::write, administrators("say who gets the heads of the audit trail"), name_witness},
    };
}

}  // namespace patchlab::operations
