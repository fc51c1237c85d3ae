// SPDX-License-Identifier: Apache-2.0
//
// The parts of attribute(): who explains a change of a file, who explains a changed fact, what is
// lost data or a gain of rights, and which changes are sensitive whoever explains them. Pure;
// thread-safe.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "snapshots/belongings.hpp"
#include "snapshots/compare.hpp"
#include "snapshots/package_index.hpp"

namespace patchlab::snapshots {

struct Explanation {
    const PatchedPackage* package = nullptr;
    std::string why;
    bool lasting = true;  ///< see Change::lasting
};

/// nullopt: nothing in the patch explains it.
std::optional<Explanation> explain_file(const Change& change, const PackageIndex& packages);
/// A registry of the package system says whose the file is, and what stands there fits.
std::optional<Explanation> explain_by_registry(const Change& change, const PackageIndex& packages);
/// The same of a fact about an alternative or an override of a mode.
std::optional<Explanation> explain_registered(const Change& change, const FileFact& fact,
                                              const PackageIndex& packages);
/// What somebody marked of a package, which no installation alters by itself ("it was put on
/// hold"); empty: nothing. An installation by name says that the package is wanted for itself.
std::string marked_otherwise(const Change& change);
/// Why the file is the doing of a hook that the owner of the machine had installed before the patch
/// (etckeeper commits around each installation); empty: it is not.
std::string written_by_hook(const Change& change, const PackageIndex& packages);
/// Written data, and nothing more: no program appears, and no mode, owner, attribute or type is
/// altered on the way.
bool only_data(const Change& change);
/// What is to be said of a change that nothing explains.
std::string why_unexplained(const Change& change, const PackageIndex& packages);

/// What the facts about processes say of one another.
struct ProcessContext {
    std::set<ProcessName> ended;    ///< do not run any more
    std::set<ProcessName> started;  ///< did not run before
};
ProcessContext process_context(const std::vector<Change>& changes);

/// Of a change of class `process`: root runs now what a user of its own ran, the process has
/// capabilities that it had not, or what confined it is gone.
bool gained_rights(const Change& change, const ProcessContext& context);

/// Content that is gone although its file is still there: a regular file that held something and
/// is empty now. Written data is explained by whoever writes it, or is noise; lost data is not.
bool is_emptied(const Change& change);
/// A log that no longer begins with all that it held: somebody has wiped it, whatever was written
/// since. What is no plain log (the journal, compressed files, what is written anew each time) only
/// when it is empty.
bool is_wiped_log(const Change& change);

/// The live facts of the same observation, for explanations that depend on one another (a kernel
/// that really changed explains its sysctls).
struct FactContext {
    std::string new_kernel;  ///< the release that runs now, when a package of the patch ships it;
                             ///< else empty
    std::set<std::string> new_folders{};   ///< those directly below /etc that were not there before
    std::set<std::string> new_diverted{};  ///< diverted paths at which nothing stood before
    ProcessContext processes{};
    Belongings belongings{};  ///< what is the patch's own
    /// "nginx.service", "service" → the package of the patch that amends units of that name by a
    /// new or changed drop-in.
    std::map<std::string, const PatchedPackage*, std::less<>> drop_ins{};
    std::set<std::string> new_or_gone_units{};
    /// Programs (by their file names) of units of which the patch changed how they run.
    std::map<std::string, Explanation, std::less<>> changed_programs{};
};

// The parts of it that tell of units.
std::map<std::string, const PatchedPackage*, std::less<>> drop_ins_of(
    const std::vector<Change>& changes, const PackageIndex& packages);
std::set<std::string> new_or_gone_units(const std::vector<Change>& changes);
/// `context` with the drop-ins.
std::map<std::string, Explanation, std::less<>> changed_programs(const std::vector<Change>& changes,
                                                                 const PackageIndex& packages,
                                                                 const FactContext& context,
                                                                 const Capture* before);
/// Of how a unit runs: who ships it, or amends it.
std::optional<Explanation> explain_settings(const std::string& unit, const PackageIndex& packages,
                                            const FactContext& context);
std::optional<Explanation> explain_fact(const Change& change, const PackageIndex& packages,
                                        const FactContext& context);

/// Whether the change matters whoever explains it. To be asked after attribution.
bool is_sensitive(const Change& change, const PackageIndex& packages, const FactContext& context);

/// Whether a file reaches beyond the package that brought it: anybody may write it or replace it,
/// nobody may replace it, or it is a way to the hardware. False for facts.
bool reaches_beyond(const Change& change);

/// What a new or changed file does to others than its package as an entry of a search path ("read
/// by sshd (ssh server)", "removes /etc/nginx/x at each start (r! …)"); empty: nothing. To be asked
/// after attribution.
std::string concern_of(const Change& change, const PackageIndex& packages,
                       const FactContext& context);
/// Why a fact matters that its class alone does not tell: a unit may do more than before. Empty: it
/// does not, or another rule tells.
std::string concern_of_fact(const Change& change, const FactContext& context);

/// systemd's check of the root file system is left to the first RAM disk now, or no longer: the RAM
/// disk says in /run/initramfs whether it checked, a condition of systemd-fsck-root.service. False
/// when the unit failed or is enabled or masked other than before.
bool is_root_check_moved(const Change& change);

/// Where a file change and a fact say the same, keeps the fact and names the file in its why.
void merge_files_into_facts(std::vector<Change>& changes, const AttributionRules& rules);

}  // namespace patchlab::snapshots
