// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/catalog_view.hpp"

#include <algorithm>
#include <iostream>

#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

namespace {

using catalog::Entry;
using catalog::EntryPackage;
using catalog::EntryStatus;

Json status_json(const EntryStatus& status) {
    return {{"state", std::string(catalog::name(status.state))},
            {"reason", status.reason},
            {"changed", status.changed},
            {"channels", status.channels}};
}

std::string patches_text(const Entry& entry) {
    std::vector<std::string> ids;
    for (const catalog::EntryPatch& patch : entry.patches) ids.push_back(patch.id);
    return joined(ids);
}

void entry_line(const std::string& label, const std::string& text) {
    std::cout << labelled(label, text, 12);
}

std::string before_text(const EntryPackage& package) {
    if (!package.was_installed) return "(new)";
    if (package.before.empty()) return "(no way back)";
    std::vector<std::string> versions;
    for (const catalog::EntryFile& old : package.before) versions.push_back(old.version);
    return joined(versions);
}

void print_entry(Context& context, const Entry& entry, const EntryStatus& status,
                 const std::string& folder) {
    entry_line("entry", entry.id);
    entry_line("state", std::string(catalog::name(status.state)) +
                            (status.reason.empty() ? "" : ": " + status.reason));
    entry_line("channels", status.channels.empty() ? "none" : joined(status.channels));
    entry_line("patches", patches_text(entry));
    for (const catalog::EntryPatch& patch : entry.patches)
        entry_line("advisories", joined(patch.advisories));
    entry_line("run", entry.run + " in lab " + entry.lab + ", " + entry.verdict);
    entry_line("asked for by", entry.requester);
    entry_line("approved by", joined(entry.approvers));
    entry_line("evidence", entry.evidence_digest);
    entry_line("made", entry.created);
    entry_line("folder", folder);
    std::vector<std::vector<std::string>> rows;
    for (const EntryPackage& package : entry.packages)
        rows.push_back({one_line(package.name), package.architecture,
                        one_line(before_text(package)), package.after.version,
                        package.after.sha256.substr(0, 16)});
    std::cout << "\n";
    print_table(context, {"PACKAGE", "ARCH", "FROM", "TO", "SHA256"}, rows);
}

}  // namespace

catalog::Catalog open_catalog(Context& context) {
    return {context.governance(), context.commands(), context.hosts()};
}

void print_entries(Context& context, const std::string& channel) {
    catalog::Catalog house = open_catalog(context);
    catalog::EntryStore& store = house.entries();
    Json items = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const Entry& entry : store.list()) {
        const EntryStatus status = store.status(entry.id);
        if (!channel.empty() && std::find(status.channels.begin(), status.channels.end(),
                                          channel) == status.channels.end())
            continue;
        Json item{{"id", entry.id},
                  {"run", entry.run},
                  {"created", entry.created},
                  {"approvers", entry.approvers},
                  {"way_back", entry.has_way_back()}};
        item["patches"] = Json::array();
        for (const catalog::EntryPatch& patch : entry.patches) item["patches"].push_back(patch.id);
        item.update(status_json(status));
        items.push_back(std::move(item));
        rows.push_back({entry.id, std::string(catalog::name(status.state)),
                        status.channels.empty() ? "-" : joined(status.channels),
                        one_line(patches_text(entry)), one_line(joined(entry.approvers)),
                        entry.has_way_back() ? "yes" : "no"});
    }
    context.print({{"schema", "patchlab/catalog/v1"}, {"entries", items}}, [&] {
        if (rows.empty())
            std::cout << "No catalog entries. Make one of an approved run with: patchlab catalog "
                         "add RUN\n";
        else
            print_table(context,
                        {"ENTRY", "STATE", "CHANNELS", "PATCHES", "APPROVED BY", "WAY BACK"}, rows);
    });
}

void print_entry(Context& context, const std::string& id) {
    catalog::Catalog house = open_catalog(context);
    catalog::EntryStore& store = house.entries();
    const Entry entry = store.get(id);
    const EntryStatus status = store.status(id);
    Json json = catalog::to_json(entry);
    json["status"] = status_json(status);
    json["way_back"] = entry.has_way_back();
    json["folder"] = store.folder(id).string();
    context.print(json, [&] { print_entry(context, entry, status, store.folder(id).string()); });
}

void print_channels(Context& context) {
    catalog::Catalog house = open_catalog(context);
    Json items = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const catalog::ChannelAccess& channel : house.channels()) {
        const std::size_t entries = house.entries().in_channel(channel.name).size();
        items.push_back(
            {{"name", channel.name},
             {"snapshot", channel.snapshot.empty() ? Json(nullptr) : Json(channel.snapshot)},
             {"created", channel.created.empty() ? Json(nullptr) : Json(channel.created)},
             {"digest", channel.digest.empty() ? Json(nullptr) : Json(channel.digest)},
             {"entries", entries},
             {"packages", channel.packages},
             {"rpm", channel.rpm},
             {"folder", channel.folder.string()},
             {"public_key", channel.public_key.string()}});
        rows.push_back({channel.name, channel.snapshot.empty() ? "not published" : channel.snapshot,
                        std::to_string(entries), std::to_string(channel.packages),
                        channel.folder.string()});
    }
    context.print({{"schema", "patchlab/channels/v1"}, {"channels", items}}, [&] {
        if (rows.empty())
            std::cout << "No channels. Promoting an entry makes one: patchlab catalog promote "
                         "ENTRY --to ring-0\n";
        else print_table(context, {"CHANNEL", "SNAPSHOT", "ENTRIES", "PACKAGES", "FOLDER"}, rows);
    });
}

void print_published(Context& context, const std::vector<catalog::Published>& published) {
    Json items = Json::array();
    for (const catalog::Published& one : published)
        items.push_back({{"channel", one.channel},
                         {"snapshot", one.snapshot},
                         {"digest", one.digest},
                         {"changed", one.changed},
                         {"packages", one.packages},
                         {"notes", one.notes}});
    context.print({{"schema", "patchlab/published/v1"}, {"published", items}}, [&] {
        for (const catalog::Published& one : published) {
            std::cout << "channel " << one.channel
                      << (one.changed ? " now offers" : " offers, as before,") << " snapshot "
                      << one.snapshot << ", " << one.packages
                      << (one.packages == 1 ? " package\n" : " packages\n");
            for (const std::string& note : one.notes)
                std::cerr << "note: " << one_line(note) << "\n";
        }
    });
}

}  // namespace patchlab::cli
