// SPDX-License-Identifier: Apache-2.0
//
// What was last seen of each host, and whether that can be relied on. The newest whole scan is
// kept; a later attempt that fails leaves it in place but makes the host unknown, for nobody knows
// what became of it since. Packages are stored once for all hosts that have them. Thread safety:
// one a thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "orchestrator/inventory/scan.hpp"
#include "platform/core/clock.hpp"
#include "platform/store/database.hpp"

namespace patchlab::inventory {

///   never        nobody tried
///   scanned      the last attempt saw all of it
///   unreachable  no connection
///   failed       it answered, but not with a whole scan
enum class ScanOutcome { never, scanned, unreachable, failed };
std::string_view name(ScanOutcome outcome);

/// For how long a scan says something about today, unless the asker says otherwise.
constexpr Seconds fresh_for{7 * 86400};

struct ScanStatus {
    ScanOutcome outcome = ScanOutcome::never;  ///< of the last attempt
    std::string tried;                         ///< RFC 3339
    std::string detail;                        ///< why it was not scanned; one line
    std::string scanned;  ///< when the newest whole scan was made; empty: never

    /// Why the newest scan does not tell what the host is now; empty: it does.
    std::string why_unknown(TimePoint now, Seconds max_age = fresh_for) const;
};

struct ScanSummary {
    std::string os_name, kernel, image, reboot;
};

/// "3 days", "2 hours": roughly, for people.
std::string age_text(const std::string& since, TimePoint now);

class ScanStore {
  public:
    explicit ScanStore(store::Database& database);

    /// All of a scan or nothing of it. A host that is not in the inventory (any more) is passed
    /// over.
    void record(const std::string& host, const Scan& scan, const std::string& time);
    /// What was seen of a few packages since the newest scan, as a rollout sees them: the rest
    /// stays as scanned. Version empty: it is not installed. A package keeps the architecture it
    /// was scanned with; one that had several is passed over, for which one was seen is not said.
    /// Passed over is also a new package of unknown architecture, and a host without a whole scan:
    /// a few packages are not what it has.
    void note(const std::string& host, const std::vector<InstalledPackage>& seen);
    /// The scan before, if any, stays and is old from now on.
    void record_failure(const std::string& host, ScanOutcome outcome, const std::string& detail,
                        const std::string& time);

    /// Of every host, also of those never scanned.
    std::unordered_map<std::string, ScanStatus> statuses();
    std::unordered_map<std::string, ScanStatus> statuses(const std::vector<std::string>& hosts);
    /// By the id of the host, of those alone that somebody tried to scan.
    std::unordered_map<std::int64_t, ScanStatus> statuses_of_scanned();
    ScanStatus status(const std::string& host);
    /// facts_of() the newest scan; null when there is none.
    Json facts(const std::string& host);
    /// What a list shows of the newest scans; hosts without one are left out.
    std::unordered_map<std::string, ScanSummary> summaries();
    std::unordered_map<std::string, ScanSummary> summaries(const std::vector<std::string>& hosts);
    /// What the newest scan found, however old it is. Sorted.
    std::vector<InstalledPackage> packages(const std::string& host);

    /// Hosts whose newest scan found exactly this version, however old it is; by name.
    std::vector<std::string> hosts_with(const std::string& package, const std::string& version);

  private:
    std::int64_t package_id(const InstalledPackage& package);
    void put_packages(std::int64_t host, const std::vector<InstalledPackage>& packages);
    void note_one(std::int64_t host, InstalledPackage seen);
    /// The change in one transaction; ids that it gave are forgotten when it is undone.
    void change(const std::function<void()>& body);

    store::Database& database_;
    store::Statement put_package_, find_package_, put_installed_, remove_installed_;
    std::map<InstalledPackage, std::int64_t> known_;  ///< ids, so that hosts alike cost no look-ups
};

}  // namespace patchlab::inventory
