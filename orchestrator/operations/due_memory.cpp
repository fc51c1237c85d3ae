// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/due_memory.hpp"

#include <malloc.h>

#include <string>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/core/log.hpp"

namespace patchlab::operations {

namespace {

constexpr Seconds good_for{60};
constexpr std::uint64_t most_bytes = 16U << 20;
/// Times have whole seconds: what changed just now may change once more under the same stamp.
constexpr Seconds unsettled{3};

/// How much there is of what the answer rests on, and when it changed last.
constexpr const char* stamp_query = R"(
    SELECT patches.n || ' ' || policies.n || ' ' || feeds.n || ' ' || feeds.last || ' ' ||
               hosts.n || ' ' || hosts.gone || ' ' || scans.n || ' ' || scans.done AS amounts,
           max(patches.at, policies.at, feeds.at, hosts.at, scans.at) AS changed,
           patches.at || policies.at || feeds.at || hosts.at || scans.at AS times
    FROM (SELECT count(*) AS n, ifnull(max(added), '') AS at FROM patches) AS patches,
         (SELECT count(*) AS n, ifnull(max(added), '') AS at FROM governance_policies) AS policies,
         (SELECT count(*) AS n, ifnull(max(id), 0) AS last, ifnull(max(added), '') AS at
          FROM feed_files) AS feeds,
         (SELECT count(*) AS n, count(gone) AS gone, ifnull(max(imported), '') AS at
          FROM inventory_hosts) AS hosts,
         (SELECT count(*) AS n, count(scanned) AS done, ifnull(max(tried), '') AS at
          FROM inventory_scans) AS scans)";

struct Stamp {
    std::string text;
    std::string changed;  ///< RFC 3339; empty: nothing is there
};

Stamp stamp_of(Session& session) {
    const auto row = session.database().query_one(stamp_query);
    return {session.state().string() + " " + row->text("amounts") + " " + row->text("times"),
            row->text("changed")};
}

/// Counting 100,000 hosts takes 10 ms: not when nothing at all was written since the last time.
Stamp stamp_at_last(Session& session) {
    static thread_local std::string counted_at;
    static thread_local Stamp counted;
    const std::string at = session.database().version();
    if (at != counted_at) {
        counted = stamp_of(session);
        counted_at = at;
    }
    return counted;
}

struct Remembered {
    std::string stamp;
    TimePoint found{};
    DuePatches patches;

    bool holds(const Stamp& now_stamp, TimePoint now) const {
        return stamp == now_stamp.text && now >= found && now - found < good_for;
    }
};

bool is_settled(const Stamp& stamp, TimePoint now) {
    return stamp.changed.empty() || now - from_rfc3339(stamp.changed) > unsettled;
}

std::string text_of(const Remembered& remembered) {
    Json patches = nullptr;
    if (remembered.patches) {
        patches = Json::array();
        for (const DuePatch& patch : *remembered.patches)
            patches.push_back({patch.id, patch.limit, patch.due, patch.overdue, patch.hosts});
    }
    return to_line({{"stamp", remembered.stamp},
                    {"found_at", to_rfc3339(remembered.found)},
                    {"patches", std::move(patches)}});
}

Remembered remembered_from(const std::string& text) {
    const Json json = parse_json(text, "what is due, as remembered");
    Remembered remembered{json.at("stamp").get<std::string>(),
                          from_rfc3339(json.at("found_at").get<std::string>()), std::nullopt};
    if (json.at("patches").is_null()) return remembered;
    remembered.patches.emplace();
    for (const Json& patch : json.at("patches"))
        remembered.patches->push_back(
            {patch.at(0), patch.at(1), patch.at(2), patch.at(3), patch.at(4)});
    return remembered;
}

/// What another process found; nullopt also when nobody can make sense of the file.
std::optional<Remembered> told(const fs::path& file) {
    try {
        const auto text = read_file_if_any(file, most_bytes);
        return text ? std::optional(remembered_from(*text)) : std::nullopt;
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

/// For the processes beside this one. Whoever only reads the state cannot, and need not.
void tell(const fs::path& file, const Remembered& remembered) {
    try {
        write_file_atomic(file, text_of(remembered), 0600);
    } catch (const Error& error) {
        log_debug(error.what());
    }
}

/// One at a time: all who ask at once would each take the seconds, and the memory.
std::optional<FileLock> turn(const fs::path& folder) {
    try {
        make_folder_if_missing(folder, 0700);
        return FileLock::acquire(folder / "due.lock");
    } catch (const Error&) {
        return std::nullopt;
    }
}

}  // namespace

DuePatches remembered_or(Session& session, const std::function<DuePatches()>& find) {
    static thread_local std::optional<Remembered> last;
    const Stamp stamp = stamp_at_last(session);
    const TimePoint now = session.clock().now();
    if (last && last->holds(stamp, now)) return last->patches;
    const fs::path folder = session.state() / "derived", file = folder / "due.json";
    last = told(file);
    if (last && last->holds(stamp, now)) return last->patches;
    const auto mine = turn(folder);
    if (last = told(file); last && last->holds(stamp, now)) return last->patches;
    last.reset();
    DuePatches patches = find();
    ::malloc_trim(0);  // 100,000 hosts were looked at; a process that waits for calls keeps little
    if (is_settled(stamp, now)) {
        last = Remembered{stamp.text, now, patches};
        tell(file, *last);
    }
    return patches;
}

}  // namespace patchlab::operations
