// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/host_store.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "orchestrator/inventory/same_host.hpp"
#include "platform/core/error.hpp"
#include "platform/core/schema.hpp"
#include "platform/core/text.hpp"

namespace patchlab::inventory {

namespace {

constexpr std::string_view first_migration = R"sql(
CREATE TABLE inventory_windows (
    name       TEXT PRIMARY KEY,
    definition TEXT NOT NULL,
    added      TEXT NOT NULL
) STRICT;
CREATE TABLE inventory_hosts (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    criticality TEXT CHECK (criticality IN ('business-operational', 'business-critical', 'mission-critical')),
    owners      TEXT NOT NULL,
    location    TEXT NOT NULL,
    function    TEXT NOT NULL,
    period      TEXT NOT NULL,
    image       TEXT NOT NULL,
    tags        TEXT NOT NULL,
    variables   TEXT NOT NULL,
    source      TEXT NOT NULL,
    imported    TEXT NOT NULL,
    gone        TEXT
) STRICT;
CREATE INDEX inventory_hosts_source ON inventory_hosts(source);
CREATE TABLE inventory_groups (
    host INTEGER NOT NULL REFERENCES inventory_hosts(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    PRIMARY KEY (host, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX inventory_groups_name ON inventory_groups(name);
CREATE TABLE inventory_scans (
    host    INTEGER PRIMARY KEY REFERENCES inventory_hosts(id) ON DELETE CASCADE,
    tried   TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('scanned', 'unreachable', 'failed')),
    detail  TEXT NOT NULL,
    scanned TEXT,
    facts   TEXT
) STRICT;
CREATE TABLE inventory_packages (
    id           INTEGER PRIMARY KEY,
    name         TEXT NOT NULL,
    architecture TEXT NOT NULL,
    version      TEXT NOT NULL,
    format       TEXT NOT NULL CHECK (format IN ('deb', 'rpm')),
    UNIQUE (name, version, architecture, format)
) STRICT;
CREATE TABLE inventory_installed (
    host    INTEGER NOT NULL REFERENCES inventory_hosts(id) ON DELETE CASCADE,
    package INTEGER NOT NULL REFERENCES inventory_packages(id),
    state   TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (host, package)
) STRICT, WITHOUT ROWID;
CREATE INDEX inventory_installed_package ON inventory_installed(package);
)sql";

constexpr std::string_view second_migration = R"sql(
ALTER TABLE inventory_hosts ADD COLUMN exposed TEXT
    CHECK (exposed IN ('internet', 'internal', 'isolated'));
)sql";

/// As Host::counts_as().
constexpr std::string_view counted_criticality = "COALESCE(h.criticality, 'mission-critical')";

std::vector<std::string> words_from(const std::string& json) {
    return parse_json(json, "the inventory").get<std::vector<std::string>>();
}

Host from_row(const store::Row& row) {
    Host host;
    host.name = row.text("name");
    if (const auto word = row.text_or_null("criticality"))
        host.criticality = assessment::criticality_from(*word);
    if (const auto word = row.text_or_null("exposed"))
        host.exposed = assessment::exposed_from(*word);
    host.owners = words_from(row.text("owners"));
    host.location = row.text("location");
    host.function = row.text("function");
    host.window = row.text("period");
    host.image = row.text("image");
    host.tags = words_from(row.text("tags"));
    host.variables = parse_json(row.text("variables"), "the inventory");
    host.source = row.text("source");
    host.imported = row.text("imported");
    host.gone = row.text_or_null("gone").value_or("");
    return host;
}

[[noreturn]] void not_found(const std::string& what, const std::string& word,
                            const std::vector<std::string>& known) {
    const std::string meant = known.size() > 10'000 ? "" : nearest_word(word, known);
    throw Error(ErrorCode::not_found,
                "there is no " + what + " '" + word + "' in the inventory" +
                    (meant.empty() ? "" : "; did you mean '" + meant + "'?"),
                what == "group" ? "see them with: patchlab inventory groups"
                                : "see them with: patchlab inventory list");
}

/// Carries out one import: what the store holds, then host after host.
class Importer {
  public:
    Importer(store::Database& database, const ImportRequest& request, const std::string& time)
        : database_(database),
          request_(request),
          time_(time),
          put_(database.prepare(
              "INSERT INTO inventory_hosts (name, criticality, owners, location, "
              "function, period, image, tags, "
              "variables, source, imported, exposed, gone) "
              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL) ON CONFLICT (name) "
              "DO UPDATE SET criticality = "
              "excluded.criticality, owners = excluded.owners, "
              "location = excluded.location, function = excluded.function, "
              "period = excluded.period, image = "
              "excluded.image, tags = excluded.tags, "
              "variables = excluded.variables, source = excluded.source, "
              "imported = excluded.imported, exposed = excluded.exposed, "
              "gone = NULL")),
          forget_groups_(database.prepare("DELETE FROM inventory_groups WHERE host = (SELECT id "
                                          "FROM inventory_hosts WHERE name = ?)")),
          put_group_(database.prepare("INSERT INTO inventory_groups (host, name) SELECT id, ? FROM "
                                      "inventory_hosts WHERE name = ?")) {}

