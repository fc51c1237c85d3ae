// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/run_view.hpp"

#include <iostream>

#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

namespace {

void entry_line(const std::string& label, const std::string& text) {
    std::cout << labelled(label, text, 12);
}

std::string before_text(const JsonReader& package) {
    if (!package.boolean("was_installed")) return "(new)";
    std::vector<std::string> versions;
    for (const JsonReader& old : package.objects("before"))
        versions.push_back(old.string("version"));
    return versions.empty() ? "(no way back)" : joined(versions);
}

void print_packages(Context& context, const JsonReader& entry) {
    Rows rows;
    for (const JsonReader& package : entry.objects("packages")) {
        const JsonReader after = package.object("after");
        rows.push_back({one_line(package.string("name")), package.string("architecture"),
                        one_line(before_text(package)), after.string("version"),
                        after.string("sha256").substr(0, 12)});
    }
    std::cout << "\n";
    print_table(context, {"PACKAGE", "ARCH", "FROM", "TO", "SHA256"}, rows);
}

void print_entry_text(Context& context, const JsonReader& entry) {
    const JsonReader status = entry.object("status");
    const std::string reason = status.string_or("reason", "");
    const std::vector<std::string> channels = status.strings("channels");
    const std::vector<JsonReader> patches = entry.objects("patches");
    std::vector<std::string> ids;
    for (const JsonReader& patch : patches) ids.push_back(patch.string("id"));
    entry_line("entry", entry.string("id"));
    const std::string by = status.string_or("by", "");
    entry_line("state", status.string("state") + (reason.empty() ? "" : ": " + reason));
    if (status.string("state") != "offered")
        entry_line("since", status.string_or("changed", "") + (by.empty() ? "" : " by " + by));
    for (const JsonReader& objection : status.objects("objections"))
        entry_line("stopped by", objection.string("why"));
    entry_line("channels", channels.empty() ? "none" : joined(channels));
    entry_line("patches", joined(ids));
    for (const JsonReader& patch : patches)
        entry_line("advisories", joined(patch.strings("advisories")));
    entry_line("run", entry.string("run") + " in lab " + entry.string("lab") + ", " +
                          entry.string("verdict"));
    entry_line("asked for by", entry.string("requester"));
    entry_line("approved by", joined(entry.strings("approvers")));
    entry_line("evidence", entry.string("evidence_digest"));
    entry_line("made", entry.string("created"));
    entry_line("folder", entry.string("folder"));
    print_packages(context, entry);
}

Cells entry_row(const JsonReader& entry) {
    const std::vector<std::string> channels = entry.strings("channels");
    return {entry.string("id"),
            entry.string("standing"),
            channels.empty() ? "-" : joined(channels),
            one_line(joined(entry.strings("patches"))),
            one_line(joined(entry.strings("approvers"))),
            entry.boolean("way_back") ? "yes" : "no"};
}

}  // namespace

void print_entries(Context& context, const Json& request) {
    const Json document = context.invoke("catalog.list", request);
    print_list(context, document, "entries",
               {"ENTRY", "STATE", "CHANNELS", "PATCHES", "APPROVED BY", "WAY BACK"}, entry_row,
               "No catalog entries. Make one of an approved run with: patchlab catalog add RUN");
}

void print_entry(Context& context, const std::string& id) {
    const Json entry = context.invoke("catalog.show", {{"entry", id}});
    context.print(entry, [&] { print_entry_text(context, JsonReader(entry, "entry")); });
}

void print_channels(Context& context, const Json& request) {
    const Json document = context.invoke("catalog.channels", request);
    print_list(
        context, document, "channels",
        {"CHANNEL", "SNAPSHOT", "VALID UNTIL", "ENTRIES", "PACKAGES", "FOLDER"},
        [](const JsonReader& channel) {
            return Cells{channel.string("name"),
                         channel.string_or("snapshot", "not published"),
                         channel.string_or("expires_at", "-"),
                         std::to_string(channel.integer("entries")),
                         std::to_string(channel.integer("packages")),
                         channel.string("folder")};
        },
        "No channels. Promoting an entry makes one: patchlab catalog promote ENTRY --to ring-0");
}

}  // namespace patchlab::cli
