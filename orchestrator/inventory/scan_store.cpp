// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/scan_store.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::inventory {

namespace {

constexpr std::array<std::pair<ScanOutcome, std::string_view>, 4> outcomes{
    {{ScanOutcome::never, "never"},
     {ScanOutcome::scanned, "scanned"},
     {ScanOutcome::unreachable, "unreachable"},
     {ScanOutcome::failed, "failed"}}};
constexpr std::size_t max_known = 200'000;
constexpr const char* status_columns =
    "SELECT h.name, s.tried, s.outcome, s.detail, s.scanned FROM inventory_hosts h LEFT JOIN "
    "inventory_scans s ON s.host = h.id";

constexpr const char* summary_columns =
    "SELECT h.name AS name, json_extract(s.facts, '$.os_name') AS os_name, "
    "json_extract(s.facts, '$.kernel') AS kernel, json_extract(s.facts, '$.image') AS image, "
    "json_extract(s.facts, '$.reboot') AS reboot FROM inventory_hosts h JOIN inventory_scans s ON "
    "s.host = h.id AND s.facts IS NOT NULL";

/// After either of them: of these hosts alone.
constexpr const char* of_hosts = " WHERE h.name IN (SELECT value FROM json_each(?))";

ScanSummary summary_from(const store::Row& row) {
    return {row.text("os_name"), row.text("kernel"), row.text("image"), row.text("reboot")};
}

ScanOutcome outcome_from(const std::string& word) {
    for (const auto& [value, known] : outcomes)
        if (known == word) return value;
    throw Error(ErrorCode::internal, "the inventory holds a scan of unknown outcome");
}

ScanStatus status_from(const store::Row& row) {
    ScanStatus status;
    if (const auto outcome = row.text_or_null("outcome")) status.outcome = outcome_from(*outcome);
    status.tried = row.text_or_null("tried").value_or("");
    status.detail = row.text_or_null("detail").value_or("");
    status.scanned = row.text_or_null("scanned").value_or("");
    return status;
}

InstalledPackage package_from(const store::Row& row) {
    return {row.text("name"), row.text("architecture"), row.text("version"), row.text("format"),
            row.text("state")};
}

}  // namespace

std::string_view name(ScanOutcome outcome) {
    for (const auto& [value, word] : outcomes)
        if (value == outcome) return word;
    return "failed";
}

std::string age_text(const std::string& since, TimePoint now) {
    return rough_duration_text(Seconds(now - from_rfc3339(since)).count());
}

std::string ScanStatus::why_unknown(TimePoint now, Seconds max_age) const {
    const std::string last =
        scanned.empty() ? "never scanned" : "last scanned " + age_text(scanned, now) + " ago";
    switch (outcome) {
        case ScanOutcome::never: return "never scanned";
        case ScanOutcome::unreachable:
            return "not reachable " + age_text(tried, now) + " ago; " + last;
        case ScanOutcome::failed:
            return "the scan failed " + age_text(tried, now) + " ago; " + last;
        case ScanOutcome::scanned: break;
    }
    if (Seconds(now - from_rfc3339(scanned)) > max_age)
        return "its scan is " + age_text(scanned, now) + " old";
    return {};
}

ScanStore::ScanStore(store::Database& database)
    : database_(database),
      put_package_(database.prepare("INSERT OR IGNORE INTO inventory_packages (name, architecture, "
                                    "version, format) VALUES (?, ?, ?, ?)")),
      find_package_(database.prepare("SELECT id FROM inventory_packages WHERE name = ? AND "
                                     "architecture = ? AND version = ? AND format = ?")),
      put_installed_(database.prepare(
          "INSERT OR REPLACE INTO inventory_installed (host, package, state) VALUES (?, ?, ?)")),
      remove_installed_(
          database.prepare("DELETE FROM inventory_installed WHERE host = ? AND package = ?")) {}

std::int64_t ScanStore::package_id(const InstalledPackage& package) {
    InstalledPackage key = package;
    key.state.clear();
    if (const auto known = known_.find(key); known != known_.end()) return known->second;
    const std::vector<store::Value> values{key.name, key.architecture, key.version, key.format};
    put_package_.execute(values);
    std::int64_t id = 0;
    find_package_.query(values, [&](const store::Row& row) { id = row.integer("id"); });
    if (known_.size() >= max_known) known_.clear();
    return known_[std::move(key)] = id;
}

void ScanStore::put_packages(std::int64_t host, const std::vector<InstalledPackage>& packages) {
    std::map<std::int64_t, std::string> before;
    for (const store::Row& row :
         database_.query("SELECT package, state FROM inventory_installed WHERE host = ?", {host}))
        before[row.integer("package")] = row.text("state");
    for (const InstalledPackage& package : packages) {
        const std::int64_t id = package_id(package);
        const auto it = before.find(id);
        if (it == before.end() || it->second != package.state)
            put_installed_.execute({host, id, package.state});
        if (it != before.end()) before.erase(it);
    }
    for (const auto& [id, ignored] : before) remove_installed_.execute({host, id});
}

void ScanStore::change(const std::function<void()>& body) {
    try {
        database_.transaction(body);
    } catch (...) {
        known_.clear();
        throw;
    }
}

void ScanStore::record(const std::string& host, const Scan& scan, const std::string& time) {
    change([&] {
        const auto row =
            database_.query_one("SELECT id FROM inventory_hosts WHERE name = ?", {host});
        if (!row) return;
        const std::int64_t id = row->integer("id");
        database_.execute(
            "INSERT INTO inventory_scans (host, tried, outcome, detail, scanned, facts) VALUES "
            "(?1, ?2, 'scanned', '', ?2, ?3) "
            "ON CONFLICT (host) DO UPDATE SET tried = ?2, outcome = 'scanned', detail = '', "
            "scanned = ?2, facts = ?3",
            {id, time, to_line(facts_of(scan))});
        put_packages(id, scan.packages);
    });
}