    ImportOutcome run(HostStore& store) {
        store.each([&](const Host& host) {
            known_[host.name] = {to_line(description(host)), host.source, !host.gone.empty()};
        });
        refuse_foreign();
        require_windows(store.windows());
        for (const Host& host : request_.hosts) take(host);
        forget_vanished();
        return std::move(outcome_);
    }

  private:
    struct Known {
        std::string described, source;
        bool gone = false;
        bool named = false;
    };

    void refuse_foreign() {
        refuse_twins();
        if (request_.take_over) return;
        std::vector<std::string> foreign;
        for (const Host& host : request_.hosts)
            if (const auto it = known_.find(host.name);
                it != known_.end() && it->second.source != request_.source && !it->second.gone)
                foreign.push_back(host.name + " (" + it->second.source + ")");
        if (foreign.empty()) return;
        std::string text;
        for (std::size_t i = 0; i < std::min<std::size_t>(foreign.size(), 5); ++i)
            text += (i == 0 ? "" : ", ") + foreign[i];
        if (foreign.size() > 5) text += " and " + std::to_string(foreign.size() - 5) + " more";
        throw Error(ErrorCode::conflict, "another source names these hosts: " + text,
                    "if it is the same source in another place, name it with --source; else take "
                    "them over with --take-over");
    }

    /// One host under two spellings, from two sources: whichever is right, it is one machine.
    void refuse_twins() const {
        std::map<std::string, const std::string*> names;
        for (const auto& [name, host] : known_)
            if (host.source != request_.source && !host.gone) names[host_key(name)] = &name;
        for (const Host& host : request_.hosts) {
            const auto twin = names.find(host_key(host.name));
            if (twin == names.end() || *twin->second == host.name) continue;
            throw Error(ErrorCode::conflict,
                        "host '" + host.name + "' is host '" + *twin->second + "' of the source " +
                            known_.at(*twin->second).source + ", spelt otherwise",
                        "give it one spelling in both, or remove it: patchlab inventory remove " +
                            *twin->second);
        }
    }

    /// Whoever read the hosts looked for their windows before; one may have been removed since.
    void require_windows(const assessment::Windows& windows) const {
        for (const Host& host : request_.hosts)
            if (!host.window.empty() && !windows.contains(host.window))
                throw Error(ErrorCode::conflict, "host '" + host.name + "' names window '" +
                                                     host.window + "', which there is not");
    }

    void take(const Host& host) {
        const auto it = known_.find(host.name);
        const std::string described = to_line(description(host));
        if (it != known_.end()) it->second.named = true;
        if (it != known_.end() && it->second.described == described &&
            it->second.source == request_.source && !it->second.gone) {
            ++outcome_.unchanged;
            return;
        }
        put_.execute({host.name,
                      host.criticality ? store::Value(std::string(name(*host.criticality)))
                                       : store::Value(nullptr),
                      to_line(host.owners), host.location, host.function, host.window, host.image,
                      to_line(host.tags), to_line(host.variables), request_.source, time_,
                      host.exposed ? store::Value(std::string(name(*host.exposed)))
                                   : store::Value(nullptr)});
        if (it != known_.end()) forget_groups_.execute({host.name});
        for (const std::string& group : host.groups) put_group_.execute({group, host.name});
        if (it == known_.end()) ++outcome_.added;
        else if (it->second.gone) outcome_.returned.push_back(host.name);
        else ++outcome_.changed;
    }

