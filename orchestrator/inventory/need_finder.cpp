// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/need_finder.hpp"

#include <algorithm>
#include <set>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab::inventory {

NeedFinder::NeedFinder(store::Database& database, TimePoint now, Seconds max_age)
    : database_(database) {
    const auto statuses = ScanStore(database).statuses_of_scanned();
    static const std::string never = ScanStatus{}.why_unknown(now, max_age);
    database.prepare("SELECT id, name FROM inventory_hosts WHERE gone IS NULL ORDER BY id")
        .query({}, [&](const store::Row& row) {
            const std::int64_t id = row.integer("id");
            const auto status = statuses.find(id);
            hosts_.push_back(
                {id, row.text("name"),
                 status == statuses.end() ? never : status->second.why_unknown(now, max_age)});
        });
}

namespace {

constexpr const char* installed_of_names =
    "SELECT i.host, p.name, p.architecture, p.version, p.format, i.state FROM inventory_packages p "
    "JOIN inventory_installed i ON i.package = p.id WHERE p.name IN (SELECT value FROM "
    "json_each(?1)) ORDER BY i.host";
/// The same of one host: by way of what it has, not of who has the package.
constexpr const char* installed_of_host =
    "SELECT i.host, p.name, p.architecture, p.version, p.format, i.state FROM inventory_installed "
    "i CROSS JOIN inventory_packages p ON p.id = i.package WHERE i.host = ?2 AND p.name IN (SELECT "
    "value FROM json_each(?1))";

std::string names_of(const Offer& offer) {
    std::set<std::string> names;
    for (const OfferedPackage& package : offer.packages) names.insert(package.name);
    return to_line(names);
}

InstalledPackage installed_from(const store::Row& row) {
    return {row.text("name"), row.text("architecture"), row.text("version"), row.text("format"),
            row.text("state")};
}

}  // namespace

void NeedFinder::find_having(
    const Offer& offer, const std::function<void(std::size_t at, const NeedAnswer& answer)>& each) {
    std::size_t at = 0;
    std::vector<InstalledPackage> installed;
    const auto tell = [&] {
        if (!installed.empty() && hosts_[at].unknown.empty()) each(at, need_of(offer, installed));
        installed.clear();
    };
    database_.prepare(installed_of_names).query({names_of(offer)}, [&](const store::Row& row) {
        const std::int64_t id = row.integer("host");
        if (at < hosts_.size() && hosts_[at].id < id) tell();
        while (at < hosts_.size() && hosts_[at].id < id) ++at;
        if (at == hosts_.size() || hosts_[at].id != id) return;  // gone
        installed.push_back(installed_from(row));
    });
    tell();
}

void NeedFinder::find(const Offer& offer,
                      const std::function<void(const AskedHost&, const NeedAnswer&)>& each,
                      const std::string& only) {
    std::int64_t only_id = 0;
    auto host = hosts_.cbegin(), end = hosts_.cend();
    if (!only.empty()) {
        host = std::find_if(hosts_.begin(), hosts_.end(),
                            [&](const AskedHost& one) { return one.name == only; });
        if (host == hosts_.end())
            throw Error(ErrorCode::not_found,
                        "there is no host '" + only +
                            "' in the inventory, or its source no longer names it",
                        "see them with: patchlab inventory list");
        only_id = host->id;
        end = host + 1;
    }
    // Rows and hosts come in the same order: one walk along both.
    std::vector<InstalledPackage> installed;
    const auto tell = [&](const AskedHost& one) {
        each(one, one.unknown.empty()
                      ? need_of(offer, installed)
                      : NeedAnswer{assessment::Need::unknown, one.unknown, {}, false});
        installed.clear();
    };
    std::vector<store::Value> wanted{names_of(offer)};
    if (only_id != 0) wanted.emplace_back(only_id);
    database_.prepare(only_id != 0 ? installed_of_host : installed_of_names)
        .query(wanted, [&](const store::Row& row) {
            const std::int64_t id = row.integer("host");
            while (host != end && host->id < id) tell(*host++);
            if (host == end || host->id != id) return;  // gone
            installed.push_back(installed_from(row));
        });
    while (host != end) tell(*host++);
}

}  // namespace patchlab::inventory