void ScanStore::note(const std::string& host, const std::vector<InstalledPackage>& seen) {
    change([&] {
        const auto row = database_.query_one(
            "SELECT h.id FROM inventory_hosts h JOIN inventory_scans s ON s.host = h.id WHERE "
            "h.name = ? AND s.scanned IS NOT NULL",
            {host});
        if (!row) return;
        for (const InstalledPackage& package : seen) note_one(row->integer("id"), package);
    });
}

void ScanStore::note_one(std::int64_t host, InstalledPackage seen) {
    std::vector<std::pair<std::int64_t, InstalledPackage>> had;
    for (const store::Row& row : database_.query(
             "SELECT i.package, p.name, p.architecture, p.version, p.format, i.state FROM "
             "inventory_installed i JOIN inventory_packages p ON p.id = i.package "
             "WHERE i.host = ? AND p.name = ?",
             {host, seen.name}))
        had.emplace_back(row.integer("package"), package_from(row));
    const bool half =
        seen.version.empty() && !seen.state.empty();  // neither a version nor its absence
    if (had.size() > 1 || half || (had.empty() && seen.architecture.empty())) return;
    if (!had.empty()) {
        seen.architecture = had[0].second.architecture;
        seen.format = had[0].second.format;
        if (had[0].second == seen) return;
        remove_installed_.execute({host, had[0].first});
    }
    if (!seen.version.empty()) put_installed_.execute({host, package_id(seen), seen.state});
}

void ScanStore::record_failure(const std::string& host, ScanOutcome outcome,
                               const std::string& detail, const std::string& time) {
    database_.execute(
        "INSERT INTO inventory_scans (host, tried, outcome, detail) SELECT id, ?2, ?3, ?4 FROM "
        "inventory_hosts WHERE name = ?1 "
        "ON CONFLICT (host) DO UPDATE SET tried = ?2, outcome = ?3, detail = ?4",
        {host, time, std::string(name(outcome)), detail});
}

std::unordered_map<std::string, ScanStatus> ScanStore::statuses() {
    std::unordered_map<std::string, ScanStatus> all;
    database_.prepare(status_columns).query({}, [&](const store::Row& row) {
        all.emplace(row.text("name"), status_from(row));
    });
    return all;
}

std::unordered_map<std::string, ScanStatus> ScanStore::statuses(
    const std::vector<std::string>& hosts) {
    std::unordered_map<std::string, ScanStatus> few;
    database_.prepare(std::string(status_columns).append(of_hosts))
        .query({to_line(Json(hosts))},
               [&](const store::Row& row) { few.emplace(row.text("name"), status_from(row)); });
    return few;
}

std::unordered_map<std::int64_t, ScanStatus> ScanStore::statuses_of_scanned() {
    std::unordered_map<std::int64_t, ScanStatus> all;
    database_.prepare("SELECT host, tried, outcome, detail, scanned FROM inventory_scans")
        .query({},
               [&](const store::Row& row) { all.emplace(row.integer("host"), status_from(row)); });
    return all;
}

ScanStatus ScanStore::status(const std::string& host) {
    const auto row =
        database_.query_one(std::string(status_columns).append(" WHERE h.name = ?"), {host});
    return row ? status_from(*row) : ScanStatus{};
}

Json ScanStore::facts(const std::string& host) {
    const auto row = database_.query_one(
        "SELECT facts FROM inventory_scans s JOIN inventory_hosts h ON h.id = s.host WHERE h.name "
        "= ?",
        {host});
    const auto facts = row ? row->text_or_null("facts") : std::nullopt;
    return facts ? parse_json(*facts, "the inventory") : Json(nullptr);
}

std::unordered_map<std::string, ScanSummary> ScanStore::summaries() {
    std::unordered_map<std::string, ScanSummary> all;
    database_.prepare(summary_columns).query({}, [&](const store::Row& row) {
        all[row.text("name")] = summary_from(row);
    });
    return all;
}

std::unordered_map<std::string, ScanSummary> ScanStore::summaries(
    const std::vector<std::string>& hosts) {
    std::unordered_map<std::string, ScanSummary> few;
    database_.prepare(std::string(summary_columns).append(of_hosts))
        .query({to_line(Json(hosts))},
               [&](const store::Row& row) { few[row.text("name")] = summary_from(row); });
    return few;
}

std::vector<InstalledPackage> ScanStore::packages(const std::string& host) {
    std::vector<InstalledPackage> packages;
    for (const store::Row& row :
         database_.query("SELECT p.name, p.architecture, p.version, p.format, i.state FROM "
                         "inventory_installed i "
                         "JOIN inventory_packages p ON p.id = i.package "
                         "JOIN inventory_hosts h ON h.id = i.host WHERE h.name = ?",
                         {host}))
        packages.push_back(package_from(row));
    std::sort(packages.begin(), packages.end());
    return packages;
}

std::vector<std::string> ScanStore::hosts_with(const std::string& package,
                                               const std::string& version) {
    std::vector<std::string> hosts;
    for (const store::Row& row :
         database_.query("SELECT DISTINCT h.name FROM inventory_packages p JOIN "
                         "inventory_installed i ON i.package "
                         "= p.id JOIN inventory_hosts h ON h.id = i.host "
                         "WHERE p.name = ? AND p.version = ? ORDER BY h.name",
                         {package, version}))
        hosts.push_back(row.text("name"));
    return hosts;
}

}  // namespace patchlab::inventory
