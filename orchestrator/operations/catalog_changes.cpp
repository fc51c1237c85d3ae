// SPDX-License-Identifier: Apache-2.0
//
// What changes the catalog. The catalog asks for the role again, records every change in the
// transaction that makes it, and publishes in turns.
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "platform/core/error.hpp"

namespace patchlab::operations {

namespace {

void note_missing_backout(Call& call, const catalog::Entry& entry) {
    for (const catalog::EntryPackage& package : entry.packages)
        if (package.was_installed && package.before.empty())
            call.events.note(
                "there is no way back for " + package.name +
                ": its old version was not kept; give the exact package with --old FILE");
}

Outcome add_entry(Call& call, const JsonReader& request) {
    std::vector<std::filesystem::path> old_files;
    for (const std::string& file : request.strings_or_empty("old_files"))
        old_files.emplace_back(file);
    const catalog::Entry entry =
        open_catalog(call.session).make(call.actor, request.string("run"), old_files);
    note_missing_backout(call, entry);
    return {catalog::to_json(entry)};
}

/// A run stands for its entry, which is made when there is none.
std::string entry_for(Call& call, catalog::Catalog& house, const std::string& id) {
    if (!id.starts_with("r-")) return id;
    if (const std::string known = house.entries().of_run(id); !known.empty()) return known;
    const catalog::Entry entry = house.make(call.actor, id);
    note_missing_backout(call, entry);
    return entry.id;
}

Json published_json(const catalog::Published& one) {
    return {{"channel", one.channel}, {"snapshot", one.snapshot}, {"digest", one.digest},
            {"changed", one.changed}, {"packages", one.packages}, {"notes", one.notes}};
}

Json publish_channel(Call& call, catalog::Catalog& house, const std::string& channel,
                     bool may_be_empty) {
    call.events.progress("publishing channel " + channel);
    return Json::array({published_json(house.publish(call.actor, channel, may_be_empty))});
}

Outcome promote_entry(Call& call, const JsonReader& request) {
    catalog::Catalog house = open_catalog(call.session);
    const std::string channel = request.string("channel");
    const std::string id = entry_for(call, house, request.string("entry"));
    const std::vector<std::string> superseded = house.promote(call.actor, id, channel);
    const bool publish = request.boolean_or("publish", false);
    Json document{{"schema", "patchlab/promoted/v1"},
                  {"entry", id},
                  {"channel", channel},
                  {"superseded", superseded},
                  {"published", publish}};
    if (publish) document["publications"] = publish_channel(call, house, channel, false);
    return {document};
}

Outcome supersede_entry(Call& call, const JsonReader& request) {
    const std::string id = request.string("entry"), newer = request.string("by");
    const std::vector<std::string> channels =
        open_catalog(call.session).supersede(call.actor, id, newer);
    return {{{"schema", "patchlab/superseded/v1"},
             {"entry", id},
             {"by", newer},
             {"channels", channels}}};
}

/// Every channel that hosts follow, or those that are named. One that cannot be published keeps no
/// other from it.
Outcome refresh_channels(Call& call, const JsonReader& request) {
    catalog::Catalog house = open_catalog(call.session);
    std::vector<std::string> names = request.strings_or_empty("channels");
    if (names.empty())
        for (const catalog::ChannelAccess& channel : house.channels())
            if (!channel.snapshot.empty()) names.push_back(channel.name);
    Json published = Json::array(), failed = Json::array();
    for (const std::string& name : names) {
        call.events.progress("publishing channel " + name);
        try {
            published.push_back(published_json(house.refresh(call.actor, name)));
        } catch (const Error& error) {
            if (error.code() == ErrorCode::not_allowed) throw;
            failed.push_back({{"channel", name}, {"why", error.what()}});
        }
    }
    const bool good = failed.empty();
    return {{{"schema", "patchlab/refreshed/v1"},
             {"published", std::move(published)},
             {"failed", std::move(failed)}},
            good ? 0 : exit_code(ErrorCode::refused)};
}

Outcome release_entry(Call& call, const JsonReader& request) {
    catalog::Catalog house = open_catalog(call.session);
    const std::string id = request.string("entry");
    house.release(call.actor, id, request.string("reason"));
    const catalog::Standing standing = house.standing(id);
    return {{{"schema", "patchlab/released/v1"},
             {"entry", id},
             {"state", std::string(catalog::name(standing.state))},
             {"released_at", standing.since},
             {"by", or_null(standing.by)},
             {"channels", standing.channels}}};
}

Outcome withdraw_entry(Call& call, const JsonReader& request) {
    const std::string id = request.string("entry");
    const catalog::TakenBack taken =
        open_catalog(call.session).withdraw(call.actor, id, request.string("reason"));
    Json channels = Json::array();
    for (const catalog::Published& one : taken.published)
        channels.push_back({{"channel", one.channel}, {"snapshot", one.snapshot}});
    return {{{"schema", "patchlab/withdrawn/v1"},
             {"entry", id},
             {"published", channels},
             {"offered_again", taken.offered_again},
             {"without_way_back", taken.without_way_back},
             {"hosts", taken.hosts ? Json(*taken.hosts) : Json(nullptr)},
             {"unknown_hosts", taken.unknown_hosts}}};
}

Outcome publish(Call& call, const JsonReader& request) {
    catalog::Catalog house = open_catalog(call.session);
    return {{{"schema", "patchlab/published/v1"},
             {"published", publish_channel(call, house, request.string("channel"),
                                           request.boolean_or("may_be_empty", false))}}};
}

}  // namespace

std::vector<Operation> catalog_change_operations() {
    using governance::Role;
    const auto managers = [](std::string_view to_do) {
        return Access{{Role::release_manager}, to_do};
    };
    const Access withdraws{{Role::release_manager, Role::system_owner}, "withdraw a catalog entry"};
    return {
        {"catalog.add", "Make an entry of an approved run", Kind::write,
         managers("make a catalog entry"), add_entry, "run"},
        {"catalog.promote", "Let the next snapshot of a channel offer an entry", Kind::write,
         managers("promote a catalog entry"), promote_entry, "entry"},
        {"catalog.supersede", "Promote a newer entry wherever an older one stands", Kind::write,
         managers("promote a catalog entry"), supersede_entry, "entry"},
        {"catalog.withdraw", "Take an entry back for good, from every channel at once", Kind::write,
         withdraws, withdraw_entry, "entry"},
        {"catalog.release", "Offer an entry again that a rollout gone well took back", Kind::write,
         managers("release a catalog entry"), release_entry, "entry"},
        {"catalog.refresh", "Publish channels once more before hosts stop trusting them",
         Kind::write, managers("publish a channel"), refresh_channels},
        {"catalog.publish", "Verify everything in a channel and offer it to hosts", Kind::write,
         managers("publish a channel"), publish, "channel"},
    };
}

}  // namespace patchlab::operations
