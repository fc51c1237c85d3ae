// SPDX-License-Identifier: Apache-2.0
//
// `run start`, and what is shown of a run.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/cli/context.hpp"

namespace patchlab::cli {

void add_run_start(CLI::App& noun, Context& context);
/// wait and compare
void add_run_comparing(CLI::App& noun, Context& context);

/// Whether a response is a run, and not only the news that it was started.
bool is_run_document(const Json& document);
Style style_of_verdict(const std::string& verdict);
/// The whole of a run on a screen: verdict, reasons, then where to read on.
void print_run(Context& context, const Json& document);

// Catalog entries and channels, as lists and in words; and the verbs that change the catalog.

/// `request`: of catalog.list.
void print_entries(Context& context, const Json& request);
void print_entry(Context& context, const std::string& id);
/// `request`: of catalog.channels.
void print_channels(Context& context, const Json& request);

/// add, promote, supersede, withdraw, publish, release, refresh
void add_catalog_changes(CLI::App& noun, Context& context);

// Rollouts for people: the table of a plan, and where a rollout stands.

/// `document`: schema patchlab/rollout-plan/v1.
void print_plan(Context& context, const Json& document);
/// The lines of a status (schema patchlab/rollout-status/v1).
std::vector<Line> status_lines(const Json& status, bool hosts);
void print_status(const Json& status, bool hosts);
/// Everything about a rollout (schema patchlab/rollout-report/v1).
void print_rollout_report(const Json& report);
/// Draws it again whenever something changed, until the rollout is over or paused. On anything but
/// a terminal: one status after the other. `request`: of rollout.watch.
void watch_rollout(Context& context, const Json& request, bool hosts);
/// Every event in a line; `follow`: until the rollout is over or paused.
void print_rollout_log(Context& context, const std::string& id, bool follow);
/// `request`: of rollout.list.
void print_rollouts(Context& context, const Json& request);

/// start, pause, resume, abort, back-out
void add_rollout_steering(CLI::App& noun, Context& context);

// Hosts as lists and in words, and the verbs of the noun that have files of their own.

/// Words that choose hosts, for several verbs.
struct HostWords {
    std::vector<std::string> names, groups;
    std::string criticality;
};
/// `positional`: hosts may be named without an option.
void add_host_words(CLI::App& verb, HostWords& words, bool positional);
/// A request that chooses these hosts.
Json request_of(const HostWords& words);

/// "quarantined as e-1 since 2026-11-30T01:24:00Z: lab and production disagree", of an item that
/// was taken back.
std::string taken_back_text(const JsonReader& item);

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
