// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/lab/prepared_store.hpp"

#include <sys/stat.h>

#include <set>

#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::pipeline {

namespace {

std::uint64_t bytes_on_disk(const fs::path& folder) {
    std::uint64_t bytes = 0;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
        struct stat info {};
        if (::lstat(entry.path().c_str(), &info) == 0)
            bytes += static_cast<std::uint64_t>(info.st_blocks) * 512;
    }
    return bytes;
}

}  // namespace

std::vector<PreparedSnapshot> list_snapshots(const fs::path& state, store::Database& database) {
    std::set<std::string> current, busy;
    for (const store::Row& row : database.query("SELECT name, digest FROM labs"))
        current.insert(row.text("name") + " " + row.text("digest"));
    for (const store::Row& row : database.query(
             "SELECT lab FROM runs WHERE progress IN ('queued', 'running', 'interrupted')"))
        busy.insert(row.text("lab"));
    std::vector<PreparedSnapshot> snapshots;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(state / "prepared", error)) {
        if (!fs::exists(entry.path() / "prepared.json")) continue;
        const Json json = read_json(entry.path() / "prepared.json");
        const JsonReader in(json, entry.path().string());
        PreparedSnapshot snapshot{entry.path().filename().string(), in.string("lab"),
                                  in.string("checkpoint"), bytes_on_disk(entry.path())};
        snapshot.current = current.count(snapshot.lab + " " + in.string("lab_digest")) > 0;
        snapshot.in_use = busy.count(snapshot.lab) > 0;
        snapshots.push_back(std::move(snapshot));
    }
    return snapshots;
}

std::vector<PreparedSnapshot> prune_snapshots(const fs::path& state, store::Database& database) {
    std::vector<PreparedSnapshot> pruned;
    for (const PreparedSnapshot& snapshot : list_snapshots(state, database)) {
        if (snapshot.current || snapshot.in_use) continue;
        const fs::path folder = state / "prepared" / snapshot.digest;
        const auto lock = FileLock::try_acquire(fs::path(folder) += ".lock");
        if (!lock) continue;
        fs::remove(folder / "prepared.json");  // first: a half-removed folder is not a prepared lab
        remove_tree(folder);
        pruned.push_back(snapshot);
    }
    return pruned;
}

}  // namespace patchlab::pipeline
