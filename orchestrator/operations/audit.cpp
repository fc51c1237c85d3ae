// SPDX-License-Identifier: Apache-2.0
//
// The audit trail: every decision and who took it.
#include "orchestrator/operations/audit_witness.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "platform/core/error.hpp"

namespace patchlab::operations {

namespace {

constexpr std::int64_t usual_rows = 1000, most_rows = 100'000'000;

/// A filter that chooses or sorts does so among all rows; one that only cuts needs no more than it
/// keeps.
std::int64_t rows_to_read(const JsonReader& request, bool of_one_subject) {
    if (!request.has("filter")) return request.integer_or("limit", usual_rows);
    const JsonReader filter = request.object("filter");
    const bool chooses = of_one_subject || filter.has("where") || filter.has("since") ||
                         filter.has("until") || filter.has("sort");
    return chooses ? most_rows : filter.integer_or("limit", most_rows);
}

Outcome list_audit(Call& call, const JsonReader& request) {
    const std::string subject = request.string_or("subject", "");
    const auto most = static_cast<std::size_t>(rows_to_read(request, !subject.empty()));
    Json rows = Json::array();
    for (const governance::AuditRow& row : call.session.governance().audit.list(most))
        if (subject.empty() || row.event.subject == subject)
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
