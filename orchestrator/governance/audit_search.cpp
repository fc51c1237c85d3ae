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
