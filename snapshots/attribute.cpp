// SPDX-License-Identifier: Apache-2.0
#include "snapshots/attribute_parts.hpp"
#include "snapshots/paths.hpp"

namespace patchlab::snapshots {
namespace {

FactContext context_of(const std::vector<Change>& changes, const PackageIndex& packages) {
    FactContext context;
    context.processes = process_context(changes);
    for (const Change& change : changes) {
        const FileState* file = change.file_after();
        if (change.kind == ChangeKind::added && file != nullptr &&
            file->type == FileType::directory && folder_of(change.subject) == "/etc")
            context.new_folders.insert(change.subject);
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
               const AttributionRules& rules) {
    const PackageIndex index(packages, rules);
    const FactContext context = context_of(changes, index);
    for (Change& change : changes) {
        if (change.attribution.is_noise() || change.kind == ChangeKind::unreadable) continue;
        change.attribution = Attribution();
        change.why = why_unexplained(change, index);
        if (auto explanation = explain(change, index, context)) {
            change.attribution = Attribution::by(explanation->package->name);
            change.why = std::move(explanation->why);
        }
        change.sensitive = is_sensitive(change, index, context);
    }
    merge_files_into_facts(changes, rules);
}

}  // namespace patchlab::snapshots
