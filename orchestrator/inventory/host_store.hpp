// SPDX-License-Identifier: Apache-2.0
//
// The hosts of a state folder. An import brings all hosts of one source: what it names is added or
// updated, what it no longer names is marked as gone (or removed, where that is asked for), and
// nothing else is touched. What changes hosts does so inside the caller's transaction, so that no
// change goes unrecorded in the audit trail. Cost: linear in hosts. Thread safety: one a thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/assessment/window.hpp"
#include "orchestrator/inventory/host.hpp"
#include "platform/store/database.hpp"
#include "platform/store/selection.hpp"

namespace patchlab::inventory {

struct HostFilter {
    std::vector<std::string> names;  ///< Error(not_found) for one that there is not; empty: all
    std::vector<std::string>
        groups;  ///< hosts of any of them; Error(not_found) for one that no host is in; empty: all
    std::optional<assessment::Criticality> criticality;  ///< that they count as
    bool with_gone = true;
};

struct ImportRequest {
    std::string
        source;  ///< what names the hosts; an import replaces the one before of the same source
    std::vector<Host> hosts;  ///< distinct names
    bool prune =
        false;  ///< remove hosts that this source named and no longer names, with their scans
    bool take_over = false;  ///< hosts that another source names become this one's
};

struct ImportOutcome {
    std::size_t added = 0, changed = 0, unchanged = 0;
    std::vector<std::string> returned;  ///< were gone and are named again
    std::vector<std::string> gone;      ///< no longer named, marked now
    std::vector<std::string> removed;   ///< no longer named, removed
};

class HostStore {
  public:
    explicit HostStore(store::Database& database) : database_(database) {}

    /// By name.
    std::vector<Host> list(const HostFilter& filter = {});
    /// Of them those that `selection` wants, in its order; it speaks of inventory_hosts as h.
    std::vector<Host> list(const HostFilter& filter, store::Selection selection);
    /// list(), one after the other, so that many hosts take no memory. Nothing may change hosts
    /// meanwhile.
    void each(const std::function<void(const Host&)>& each);
    /// Error(not_found), with the nearest name.
    Host get(const std::string& name);
    std::size_t count();
    /// Every group that has a host (gone ones included), with how many.
    std::vector<std::pair<std::string, std::size_t>> groups();

    /// Error(conflict) when another source names one of the hosts (unless take_over), or when a
    /// host names a window that there is not.
    ImportOutcome import_inside(const ImportRequest& request, const std::string& time);
    /// With its scans. Error(not_found).
    void remove_inside(const std::string& name);

    assessment::Windows windows();
    /// Adds these windows, or replaces those of the same name.
    void put_windows_inside(const assessment::Windows& windows, const std::string& time);
    /// Error(not_found); Error(conflict) while a host names it.
    void remove_window_inside(const std::string& name);

  private:
    store::Database& database_;
};

/// The tables of hosts, windows and scans.
std::vector<store::Migration> migrations();

}  // namespace patchlab::inventory
