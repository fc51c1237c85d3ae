// SPDX-License-Identifier: Apache-2.0
//
// Hosts as lists and in words, and the verbs of the noun that have files of their own.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/cli/context.hpp"

namespace patchlab::cli {

/// Words that choose hosts, for several verbs.
struct HostWords {
    std::vector<std::string> names, groups;
    std::string criticality;
};
/// `positional`: hosts may be named without an option.
void add_host_words(CLI::App& verb, HostWords& words, bool positional);
/// A request that chooses these hosts.
Json request_of(const HostWords& words);

/// `request`: of inventory.list.
void print_hosts(Context& context, const Json& request);
/// `packages`: with all of them in words, too.
void print_host(Context& context, const std::string& name, bool packages);

// Verbs.
/// import and scan
void add_inventory_sources(CLI::App& noun, Context& context);
void add_inventory_needed(CLI::App& noun, Context& context);
void add_inventory_fidelity(CLI::App& noun, Context& context);

}  // namespace patchlab::cli
