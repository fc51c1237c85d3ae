// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/feeds/staging.hpp"

#include <array>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab::feeds {

namespace {

/// A table of statements: its columns besides `file`, and which of them may be there once.
struct StagedTable {
    const char* name;
    const char* columns;
    const char* unique;
};
constexpr std::array staged_tables{
    StagedTable{"exploited", "cve, since, due, ransomware, forensics", "cve"},
    StagedTable{"ssvc", "cve, exploitation, automatable, impact, answered, cvss", "cve"},
    StagedTable{"epss", "cve, score, percentile", "cve"},
    StagedTable{"debian", "cve, source, releases", "cve, source"},
    StagedTable{"fixes", "cve, advisory, ecosystem, package, fixed, status", nullptr},
    StagedTable{"vex", "cve, document, package, status, justification, detail, product, products",
                nullptr},
};
enum Index { exploited, ssvc, epss, debian, fixes, vex };

std::string marks(std::string_view columns) {
    std::string text = "?";
    for (const char c : columns)
        if (c == ',') text += ", ?";
    return text;
}

store::Value of(const std::optional<bool>& value) {
    return value ? store::Value(std::int64_t{*value}) : store::Value(nullptr);
}
store::Value of(const std::optional<double>& value) {
    return value ? store::Value(*value) : store::Value(nullptr);
}

/// A repetition within one file.
void put(store::Statement& statement, const std::vector<store::Value>& values,
         const std::string& what) {
    try {
        statement.execute(values);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::conflict) throw;
        throw Error(ErrorCode::invalid, "the feed names " + what + " twice");
    }
}

}  // namespace

std::vector<std::string> statement_tables() {
    std::vector<std::string> names;
    for (const StagedTable& table : staged_tables)
        names.push_back("feed_" + std::string(table.name));
    return names;
}

Staging::Staging(store::Database& database) : database_(database) {
    drop();
    for (const StagedTable& table : staged_tables) {
        const std::string name = "temp.staged_" + std::string(table.name);
        database_.execute("CREATE TABLE " + name + " (" + table.columns +
                          (table.unique
                               ? ", PRIMARY KEY (" + std::string(table.unique) + ")) WITHOUT ROWID"
                               : std::string(")")));
        statements_.push_back(database_.prepare("INSERT INTO " + name + " (" + table.columns +
                                                ") VALUES (" + marks(table.columns) + ")"));
    }
    // deferred: only temporary tables are written, so nobody is locked out
    database_.execute("BEGIN DEFERRED");
    open_ = true;
}

Staging::~Staging() {
    try {
        if (open_) database_.execute("ROLLBACK");
        drop();
    } catch (const std::exception&) {  // they go with the connection
    }
}

void Staging::drop() {
    statements_.clear();
    for (const StagedTable& table : staged_tables)
        database_.execute("DROP TABLE IF EXISTS temp.staged_" + std::string(table.name));
}

void Staging::finish() {
    database_.execute("COMMIT");
    open_ = false;
    statements_.clear();
}

void Staging::take(const Exploited& one) {
    put(statements_[exploited],
        {one.cve, one.since, one.due, of(one.ransomware), of(one.forensics)}, one.cve);
}
void Staging::take(const SsvcAnswers& one) {
    put(statements_[ssvc],
        {one.cve, one.exploitation, one.automatable, one.impact, one.answered, of(one.cvss)},
        one.cve);
}
void Staging::take(const EpssScore& one) {
    put(statements_[epss], {one.cve, one.score, of(one.percentile)}, one.cve);
}
void Staging::take(const DebianState& one) {
    Json releases = Json::object();
    for (const auto& [release, state] : one.releases)
        releases[release] = {{"status", state.status},
                             {"fixed", state.fixed},
                             {"urgency", state.urgency},
                             {"no_advisory", state.no_advisory}};
    put(statements_[debian], {one.cve, one.source, to_line(releases)},
        one.cve + " of " + one.source);
}
void Staging::take(const Fix& one) {
    statements_[fixes].execute(
        {one.cve, one.advisory, one.ecosystem, one.package, one.fixed, one.status});
}
void Staging::take(const VexStatement& one) {
    statements_[vex].execute({one.cve, one.document, one.package, one.status, one.justification,
                              one.detail, one.product, static_cast<std::int64_t>(one.products)});
}

void Staging::publish_inside(std::int64_t file) {
    for (const StagedTable& table : staged_tables) {
        const std::string name(table.name), columns(table.columns);
        database_.execute("INSERT INTO feed_" + name + " (file, " + columns + ") SELECT ?, " +
                              columns + " FROM temp.staged_" + name,
                          {file});
    }
}

}  // namespace patchlab::feeds
