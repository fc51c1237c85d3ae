// SPDX-License-Identifier: Apache-2.0
//
// What a node hands in of a finished run, from its first byte to its place. It arrives in
// runs/<id>.attempt-N.partial, where nobody looks for runs; it is checked there, countersigned
// there, and only then renamed into the run's folder. On disk, until then:
//   runs/<id>.attempt-N.partial/evidence/…   the sealed evidence, signed by the node
//   runs/<id>.attempt-N.partial/final.json   the state of the run as the node left it
//   runs/<id>.attempt-N.partial/lock         held while a node hands in
// A crash at any point leaves the run without a result, or with the whole one: the state that says
// "finished" is written last. Ownership: holds the lock of the partial folder. Thread safety: one a
// thread.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "orchestrator/nodes/link/handshake.hpp"
#include "orchestrator/pipeline/run/run_folder.hpp"

namespace patchlab::nodes {

/// What was accepted: digest of the evidence (empty: none, a lab was prepared), and the verdict.
struct AcceptedDelivery {
    std::string evidence;
    std::string verdict;
};

class Delivery {
  public:
    /// Opens the partial folder, which may hold what an interrupted link brought already.
    /// Error(conflict) while another link hands in the same attempt.
    Delivery(const pipeline::RunFolder& run, int attempt);

    bool is_of(const pipeline::RunFolder& run, int attempt) const;
    /// Files that are there, with the bytes of each: handing in goes on behind them.
    std::map<std::string, std::uint64_t> there() const;
    /// Appends to a file. Error(invalid) for a name that evidence may not have, for a place that is
    /// not the end of the file, and beyond the limits of evidence.
    void put(const std::string& path, std::uint64_t offset, std::string_view bytes);
    /// Begins a file anew, or forgets it.
    void drop(const std::string& path);

    /// Checks all of it, against the manifest, against the node's signature and against what the
    /// run was asked for, and countersigns. Error(refused) that says what is wrong; the folder is
    /// removed then.
    AcceptedDelivery check_and_sign(const KnownNode& node, const SecretKey& head);
    /// Gives it its place. The caller has asked expect_newest() under the lock of the attempts.
    void publish();

  private:
    void check_evidence(const KnownNode& node, const SecretKey& head, AcceptedDelivery& accepted);
    pipeline::RunState final_state() const;

    pipeline::RunFolder run_;
    fs::path folder_;
    FileLock lock_;
    std::uint64_t total_ = 0;
};

/// Removes what attempts before this one left half handed in.
void remove_older_partials(const pipeline::RunFolder& run, int attempt);

}  // namespace patchlab::nodes
