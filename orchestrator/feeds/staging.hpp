// SPDX-License-Identifier: Apache-2.0
//
// Statements of a file that is being read, in temporary tables of the same connection: they take no
// memory, lock nobody out however long the reading takes, and are gone with whatever interrupts it.
// Thread safety: one a Database.
#pragma once

#include "orchestrator/feeds/feed.hpp"
#include "platform/store/database.hpp"

namespace patchlab::feeds {

/// The tables with statements, as they are called in the store.
std::vector<std::string> statement_tables();

class Staging final : public FeedSink {
  public:
    explicit Staging(store::Database& database);
    ~Staging() override;
    Staging(const Staging&) = delete;
    Staging& operator=(const Staging&) = delete;

    void take(const Exploited& one) override;
    void take(const SsvcAnswers& one) override;
    void take(const EpssScore& one) override;
    void take(const DebianState& one) override;
    void take(const Fix& one) override;
    void take(const VexStatement& one) override;

    /// Ends the reading: what was staged can be queried as `staged_…`.
    void finish();
    /// Inside the caller's transaction: moves everything into the store, as statements of `file`.
    void publish_inside(std::int64_t file);

  private:
    void drop();

    store::Database& database_;
    bool open_ = false;
    std::vector<store::Statement> statements_;
};

}  // namespace patchlab::feeds
