// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "snapshots/attribute_parts.hpp"
#include "snapshots/paths.hpp"

namespace patchlab::snapshots {
namespace {

/// A diversion of a name that nobody used: nothing was put aside.
void note_diversion(const Change& change, const std::vector<Change>& changes,
                    FactContext& context) {
    const auto* fact = std::get_if<FileFact>(&change.about);
    if (fact == nullptr || change.cls != ChangeClass::alternative || fact->line != "diversion")
        return;
    if (std::any_of(changes.begin(), changes.end(), [&](const Change& other) {
            return other.is_of_file() && other.kind == ChangeKind::added &&
                   merged_usr(other.subject) == merged_usr(fact->path);
        }))
        context.new_diverted.insert(fact->path);
}

FactContext context_of(const std::vector<Change>& changes, const PackageIndex& packages,
                       const Capture* before) {
    FactContext context;
    context.belongings = Belongings(packages, before);
    context.drop_ins = drop_ins_of(changes, packages);
    context.new_or_gone_units = new_or_gone_units(changes);
    context.changed_programs = changed_programs(changes, packages, context, before);
    context.processes = process_context(changes);
    for (const Change& change : changes) {
        const FileState* file = change.file_after();
        if (change.kind == ChangeKind::added && file != nullptr &&
            file->type == FileType::directory && folder_of(change.subject) == "/etc")
            context.new_folders.insert(change.subject);
        note_diversion(change, changes, context);
        const auto* release = state_as<PlainState>(change.after);
        if (change.cls != ChangeClass::kernel || change.subject != "release" || release == nullptr)
            continue;
        if (packages.owner("/boot/vmlinuz-" + release->text).now != nullptr)
            context.new_kernel = release->text;
    }
    return context;
}

std::optional<Explanation> explain(const Change& change, const PackageIndex& packages,
                                   const FactContext& context) {
    return change.is_of_file() ? explain_file(change, packages)
                               : explain_fact(change, packages, context);
}

}  // namespace

void attribute(std::vector<Change>& changes, const std::vector<PatchedPackage>& packages,
               const AttributionRules& rules, const Registries& registries, const Capture* before) {
    const PackageIndex index(packages, rules, registries);
    const FactContext context = context_of(changes, index, before);
    for (Change& change : changes) {
        if (change.attribution.is_noise() || change.kind == ChangeKind::unreadable) continue;
        change.attribution = Attribution();
        if (std::string hook = written_by_hook(change, index); !hook.empty()) {
            change.attribution = Attribution::noise();
            change.why = std::move(hook);
            change.sensitive = false;
            continue;
        }
        change.why = why_unexplained(change, index);
        change.lasting = true;
        if (auto explanation = explain(change, index, context)) {
            change.attribution = Attribution::by(explanation->package->name);
            change.why = std::move(explanation->why);
            change.lasting = explanation->lasting || !change.is_of_file();
        }
        change.concern = change.is_of_file() ? concern_of(change, index, context)
                                             : concern_of_fact(change, context);
        change.sensitive = !change.concern.empty() || is_sensitive(change, index, context);
    }
    merge_files_into_facts(changes, rules);
}

}  // namespace patchlab::snapshots
