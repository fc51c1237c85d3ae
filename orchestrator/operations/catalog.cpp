// SPDX-License-Identifier: Apache-2.0
//
// The catalog: what was proven and approved, in channels that hosts follow. Nothing here changes
// it; catalog_changes.cpp does.
#include <array>

#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/listing.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::operations {

namespace {

constexpr const char* usual_key_path = "/etc/apt/keyrings/patchlab.asc";

Json objections_json(const catalog::Standing& standing) {
    Json items = Json::array();
    for (const catalog::Objection& objection : standing.objections)
        items.push_back({{"kind", std::string(catalog::name(objection.kind))},
                         {"why", objection.why},
                         {"since", or_null(objection.since)}});
    return items;
}

/// How it stands today. `objections`: what was decided after it was made that speaks against it.
Json entry_status_json(const catalog::Standing& standing) {
    return {{"state", std::string(catalog::name(standing.state))},
            {"standing", standing.word()},
            {"reason", standing.reason},
            {"changed", standing.since},
            {"by", or_null(standing.by)},
            {"signed", standing.signed_},
            {"deployable", standing.deployable()},
            {"objections", objections_json(standing)},
            {"channels", standing.channels}};
}

Json entry_line(const catalog::Entry& entry, const catalog::Standing& standing) {
    Json item{{"id", entry.id},
              {"run", entry.run},
              {"created", entry.created},
              {"approvers", entry.approvers},
              {"way_back", entry.has_way_back()}};
    item["patches"] = Json::array();
    for (const catalog::EntryPatch& patch : entry.patches) item["patches"].push_back(patch.id);
    item.update(entry_status_json(standing));
    return item;
}

constexpr std::array entry_columns{
    ListColumn{"id", "id"},
    ListColumn{"run", "run"},
    ListColumn{"state", "state"},
    ListColumn{"created", "created"},
    ListColumn{"created_at", "created"},
    ListColumn{"changed", "changed"},
    ListColumn{"changed_at", "changed"},
    ListColumn{"channels", "", false,
               "SELECT channel AS value FROM catalog_channel_entries WHERE entry = "
               "catalog_entries.id"}};

/// Those that the request can want, newest first: to say how one stands, its approvals are read.
store::Selection wanted_entries(Call& call, const JsonReader& request) {
    store::Selection wanted =
        wanted_rows(request, "catalog.list", entry_columns, "id DESC", call.session.clock().now());
    if (const std::string channel = request.string_or("channel", ""); !channel.empty())
        wanted.narrow("id IN (SELECT entry FROM catalog_channel_entries WHERE channel = ?)",
                      channel);
    return wanted;
}

Outcome list_entries(Call& call, const JsonReader& request) {
    catalog::EntryStore store(call.session.state(), call.session.database());
    catalog::Standings standings(call.session.governance(), store);
    Json items = Json::array();
    for (const catalog::Entry& entry : store.list(wanted_entries(call, request)))
        items.push_back(entry_line(entry, standings.of(entry)));
    return {{{"schema", "patchlab/catalog/v1"}, {"entries", items}}};
}

/// The entry itself (patchlab/entry/v1), with where it stands.
Outcome show_entry(Call& call, const JsonReader& request) {
    const std::string id = request.string("entry");
    catalog::EntryStore store(call.session.state(), call.session.database());
    const catalog::Entry entry = store.get(id);
    Json json = catalog::to_json(entry);
    json["status"] =
        entry_status_json(catalog::Standings(call.session.governance(), store).of(entry));
    json["way_back"] = entry.has_way_back();
    json["folder"] = store.folder(id).string();
    return {json};
}

Outcome list_channels(Call& call, const JsonReader&) {
    catalog::Catalog house = open_catalog(call.session);
    Json items = Json::array();
    for (const catalog::ChannelAccess& channel : house.channels())
        items.push_back({{"name", channel.name},
                         {"snapshot", or_null(channel.snapshot)},
                         {"created", or_null(channel.created)},
                         {"digest", or_null(channel.digest)},
                         {"entries", house.entries().in_channel(channel.name).size()},
                         {"packages", channel.packages},
                         {"expires_at", or_null(channel.valid_until)},
                         {"rpm", channel.rpm},
                         {"folder", channel.folder.string()},
                         {"public_key", channel.public_key.string()}});
    return {{{"schema", "patchlab/channels/v1"}, {"channels", items}}};
}

Json refusals_json(const std::string& subject, const std::vector<catalog::Refusal>& refusals) {
    Json problems = Json::array();
    for (const catalog::Refusal& refusal : refusals)
        problems.push_back({{"what", refusal.what}, {"why", refusal.why}});
    return {{"subject", subject}, {"good", refusals.empty()}, {"problems", problems}};
}

struct Verified {
    std::vector<std::string> entries, channels;
};

/// Every entry that is offered and every published channel.
Verified all_offered(catalog::Catalog& house) {
    Verified all;
    for (const catalog::Entry& entry : house.entries().list()) {
        const catalog::EntryState state = house.entries().status(entry.id).state;
        if (state == catalog::EntryState::offered || state == catalog::EntryState::superseded)
            all.entries.push_back(entry.id);
    }
    for (const catalog::ChannelAccess& channel : house.channels())
        if (!channel.snapshot.empty()) all.channels.push_back(channel.name);
    return all;
}

Outcome verify_catalog(Call& call, const JsonReader& request) {
    catalog::Catalog house = open_catalog(call.session);
    Verified wanted{request.strings_or_empty("entries"), request.strings_or_empty("channels")};
    if (wanted.entries.empty() && wanted.channels.empty()) wanted = all_offered(house);
    Json items = Json::array();
    for (const std::string& id : wanted.entries)
        items.push_back(refusals_json("entry " + id, house.verify(id)));
    for (const std::string& name : wanted.channels)
        items.push_back(refusals_json("channel " + name, house.verify_channel(name)));
    const bool good = std::all_of(items.begin(), items.end(),
                                  [](const Json& item) { return item["good"].get<bool>(); });
    return {{{"schema", "patchlab/catalog-verification/v1"}, {"verified", items}},
            good ? 0 : exit_code(ErrorCode::refused)};
}

/// `openpgp`: of the repositories, for apt and dnf; `signing`: of entries and snapshots (PEM).
Outcome export_catalog_key(Call& call, const JsonReader& request) {
    std::string text;
    if (request.string_or("kind", "openpgp") == "openpgp") {
        const bool binary = request.boolean_or("binary", false);
        text = open_catalog(call.session).repository_key(!binary);
        if (binary)
            return {{{"schema", "patchlab/public-keys/v1"}, {"base64", base64_encode(text)}}};
    } else {
        const KeyRing ring = catalog::catalog_keys(call.session.state());
        ring.current(call.session.clock());  // made at first use
        for (const PublicKey& one : ring.public_keys()) text += one.pem();
    }
    return {{{"schema", "patchlab/public-keys/v1"}, {"text", text}}};
}

/// The files that a host needs besides the key, to be copied as they are.
Outcome subscribe(Call& call, const JsonReader& request) {
    const catalog::ChannelAccess access =
        open_catalog(call.session).channel(request.string("channel"));
    const std::string url = request.string_or("url", "file://" + access.folder.string());
    const std::string key = request.string_or("key", usual_key_path);
    return {{{"schema", "patchlab/subscription/v1"},
             {"channel", access.name},
             {"rpm", access.rpm},
             {"key", key},
             {"sources", catalog::apt_sources(access.name, url, key)},
             {"preferences", catalog::apt_preferences(access.name)},
             {"yum", catalog::yum_repository(access.name, url, key)}}};
}

Json previewed(const std::vector<catalog::ChannelPackage>& packages) {
    Json items = Json::array();
    for (const catalog::ChannelPackage& package : packages)
        items.push_back({{"name", package.name},
                         {"architecture", package.architecture},
                         {"version", package.file.version},
                         {"role", std::string(catalog::name(package.role))},
                         {"entry", package.entry}});
    return items;
}

Outcome preview_channel(Call& call, const JsonReader& request) {
    catalog::Catalog catalog = open_catalog(call.session);
    const std::string channel = request.string("channel");
    const catalog::Preview preview = catalog.preview(channel);
    return {{{"schema", "patchlab/channel-preview/v1"},
             {"channel", channel},
             {"published", preview.published},
             {"adds", previewed(preview.adds)},
             {"removes", previewed(preview.removes)},
             {"keeps", preview.keeps},
             {"notes", preview.notes}}};
}

}  // namespace

