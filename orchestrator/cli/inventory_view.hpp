// SPDX-License-Identifier: Apache-2.0
//
// Hosts as lists and in words, and the verbs of the noun that have files of their own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/inventory/host_store.hpp"
#include "orchestrator/inventory/need.hpp"
#include "orchestrator/inventory/scan_store.hpp"

namespace patchlab::cli {

/// Words that choose hosts, for several verbs.
struct HostWords {
    std::vector<std::string> names, groups;
    std::string criticality;
};
/// `positional`: hosts may be named without an option.
void add_host_words(CLI::App& verb, HostWords& words, bool positional);
/// Error(invalid) for an unknown criticality.
inventory::HostFilter filter_of(const HostWords& words);

/// Everything that is offered: entries that are offered, and candidate patches that no such entry
/// holds.
std::vector<inventory::Offer> current_offers(Context& context);

/// Schema patchlab/hosts/v1.
void print_hosts(Context& context, const HostWords& words);
/// Schema patchlab/host/v1. `packages`: with all of them in words too.
void print_host(Context& context, const std::string& name, bool packages);

/// Runs `change` and records it, both or neither. The actor must be a release manager, a system
/// owner or an administrator.
void change_inventory(Context& context, const std::string& action, const std::string& to_do,
                      const std::function<governance::AuditEvent()>& change);

// Verbs.
void add_inventory_import(CLI::App& noun, Context& context);
void add_inventory_window(CLI::App& noun, Context& context);
void add_inventory_scan(CLI::App& noun, Context& context);
void add_inventory_needed(CLI::App& noun, Context& context);
void add_inventory_fidelity(CLI::App& noun, Context& context);

}  // namespace patchlab::cli
