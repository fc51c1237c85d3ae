// SPDX-License-Identifier: Apache-2.0
//
// Whom a rollout asks before it acts, and whom it tells: the port to catalog and governance.
// CatalogAuthority is the real one; SimulatedAuthority stands before it for hosts of a script: what
// they do must change nothing that real hosts follow. Thread safety: one a thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/governance/governance.hpp"
#include "platform/core/json_fwd.hpp"

namespace patchlab::rollout {

class Authority {
  public:
    virtual ~Authority() = default;
    /// The whole chain of the entry (evidence, approval, entry, every byte), and that it is
    /// offered. Empty: it may be deployed now.
    virtual std::vector<catalog::Refusal> verify(const std::string& entry) = 0;
    /// Why it may not be deployed any more, without reading its packages: it was taken back, or
    /// something that was decided later speaks against it. Empty: it may.
    virtual std::string not_offered(const std::string& entry) = 0;
    /// Takes the entry out of every channel, because lab and production disagree. May be said
    /// again. Gives what was done, for people.
    virtual std::string quarantine(const governance::Actor& actor, const std::string& entry,
                                   const std::string& reason) = 0;
    /// As quarantine(), where nothing speaks against the entry: it may be released again.
    virtual std::string recall(const governance::Actor& actor, const std::string& entry,
                               const std::string& reason) = 0;
    /// Promotes and publishes; does nothing more where that is done already.
    virtual void offer(const governance::Actor& actor, const std::string& entry,
                       const std::string& channel) = 0;
    /// Does `change` and writes it into the audit trail, both or neither.
    virtual void record(const governance::Actor& actor, const std::string& action,
                        const std::string& subject, const Json& detail,
                        const std::function<void()>& change) = 0;
};

class CatalogAuthority final : public Authority {
  public:
    CatalogAuthority(catalog::Catalog& catalog, governance::Governance& house)
        : catalog_(catalog), house_(house) {}
    std::vector<catalog::Refusal> verify(const std::string& entry) override;
    std::string not_offered(const std::string& entry) override;
    std::string quarantine(const governance::Actor& actor, const std::string& entry,
                           const std::string& reason) override;
    std::string recall(const governance::Actor& actor, const std::string& entry,
                       const std::string& reason) override;
    void offer(const governance::Actor& actor, const std::string& entry,
               const std::string& channel) override;
    void record(const governance::Actor& actor, const std::string& action,
                const std::string& subject, const Json& detail,
                const std::function<void()>& change) override;

  private:
    catalog::Catalog& catalog_;
    governance::Governance& house_;
};

/// Asks and records as the real one; the catalog stays as it is.
class SimulatedAuthority final : public Authority {
  public:
    explicit SimulatedAuthority(Authority& real) : real_(real) {}
    std::vector<catalog::Refusal> verify(const std::string& entry) override {
        return real_.verify(entry);
    }
    std::string not_offered(const std::string& entry) override { return real_.not_offered(entry); }
    std::string quarantine(const governance::Actor&, const std::string&,
                           const std::string&) override {
        return "the entry would be put into quarantine; this is a simulation, and it stays as it "
               "is";
    }
    std::string recall(const governance::Actor&, const std::string&, const std::string&) override {
        return "the entry would be recalled; this is a simulation, and it stays as it is";
    }
    void offer(const governance::Actor&, const std::string&, const std::string&) override {}
    void record(const governance::Actor& actor, const std::string& action,
                const std::string& subject, const Json& detail,
                const std::function<void()>& change) override;

  private:
    Authority& real_;
};

}  // namespace patchlab::rollout
