// SPDX-License-Identifier: Apache-2.0
//
// The audit trail: every decision and who took it.
#include <array>

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
    store::Selection wanted =
        wanted_rows(request, "audit.list", audit_columns, "seq DESC", call.session.clock().now());
    if (!request.has("filter")) wanted.most = request.integer_or("limit", usual_rows);
    if (const std::string subject = request.string_or("subject", ""); !subject.empty())
        wanted.narrow("subject = ?", subject);
    return wanted;
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
