// SPDX-License-Identifier: Apache-2.0
//
// Options that several verbs have, each with one meaning everywhere.
#pragma once

#include <memory>
#include <string>

#include "orchestrator/cli/context.hpp"

namespace patchlab::cli {

/// An option whose value is a duration: 90s, 15m, 2h, 7d, or a number of seconds.
CLI::Option* add_duration(CLI::App& command, const std::string& name, double& seconds,
                          const std::string& help);

/// --queue; empty when it is not given.
void add_queue(CLI::App& command, std::string& queue);

/// --yes and --dry-run of a command that cannot be undone.
struct Caution {
    bool yes = false;
    bool dry_run = false;
};
std::shared_ptr<Caution> add_caution(CLI::App& command);

/// Says what would be done, and asks. True when it is to be done: with --yes, after a "y" on a
/// terminal, or where nobody can be asked. False after --dry-run. Error(refused) after a no.
bool go_ahead(Context& context, const Caution& caution, const std::string& what);

}  // namespace patchlab::cli