void warn_of_entry(Call& call, const std::string& run) {
    catalog::EntryStore store(call.session.state(), call.session.database());
    const std::string id = store.of_run(run);
    if (id.empty()) return;
    const catalog::EntryStatus status = store.status(id);
    if (catalog::is_taken_back(status.state)) return;
    const std::string where = joined(status.channels);
    call.events.warning("entry " + id + " was made of this run" +
                        (where.empty() ? "" : " and stands in " + where) +
                        ": nothing publishes or deploys it any more, but hosts keep what they "
                        "have, and what was published stays. Take it back with: patchlab catalog "
                        "withdraw " +
                        id + " --reason REASON");
}

catalog::Catalog open_catalog(Session& session) {
    return {session.governance(), session.commands(), session.hosts()};
}

std::vector<Operation> catalog_operations() {
    return {
        {"catalog.list", "List the entries, newest first", Kind::read, anyone(), list_entries},
        {"catalog.show", "Show everything about an entry", Kind::read, anyone(), show_entry,
         "entry"},
        {"catalog.channels", "List the channels and what they offer now", Kind::read, anyone(),
         list_channels},
        {"catalog.verify", "Check signatures, evidence, approvals and every byte", Kind::long_read,
         anyone(), verify_catalog},
        {"catalog.key", "Give the public key that hosts need to follow a channel", Kind::read,
         anyone(), export_catalog_key},
        {"catalog.subscribe", "Give the files that a host needs to follow a channel", Kind::read,
         anyone(), subscribe, "channel"},
        {"catalog.preview", "What the next publish of a channel adds and removes", Kind::long_read,
         anyone(), preview_channel, "channel"},
    };
}

}  // namespace patchlab::operations