    void forget_vanished() {
        store::Statement mark =
            database_.prepare("UPDATE inventory_hosts SET gone = ? WHERE name = ?");
        store::Statement remove = database_.prepare("DELETE FROM inventory_hosts WHERE name = ?");
        for (const auto& [host, known] : known_) {
            if (known.named || known.source != request_.source) continue;
            if (request_.prune) {
                remove.execute({host});
                outcome_.removed.push_back(host);
            } else if (!known.gone) {
                mark.execute({time_, host});
                outcome_.gone.push_back(host);
            }
        }
    }

    store::Database& database_;
    const ImportRequest& request_;
    std::string time_;
    store::Statement put_, forget_groups_, put_group_;
    std::map<std::string, Known> known_;
    ImportOutcome outcome_;
};

}  // namespace

std::vector<store::Migration> migrations() {
    return {{"inventory", 1, first_migration}, {"inventory", 2, second_migration}};
}

void HostStore::each(const std::function<void(const Host&)>& each) {
    // Both answers come in the order of ids: one walk along both, however many hosts there are.
    std::vector<std::pair<std::int64_t, std::string>> memberships;
    database_.prepare("SELECT host, name FROM inventory_groups ORDER BY host, name")
        .query({}, [&](const store::Row& row) {
            memberships.emplace_back(row.integer("host"), row.text("name"));
        });
    std::size_t at = 0;
    database_.prepare("SELECT * FROM inventory_hosts ORDER BY id")
        .query({}, [&](const store::Row& row) {
            Host host = from_row(row);
            const std::int64_t id = row.integer("id");
            while (at < memberships.size() && memberships[at].first < id) ++at;
            for (; at < memberships.size() && memberships[at].first == id; ++at)
                host.groups.push_back(memberships[at].second);
            each(host);
        });
}

std::vector<Host> HostStore::list(const HostFilter& filter) {
    std::vector<Host> hosts;
    std::set<std::string, std::less<>> wanted(filter.names.begin(), filter.names.end());
    const std::set<std::string, std::less<>> groups(filter.groups.begin(), filter.groups.end());
    std::set<std::string, std::less<>> seen_groups;
    std::vector<std::string> names;
    each([&](const Host& host) {
        names.push_back(host.name);
        bool in_group = groups.empty();
        for (const std::string& group : host.groups)
            if (groups.contains(group)) {
                in_group = true;
                seen_groups.insert(group);
            }
        const bool named = filter.names.empty() || wanted.erase(host.name) > 0;
        if (!named || !in_group || (!filter.with_gone && !host.gone.empty()) ||
            (filter.criticality && *filter.criticality != host.counts_as()))
            return;
        hosts.push_back(host);
    });
    if (!wanted.empty()) not_found("host", *wanted.begin(), names);
    for (const std::string& group : groups)
        if (!seen_groups.contains(group)) not_found("group", group, {});
    std::sort(hosts.begin(), hosts.end(),
              [](const Host& a, const Host& b) { return a.name < b.name; });
    return hosts;
}

