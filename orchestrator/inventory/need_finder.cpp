// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/need_finder.hpp"

#include <algorithm>
#include <set>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab::inventory {

NeedFinder::NeedFinder(store::Database& database, TimePoint now, Seconds max_age)
    : database_(database) {
    ScanStore scans(database);
    const auto statuses = scans.statuses();
    database.prepare("SELECT id, name FROM inventory_hosts WHERE gone IS NULL ORDER BY id")
        .query({}, [&](const store::Row& row) {
            const std::string name = row.text("name");
            const auto status = statuses.find(name);
            hosts_.push_back({row.integer("id"), name,
                              (status == statuses.end() ? ScanStatus{} : status->second)
                                  .why_unknown(now, max_age)});
        });
}

void NeedFinder::find(const Offer& offer,
                      const std::function<void(const AskedHost&, const NeedAnswer&)>& each,
                      const std::string& only) {
    std::set<std::string> names;
    for (const OfferedPackage& package : offer.packages) names.insert(package.name);
    std::int64_t only_id = 0;
    if (!only.empty()) {
        const auto host = std::find_if(hosts_.begin(), hosts_.end(),
                                       [&](const AskedHost& one) { return one.name == only; });
        if (host == hosts_.end())
            throw Error(ErrorCode::not_found,
                        "there is no host '" + only +
                            "' in the inventory, or its source no longer names it",
                        "see them with: patchlab inventory list");
        only_id = host->id;
    }
    // Rows and hosts come in the same order: one walk along both.
    auto host = hosts_.begin();
    std::vector<InstalledPackage> installed;
    const auto tell = [&](const AskedHost& one) {
        if (only_id == 0 || one.id == only_id)
            each(one, one.unknown.empty()
                          ? need_of(offer, installed)
                          : NeedAnswer{assessment::Need::unknown, one.unknown, {}, false});
        installed.clear();
    };
    database_
        .prepare(
            "SELECT i.host, p.name, p.architecture, p.version, p.format, i.state FROM "
            "inventory_packages p JOIN inventory_installed i ON "
            "i.package = p.id "
            "WHERE p.name IN (SELECT value FROM json_each(?1)) AND (?2 = 0 OR i.host = ?2) ORDER "
            "BY i.host")
        .query({to_line(names), only_id}, [&](const store::Row& row) {
            const std::int64_t id = row.integer("host");
            while (host != hosts_.end() && host->id < id) tell(*host++);
            if (host == hosts_.end() || host->id != id) return;  // gone
            installed.push_back({row.text("name"), row.text("architecture"), row.text("version"),
                                 row.text("format"), row.text("state")});
        });
    while (host != hosts_.end()) tell(*host++);
}

}  // namespace patchlab::inventory
