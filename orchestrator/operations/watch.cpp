// SPDX-License-Identifier: Apache-2.0
//
// Watches: added, listed, removed; the look itself is in watch_look.cpp.
#include <algorithm>

#include "orchestrator/notify/notifier.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/operations/watch_look.hpp"
#include "orchestrator/pipeline/run/lab_store.hpp"
#include "platform/core/error.hpp"

namespace patchlab::operations {

namespace {

using campaign::WatchDefinition;
using campaign::WatchRow;
using campaign::WatchStore;

WatchDefinition watch_in(const JsonReader& request, Diagnostics& diagnostics) {
    const auto [file, text] = text_file(request, "definition");
    return campaign::parse_watch(text, file, diagnostics);
}

Outcome check_watch(Call&, const JsonReader& request) {
    Diagnostics diagnostics;
    const WatchDefinition watch = watch_in(request, diagnostics);
    return checked("patchlab/watch-check/v1", text_file(request, "definition").file, watch.name,
                   diagnostics);
}

/// Labs and targets that are not there are mistakes as well.
void require_what_it_names(Call& call, const WatchDefinition& watch) {
    pipeline::LabStore labs(call.session.database());
    for (const std::string& lab : watch.labs) labs.get(lab);
    std::vector<std::string> names = watch.tell;
    for (const auto& [verdict, reaction] : watch.on)
        names.insert(names.end(), reaction.tell.begin(), reaction.tell.end());
    notify::require_known_targets(call.session.state(), targets_named(names));
}

Outcome add_watch(Call& call, const JsonReader& request) {
    const auto [file, text] = text_file(request, "definition");
    Diagnostics diagnostics;
    const WatchDefinition watch = watch_in(request, diagnostics);
    diagnostics.throw_if_any("reading " + file);
    during("watch '" + watch.name + "'", [&] { require_what_it_names(call, watch); });
    WatchStore(call.session.database())
        .put({watch.name, text, file, to_rfc3339(call.session.clock().now()), call.actor.user});
    return {{{"schema", "patchlab/watch-added/v1"}, {"watch", watch.name}, {"labs", watch.labs}},
            0,
            Audit{watch.name, {{"labs", watch.labs}}}};
}

Json counts_json(const std::vector<campaign::CandidateRow>& candidates) {
    Json counts{{"waiting", 0}, {"started", 0}, {"judged", 0}, {"gone", 0}};
    for (const campaign::CandidateRow& one : candidates)
        counts[one.state] = counts[one.state].get<int>() + 1;
    return counts;
}

Json candidates_json(const std::vector<campaign::CandidateRow>& candidates) {
    Json items = Json::array();
    for (const campaign::CandidateRow& one : candidates)
        items.push_back({{"lab", one.lab},
                         {"patch", one.patch},
                         {"found_at", one.found},
                         {"state", one.state},
                         {"campaign", or_null(one.campaign)},
                         {"verdict", or_null(one.verdict)}});
    return items;
}

Json watch_json(Call& call, const WatchRow& row) {
    Diagnostics diagnostics;
    const WatchDefinition watch = campaign::parse_watch(row.source, row.file, diagnostics);
    const auto quiet = campaign::quiet_until(watch, call.session.clock().now());
    return {{"name", row.name},
            {"labs", watch.labs},
            {"suites", watch.suites},
            {"how", campaign::name(watch.how)},
            {"every_seconds", watch.every.count()},
            {"quiet_until", quiet ? Json(to_rfc3339(*quiet)) : Json(nullptr)},
            {"candidates", counts_json(WatchStore(call.session.database()).candidates(row.name))},
            {"requester", row.requester},
            {"created_at", row.added}};
}

Outcome list_watches(Call& call, const JsonReader&) {
    Json items = Json::array();
    for (const WatchRow& row : WatchStore(call.session.database()).list())
        items.push_back(watch_json(call, row));
    return {{{"schema", "patchlab/watches/v1"}, {"watches", items}}};
}

Outcome show_watch(Call& call, const JsonReader& request) {
    WatchStore store(call.session.database());
    const WatchRow row = store.get(request.string("watch"));
    Json document = watch_json(call, row);
    document["schema"] = "patchlab/watch-status/v1";
    document["found"] = candidates_json(store.candidates(row.name));
    document["text"] = row.source;
    return {document};
}

Outcome remove_watch(Call& call, const JsonReader& request) {
    const std::string name = request.string("watch");
    WatchStore(call.session.database()).remove(name);
    return {{{"schema", "patchlab/removed/v1"}, {"watch", name}}};
}

}  // namespace

std::vector<Operation> watch_operations() {
    return {
        {"watch.check", "Check a watch: every mistake, with file, line and path", Kind::read,
         anyone(), check_watch},
        {"watch.add", "Watch what vendors release for labs, as the file says", Kind::write,
         lab_staff("add a watch"), add_watch},
        {"watch.list", "List the watches", Kind::read, anyone(), list_watches},
        {"watch.show", "Show a watch with every candidate that it found", Kind::read, anyone(),
         show_watch, "watch"},
        {"watch.remove", "Watch no more; what was found stays", Kind::write,
         lab_staff("remove a watch"), remove_watch, "watch"},
        {"watch.look", "Look at the vendors of watched labs now, and start what is due",
         Kind::long_write, lab_staff("look at vendors"), look_at_vendors},
    };
}

}  // namespace patchlab::operations
