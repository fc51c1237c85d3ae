// SPDX-License-Identifier: Apache-2.0
//
// The catalog: what was proven and approved, and one entry of it.
#include "orchestrator/service/console/forms.hpp"
#include "orchestrator/service/console/rows.hpp"
#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::service::console {

namespace {

constexpr std::size_t entries_a_page = 50;

std::vector<Call> catalog_calls(const Visit& visit) {
    Json request = newest(visit, entries_a_page);
    if (const std::string state = visit.query.one("state"); !state.empty())
        request["filter"]["where"]["state"] = {state};
    return {{"entries", "catalog.list", request}, {"channels", "catalog.channels", Json::object()}};
}

const char* tone_of_entry(const Json& entry) {
    if (flag_at(entry, "deployable")) return "good";
    const std::string state = text_at(entry, "state");
    return state == "superseded" ? "plain" : "bad";
}

void write_entry_state(const View& view, const Json& entry) {
    const std::string standing = text_at(entry, "standing");
    outcome(view.out, tone_of_entry(entry), standing.empty() ? text_at(entry, "state") : standing);
    if (const std::string reason = text_at(entry, "reason"); !reason.empty())
        detail_line(view.out, reason, 300);
    for (const Json& objection : list_at(entry, "objections"))
        detail_line(view.out, text_at(objection, "why"), 300);
}

void write_channel_links(const View& view, const Json& entry) {
    const auto channels = texts_at(entry, "channels");
    for (std::size_t i = 0; i < channels.size(); ++i) {
        if (i > 0) view.out.text(" ");
        guest_link(view.out, address("/channels/", channels[i]), channels[i]);
    }
    if (channels.empty()) view.out.element("span", {{"class", "note"}}, "none");
}

void write_entries(const View& view, const Json& all, const Cut& cut) {
    const auto table = view.out.open("table", {{"class", "stack"}, {"data-rows", "on"}});
    table_head(view.out, "Entries of the catalog",
               {"Entry", "Patches", "State", "Channels", "Way back", "Approved by", "Made"});
    const auto body = view.out.open("tbody");
    for (std::size_t i = cut.from; i < cut.to; ++i) {
        const Json& entry = all[i];
        const std::string id = text_at(entry, "id");
        const auto row = view.out.open("tr", {{"data-filter", id}});
        name_cell(view.out, address("/catalog/", id), id);
        guest_cell(view.out, "Patches", a_few(texts_at(entry, "patches")));
        {
            const auto one = cell(view.out, "State");
            write_entry_state(view, entry);
        }
        {
            const auto one = cell(view.out, "Channels");
            write_channel_links(view, entry);
        }
        text_cell(view.out, "Way back",
                  flag_at(entry, "way_back") ? "old versions kept" : "none kept");
        guest_cell(view.out, "Approved by", a_few(texts_at(entry, "approvers")));
        moment_cell(view, "Made", text_at(entry, "created"));
    }
}

void write_channels(const View& view) {
    const Region section(view.out, "channels", "Channels");
    if (write_failure(view, "channels", "the channels")) return;
    const Json& channels = list_at(*view.document("channels"), "channels");
    if (channels.empty()) {
        nothing_here(view.out, "There is no channel yet.",
                     "A channel is a signed package repository that hosts follow, one for each "
                     "ring. Promoting an entry makes it.");
        return;
    }
    const auto table = view.out.open("table", {{"class", "stack"}});
    table_head(view.out, "Channels",
               {"Channel", "Entries", "Packages", "Published", "Trusted until"});
    const auto body = view.out.open("tbody");
    for (const Json& channel : channels) {
        const auto row = view.out.open("tr");
        name_cell(view.out, address("/channels/", text_at(channel, "name")),
                  text_at(channel, "name"));
        text_cell(view.out, "Entries", number_text(magnitude(number_at(channel, "entries"))));
        text_cell(view.out, "Packages", number_text(magnitude(number_at(channel, "packages"))));
        moment_cell(view, "Published", text_at(channel, "created"));
        moment_cell(view, "Trusted until", text_at(channel, "expires_at"));
    }
}

void write_promotion(OpenForm& form) {
    form.line("channel", "Into the channel", "Made when there is none of that name.", true);
    form.tick("publish", "Publish the channel at once");
    form.submit("Promote", "primary");
}

void render_catalog(const View& view) {
    heading(view.out, "Catalog", "What was proven and approved. Nothing else may be deployed.");
    {
        const Region section(view.out, "entries", "Entries");
        if (!write_failure(view, "entries", "the catalog")) {
            const Json& all = list_at(*view.document("entries"), "entries");
            const Cut cut = cut_newest(view.visit, all.size(), entries_a_page);
            if (all.empty())
                nothing_here(view.out, "The catalog is empty.",
                             "A run that may be promoted, by policy and approvals, becomes an "
                             "entry:",
                             "patchlab catalog promote RUN --to ring-0");
            else {
                write_entries(view, all, cut);
                pager(view, cut, "entries");
            }
        }
    }
    {
        const Region section(view.out, "promote", "Promote");
        OpenForm form(view, {"promote", "act"});
        form.line("entry", "Entry, or approved run", "e-… or r-…", true, view.query("entry"));
        write_promotion(form);
    }
    write_channels(view);
    from_a_shell(view, {{"catalog list", "catalog.list", Json::object()},
                        {"catalog channels", "catalog.channels", Json::object()}});
}

Json promote_request(const Values& params, const Values& fields) {
    const std::string entry = params.one("entry");
    Json request{{"entry", entry.empty() ? fields.one("entry") : entry},
                 {"channel", fields.one("channel")}};
    if (!fields.one("publish").empty()) request["publish"] = true;
    return request;
}

std::string to_the_entry(const Values& params, const Values&, const Json& response) {
    const std::string entry = text_at(response, "entry");
    return address("/catalog/", entry.empty() ? params.one("entry") : entry);
}

Json reasoned_request(const Values& params, const Values& fields) {
    return {{"entry", params.one("entry")}, {"reason", fields.one("reason")}};
}

std::string check_withdrawal(const Values& fields) {
    if (fields.one("reason").empty()) return "Say why.";
    return {};
}

std::vector<Call> entry_calls(const Visit& visit) {
    const std::string entry = visit.params.one("entry");
    return {{"entry", "catalog.show", {{"entry", entry}}},
            {"needed", "inventory.needed", {{"entries", {entry}}, {"counts", true}}}};
}

void write_entry_packages(const View& view, const Json& entry) {
    const Region section(view.out, "packages", "Packages");
    const auto table = view.out.open("table", {{"class", "stack"}});
    table_head(view.out, "Packages of the entry", {"Package", "Now", "Before", "Digest"});
    const auto body = view.out.open("tbody");
    for (const Json& package : list_at(entry, "packages")) {
        const Json& after = object_at(package, "after");
        const auto row = view.out.open("tr");
        head_cell(view.out, text_at(package, "name"), 200);
        guest_cell(view.out, "Now", text_at(after, "version"));
        const auto before = names_in(&package, "before", "version");
        guest_cell(view.out, "Before", before.empty() ? "not kept" : a_few(before));
        const auto one = cell(view.out, "Digest");
        const std::string digest = text_at(after, "sha256");
        copyable(view.out, digest, digest.substr(0, 12));
    }
}

void write_hosts_of_entry(const View& view) {
    const Region section(view.out, "need", "Who needs it");
    if (write_failure(view, "needed", "the hosts")) return;
    const Json& offers = list_at(*view.document("needed"), "offers");
    const auto facts = view.out.open("dl", {{"class", "facts"}});
    std::int64_t needed = 0, not_needed = 0, unknown = 0;
    for (const Json& offer : offers) {
        if (text_at(offer, "id") != view.param("entry")) continue;
        needed = number_at(offer, "needed");
        not_needed = number_at(offer, "not_needed");
        unknown = number_at(offer, "unknown");
    }
    fact(view.out, "warn", "Need it", number_text(magnitude(needed)));
    fact(view.out, "good", "Do not need it", number_text(magnitude(not_needed)));
    fact(view.out, unknown > 0 ? "unsure" : "plain", "Unknown", number_text(magnitude(unknown)),
         "nobody knows: no scan that is new enough");
}

void write_entry_forms(const View& view, const Json& status) {
    const Region section(view.out, "steer", "Promote, or take it back");
    const std::string_view blocked =
        flag_at(status, "deployable") ? std::string_view() : "It is not offered any more.";
    const auto forms = view.out.open("div", {{"class", "columns"}});
    {
        OpenForm form(view, {"promote", "act card", blocked});
        view.out.element("h3", "Promote");
        write_promotion(form);
    }
    {
        OpenForm form(view, {"withdraw", "act card", blocked});
        view.out.element("h3", "Withdraw");
        form.area("reason", "Why", "For good. Channels that offer it are published anew.", true);
        form.password_if_stale();
        form.submit("Withdraw it", "danger");
    }
    const bool recalled = text_at(status, "state") == "recalled";
    OpenForm form(view, {"release", "act card",
                         recalled ? std::string_view() : "Only a recalled entry is released."});
    view.out.element("h3", "Release");
    form.area("reason", "Why", {}, true);
    form.submit("Release it", "");
}

void render_entry(const View& view) {
    const std::string id = view.param("entry");
    heading(view.out, id, "An entry of the catalog");
    if (write_failure(view, "entry", "this entry")) return;
    const Json& entry = *view.document("entry");
    const Json& status = object_at(entry, "status");
    {
        const Region section(view.out, "state", "State");
        write_entry_state(view, status);
        const auto list = view.out.open("dl", {{"class", "pairs"}});
        {
            const auto item = view.out.open("div");
            view.out.element("dt", "Run");
            const auto answer = view.out.open("dd");
            guest_link(view.out, address("/runs/", text_at(entry, "run")), text_at(entry, "run"));
        }
        {
            const auto item = view.out.open("div");
            view.out.element("dt", "Channels");
            const auto answer = view.out.open("dd");
            write_channel_links(view, status);
        }
        pair(view.out, "Approved by", joined(texts_at(entry, "approvers")));
        pair(view.out, "Way back", flag_at(entry, "way_back") ? "old versions kept" : "none kept");
        const std::string digest = text_at(entry, "evidence_digest");
        copyable_pair(view.out, "Digest of the evidence", digest, digest.substr(0, 16));
    }
    {
        const auto line = view.out.open("p");
        view.out.element(
            "a",
            {{"href", "/rollouts/new" + query_text({{"entry", id}})}, {"class", "button primary"}},
            "Start a rollout of it");
    }
    write_entry_packages(view, entry);
    write_hosts_of_entry(view);
    write_entry_forms(view, status);
    from_a_shell(view, {{"catalog show " + shell_word(id), "catalog.show", {{"entry", id}}},
                        {"change show " + shell_word(id), "change.show", {{"id", id}}}});
}

}  // namespace

std::vector<Screen> catalog_screens() {
    const Form promote{"promote", "catalog.promote", promote_request, to_the_entry};
    Form withdraw{"withdraw", "catalog.withdraw", reasoned_request, to_the_entry, check_withdrawal};
    withdraw.sign_in_again = true;
    const Form release{"release", "catalog.release", reasoned_request, to_the_entry,
                       check_withdrawal};
    return {{"/catalog", "Catalog", catalog_calls, render_catalog, {promote}},
            {"/catalog/{entry}", "Entry", entry_calls, render_entry, {promote, withdraw, release}}};
}

}  // namespace patchlab::service::console
