// SPDX-License-Identifier: Apache-2.0
//
// A state folder with the tables of runs and governance, and a clock that the test sets.
#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "orchestrator/governance/governance.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::governance {

class SetClock final : public Clock {
  public:
    TimePoint now() const override { return time; }
    TimePoint time = from_rfc3339("2026-11-23T12:00:00Z");
    void pass(double days) {
        time += std::chrono::duration_cast<TimePoint::duration>(Seconds(days * 86400));
    }
};

inline std::vector<store::Migration> all_migrations() {
    std::vector<store::Migration> all = pipeline::migrations();
    for (const store::Migration& migration : migrations()) all.push_back(migration);
    return all;
}

/// The code of the Error that `work` throws; fails the test when it throws none.
inline ErrorCode code_of(const std::function<void()>& work, std::string* words = nullptr) {
    try {
        work();
    } catch (const Error& error) {
        if (words) *words = error.what();
        return error.code();
    }
    ADD_FAILURE() << "no error";
    return ErrorCode::internal;
}

class House : public testing::Test {
  protected:
    void add_user(const std::string& name, const std::vector<Role>& roles) {
        house.audit.append({{"root", "root"}, "user-added", name, {}}, [&] {
            house.users.add(name, roles, "root", house.now());
            house.users.make_key(name, house.now());
        });
    }
    /// As somebody with a hand in the database does first.
    void drop_triggers() {
        for (const store::Row& row :
             database.query("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
            database.execute_script("DROP TRIGGER " + row.text("name"));
    }

    TempFolder folder{fs::temp_directory_path(), "governance"};
    SetClock clock;
    store::Database database{folder.path() / "patchlab.db", all_migrations()};
    Governance house{folder.path(), database, clock};
};

}  // namespace patchlab::governance
