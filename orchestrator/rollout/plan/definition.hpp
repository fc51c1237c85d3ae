// SPDX-License-Identifier: Apache-2.0
//
// What a rollout is: rings, windows, soak times, how many may fail, and what must work (YAML,
// schema patchlab/rollout/v1, docs/reference/rollout.md). Values; thread-safe as such.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/assessment/window.hpp"
#include "orchestrator/notify/target.hpp"
#include "platform/core/diagnostics.hpp"

namespace patchlab::rollout {

enum class Mode { push, pull };
std::string_view name(Mode mode);

/// How a ring takes its hosts, of those that no earlier ring took.
enum class Take { count, percent, group, rest };

struct RingDefinition {
    std::string name;
    Take take = Take::rest;
    std::uint64_t count = 0;  ///< Take::count
    double percent = 0;       ///< Take::percent: of all hosts of the rollout, rounded up
    std::string group;        ///< Take::group
    Seconds soak{0};          ///< watched for so long before the next ring starts
    std::string window;       ///< empty: any time
    std::size_t concurrency = 10;
    std::string channel;               ///< that hosts of this ring follow (pull)
    std::string before_less_critical;  ///< why a group may come before less critical hosts
};

/// The smaller of both counts; a part that is missing sets no limit.
struct FailureBudget {
    std::optional<std::uint64_t> hosts;
    std::optional<double> percent;
    /// How many of `all` hosts may fail. Neither part: none.
    std::uint64_t of(std::uint64_t all) const;
};

struct HostSelection {
    std::vector<std::string> groups;  ///< a host of any of them
    std::vector<std::string> names;   ///< or one of these; both empty: every host
    std::vector<std::string> except;
};

struct Definition {
    std::string name;
    std::string description;
    Mode mode = Mode::push;
    HostSelection hosts;
    std::vector<RingDefinition> rings;
    assessment::Windows windows;
    Seconds install{600};  ///< that one host may take
    Seconds back_out{600};
    FailureBudget budget;
    double proof = 50;  ///< percent of a ring's hosts that must be proven before the next ring
    std::vector<std::string> gate_suites;  ///< besides those of the lab
    bool lab_suites = true;
    bool patch_unhealthy = false;
    bool patch_without_way_back = false;
    bool halt_on_disagreement = true;  ///< at once, whatever the budget says
    /// A sign of trouble that rises while a ring is watched pauses the rollout; else it is told.
    bool pause_on_rise = true;
    /// A host that is silent at the end of the soak time counts as failed; else it only proves
    /// nothing.
    bool silent_counts = false;
    Seconds catch_up_for{7 * 86400};
    Seconds catch_up_every{3600};
    std::vector<notify::NotifyTarget> notify;
    std::string source;            ///< the text
    std::string digest;            ///< its sha256
    std::filesystem::path folder;  ///< where the file lies: suites beside it win over built-in ones

    /// What must be left of a window for a host to start.
    Seconds needed() const { return install + back_out; }
};

/// Every mistake goes to `diagnostics`, with file, line and path; the definition is usable only if
/// none was added.
Definition parse_definition(const std::string& yaml, const std::string& file_name,
                            Diagnostics& diagnostics);
/// One that a rollout was started with: what was permitted then is read still.
Definition parse_stored_definition(const std::string& yaml, const std::string& file_name,
                                   Diagnostics& diagnostics);
/// Reads a file. Error(not_found).
Definition load_definition(const std::filesystem::path& file, Diagnostics& diagnostics);

/// The published JSON Schema (2020-12).
std::string definition_schema();
/// The example that ships with patchlab.
std::string example_definition();

}  // namespace patchlab::rollout
