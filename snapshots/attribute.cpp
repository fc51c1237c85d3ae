// SPDX-License-Identifier: Apache-2.0
#include "snapshots/attribute_parts.hpp"
#include "snapshots/file_text.hpp"

namespace patchlab::snapshots {
namespace {

FactContext context_of(const std::vector<Change>& changes, const PackageIndex& packages) {
    FactContext context;
    context.processes = process_context(changes);
    for (const Change& change : changes) {
        if (change.kind == ChangeKind::added && change.after->starts_with("directory ") &&
            folder_of(change.subject) == "/etc")
            context.new_folders.insert(change.subject);
        if (change.cls != ChangeClass::kernel || change.subject != "release" || !change.after)
            continue;
        if (packages.owner("/boot/vmlinuz-" + *change.after).now != nullptr)
            context.new_kernel = *change.after;
    }
    return context;
}

std::optional<Explanation> explain(const Change& change, const PackageIndex& packages,
                                   const FactContext& context) {
    return is_file_change(change) ? explain_file(change, packages)
                                  : explain_fact(change, packages, context);
}

}  // namespace

bool is_file_change(const Change& change) {
    if (!change.subject.starts_with('/')) return false;
    const auto& text = change.after ? change.after : change.before;
    return change.kind == ChangeKind::unreadable ||
           (text && text->find(" owner=") != std::string::npos);
}

void attribute(std::vector<Change>& changes, const std::vector<PatchedPackage>& packages) {
    const PackageIndex index(packages);
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
    fold_files_into_facts(changes);
}

}  // namespace patchlab::snapshots
