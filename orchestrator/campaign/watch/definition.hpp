// SPDX-License-Identifier: Apache-2.0
//
// A watch: the definition (schema patchlab/watch/v1) that says which vendors are looked at for
// which labs, when runs may start, and what follows from a verdict. Pure functions but for the time
// zones of the host; thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/assessment/window.hpp"
#include "platform/core/clock.hpp"
#include "platform/core/diagnostics.hpp"
#include "reports/run_document.hpp"

namespace patchlab::campaign {

enum class How { campaign, together, each };
std::string_view name(How how);

/// What follows from a verdict.
struct Reaction {
    std::string promote;            ///< a channel; empty: nothing is promoted
    std::vector<std::string> tell;  ///< targets by name
};

struct WatchDefinition {
    std::string name;
    std::string description;
    std::vector<std::string> labs;
    std::vector<std::string> suites;   ///< empty: all
    std::vector<std::string> sources;  ///< empty: all
    How how = How::campaign;
    Seconds every{3600};
    std::vector<assessment::Window> quiet;
    std::size_t most_runs = 0;  ///< 0: no limit
    Seconds per{0};
    std::vector<std::string> run_suites;
    bool dependents = false;  ///< the suites of what depends on a patch are run, too
    bool drill = true;
    bool reboot_check = true;
    bool smallest = false;
    std::vector<std::string> tell;
    std::map<reports::Verdict, Reaction> on;
    std::string source;  ///< the text
};

/// Every mistake goes to `diagnostics`, with file, line and path; the definition is usable only if
/// none was added.
WatchDefinition parse_watch(const std::string& yaml, const std::string& file,
                            Diagnostics& diagnostics);

/// The published JSON Schema (2020-12).
std::string watch_schema();

/// Until when no run may start; nullopt: one may start now.
std::optional<TimePoint> quiet_until(const WatchDefinition& watch, TimePoint now);

/// Whom to tell of this verdict: the watch's own targets and those of the verdict, each once.
std::vector<std::string> told_of(const WatchDefinition& watch,
                                 std::optional<reports::Verdict> verdict);

}  // namespace patchlab::campaign
