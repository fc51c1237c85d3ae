// SPDX-License-Identifier: Apache-2.0
//
// A state folder with catalog entries that really were earned: packages made by dpkg-deb or
// rpmbuild, evidence sealed and signed by the installation, approved by another person than the
// tester. Everything the catalog verifies is true until a test breaks it. Users: root (admin), tess
// (tester; asks for every run), rhea and ross (release managers), sam (system owner), vera
// (viewer).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/catalog/entry_maker.hpp"
#include "orchestrator/governance/ruling_store.hpp"
#include "platform/core/clock.hpp"
#include "platform/core/files.hpp"
#include "platform/process/command.hpp"
#include "platform/store/database.hpp"

namespace patchlab::tests {

/// A clock that tells what it was set to.
class SetClock final : public Clock {
  public:
    TimePoint now() const override { return now_; }
    void set(const std::string& text) { now_ = from_rfc3339(text); }
    void advance(Seconds by) { now_ += std::chrono::duration_cast<TimePoint::duration>(by); }

  private:
    TimePoint now_ =
        from_rfc3339(to_rfc3339(SystemClock().now()));  // sealing takes the time of the day
};

/// What an approved run replaced.
struct TestedPackage {
    std::string name;
    std::vector<std::string> from;  ///< versions in the lab; none: a new package
    std::string to;
    std::string architecture = "amd64";
    std::string format = "deb";
    bool keep_old = true;  ///< the exact old versions are kept for the way back
};

class ApprovedCatalog {
  public:
    ApprovedCatalog();

    /// Builds the packages and the evidence of a run, which rhea approves, and makes and stores the
    /// entry. Gives its id.
    std::string make(const std::vector<TestedPackage>& packages);
    /// What make() hands to make_entry(), to be changed by a test.
    catalog::EntrySources sources(const std::vector<TestedPackage>& packages);
    /// A run with stored patches and evidence, that nobody has approved yet. Gives its id.
    std::string rehearse(const std::vector<TestedPackage>& packages);
    /// What a person says to a run.
    governance::Ruling say(const std::string& who, governance::RulingKind kind,
                           const std::string& run);
    /// sam waives a requirement of a run, for two days.
    void waive(const std::string& run, const std::string& requirement);
    /// Puts an entry into a channel, as the catalog does, without asking for a role.
    void promote(const std::string& entry, const std::string& channel = "ring-0");
    /// Publishes a minute later.
    catalog::Published publish(const std::string& channel = "ring-0",
                               const catalog::PublishOptions& options = {});
    /// Makes the folder of an entry below the state; stores nothing.
    catalog::Entry make_folder_of(const catalog::EntrySources& sources, const fs::path& out);
    catalog::Publisher publisher();
    static governance::Actor actor(const std::string& user) { return {user, "root"}; }

    fs::path build(const std::string& name, const std::string& version,
                   const std::string& architecture, const std::string& format);

    const fs::path& state() const { return state_; }
    catalog::EntryStore& entries() { return entries_; }
    store::Database& database() { return database_; }
    governance::Governance& house() { return house_; }
    process::CommandRunner& runner() { return runner_; }
    catalog::Trust trust() const { return catalog::trust_of(state_); }

    SetClock clock;

  private:
    fs::path build_rpm(const std::string& name, const std::string& version,
                       const std::string& architecture);
    intake::Patch patch_of(const std::string& run, const std::vector<TestedPackage>& packages);
    std::string leave_evidence(const std::string& run, const intake::Patch& patch);

    TempFolder folder_;
    fs::path state_;
    process::SystemCommandRunner runner_;
    store::Database database_;
    governance::Governance house_;
    catalog::EntryStore entries_;
    int runs_ = 0;
};

/// The tables of everything that a catalog stands on, and those of the rollouts that stand on it.
std::vector<store::Migration> all_migrations();

/// Writes to a file whatever its mode and however many names it has: the other names keep the old
/// bytes.
void tamper(const fs::path& file, const std::function<void(std::string&)>& change);
/// Turns one bit of the last byte; of a file without bytes it makes one of one.
void flip_a_bit(std::string& bytes);

}  // namespace patchlab::tests
