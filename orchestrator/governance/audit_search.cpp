// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/audit_search.hpp"

namespace patchlab::governance {

std::map<std::string, AuditRow> newest_rows(store::Database& database,
                                            const std::vector<std::string>& actions,
                                            const std::string& subject) {
    std::string marks;
    std::vector<store::Value> values;
    for (const std::string& action : actions) {
        marks += marks.empty() ? "?" : ", ?";
        values.emplace_back(action);
    }
    std::string query =
        "SELECT seq, time, user, os_user, action, subject, detail, previous, hash "
        "FROM governance_audit WHERE action IN (" +
        marks + ")";
    if (!subject.empty()) {
        query += " AND subject = ?";
        values.emplace_back(subject);
    }
    std::map<std::string, AuditRow> rows;
    for (const store::Row& row : database.query(query + " ORDER BY seq", values)) {
        AuditRow found;
        found.seq = row.integer("seq");
        found.time = row.text("time");
        found.event.actor = {row.text("user"), row.text("os_user")};
        found.event.action = row.text("action");
        found.event.subject = row.text("subject");
        found.event.detail = parse_json(row.text("detail"), "the audit trail", 1U << 20);
        found.previous = row.text("previous");
        found.hash = row.text("hash");
        rows[found.event.subject] = std::move(found);
    }
    return rows;
}

}  // namespace patchlab::governance