std::vector<Host> HostStore::list(const HostFilter& filter, store::Selection selection) {
    for (const std::string& host : filter.names)
        if (!database_.query_one("SELECT id FROM inventory_hosts WHERE name = ?", {host}))
            get(host);
    for (const std::string& group : filter.groups)
        if (!database_.query_one("SELECT host FROM inventory_groups WHERE name = ? LIMIT 1",
                                 {group}))
            not_found("group", group, {});
    if (!filter.names.empty())
        selection.narrow("h.name IN (SELECT value FROM json_each(?))", to_line(Json(filter.names)));
    if (!filter.groups.empty())
        selection.narrow(
            "h.id IN (SELECT g.host FROM inventory_groups g WHERE g.name IN (SELECT value FROM "
            "json_each(?)))",
            to_line(Json(filter.groups)));
    if (filter.criticality)
        selection.narrow(std::string(counted_criticality) + " = ?",
                         std::string(assessment::name(*filter.criticality)));
    if (!filter.with_gone) selection.where += " AND h.gone IS NULL";
    std::vector<Host> hosts;
    std::map<std::int64_t, std::size_t> places;
    for (const store::Row& row :
         database_.query(selection.after("SELECT h.* FROM inventory_hosts h"), selection.values)) {
        places[row.integer("id")] = hosts.size();
        hosts.push_back(from_row(row));
    }
    Json ids = Json::array();
    for (const auto& [id, place] : places) ids.push_back(id);
    for (const store::Row& row :
         database_.query("SELECT host, name FROM inventory_groups WHERE host IN (SELECT value FROM "
                         "json_each(?)) ORDER BY host, name",
                         {to_line(ids)}))
        hosts[places.at(row.integer("host"))].groups.push_back(row.text("name"));
    return hosts;
}

Host HostStore::get(const std::string& name) {
    const auto row = database_.query_one("SELECT * FROM inventory_hosts WHERE name = ?", {name});
    if (!row) {
        std::vector<std::string> names;
        for (const store::Row& one :
             database_.query("SELECT name FROM inventory_hosts LIMIT 10001"))
            names.push_back(one.text("name"));
        not_found("host", name, names);
    }
    Host host = from_row(*row);
    for (const store::Row& group :
         database_.query("SELECT name FROM inventory_groups WHERE host = ? ORDER BY name",
                         {row->integer("id")}))
        host.groups.push_back(group.text("name"));
    return host;
}

std::size_t HostStore::count() {
    return static_cast<std::size_t>(
        database_.query_one("SELECT count(*) AS n FROM inventory_hosts")->integer("n"));
}

std::vector<std::pair<std::string, std::size_t>> HostStore::groups() {
    std::vector<std::pair<std::string, std::size_t>> groups;
    for (const store::Row& row : database_.query(
             "SELECT name, count(*) AS n FROM inventory_groups GROUP BY name ORDER BY name"))
        groups.emplace_back(row.text("name"), static_cast<std::size_t>(row.integer("n")));
    return groups;
}

ImportOutcome HostStore::import_inside(const ImportRequest& request, const std::string& time) {
    return Importer(database_, request, time).run(*this);
}

void HostStore::remove_inside(const std::string& name) {
    get(name);
    database_.execute("DELETE FROM inventory_hosts WHERE name = ?", {name});
}

assessment::Windows HostStore::windows() {
    assessment::Windows windows;
    for (const store::Row& row :
         database_.query("SELECT name, definition FROM inventory_windows ORDER BY name"))
        windows[row.text("name")] =
            assessment::window_from_json(parse_json(row.text("definition"), "the inventory"));
    return windows;
}

void HostStore::put_windows_inside(const assessment::Windows& windows, const std::string& time) {
    for (const auto& [name, window] : windows)
        database_.execute(
            "INSERT INTO inventory_windows (name, definition, added) VALUES (?, ?, ?) ON CONFLICT "
            "(name) DO UPDATE SET definition = "
            "excluded.definition, added = excluded.added",
            {name, to_line(assessment::to_json(window)), time});
}

void HostStore::remove_window_inside(const std::string& name) {
    const auto user = database_.query_one(
        "SELECT name, (SELECT count(*) FROM inventory_hosts WHERE period = ?1) AS n FROM "
        "inventory_hosts WHERE period = ?1 ORDER BY name "
        "LIMIT 1",
        {name});
    if (user)
        throw Error(ErrorCode::conflict, "window '" + name + "' is that of " +
                                             std::to_string(user->integer("n")) + " hosts (" +
                                             user->text("name") + ")");
    if (database_.execute("DELETE FROM inventory_windows WHERE name = ?", {name}) == 0)
        throw Error(ErrorCode::not_found, "there is no window '" + name + "'",
                    "see them with: patchlab inventory window list");
}

}  // namespace patchlab::inventory
