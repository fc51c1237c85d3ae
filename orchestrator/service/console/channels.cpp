// SPDX-License-Identifier: Apache-2.0
//
// One channel: what it offers now, what the next publish adds and removes, how hosts follow it.
#include "orchestrator/service/console/forms.hpp"
#include "orchestrator/service/console/rows.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::service::console {

namespace {

std::vector<Call> channel_calls(const Visit& visit) {
    const std::string channel = visit.params.one("channel");
    return {{"channels", "catalog.channels", Json::object()},
            {"preview", "catalog.preview", {{"channel", channel}}},
            {"subscription", "catalog.subscribe", {{"channel", channel}}}};
}

Json channel_request(const Values& params, const Values&) {
    return {{"channel", params.one("channel")}};
}

std::string back_to_the_channel(const Values& params, const Values&, const Json&) {
    return address("/channels/", params.one("channel"));
}

const Json* channel_named(const View& view) {
    if (const Json* document = view.document("channels"))
        for (const Json& channel : list_at(*document, "channels"))
            if (text_at(channel, "name") == view.param("channel")) return &channel;
    return nullptr;
}

void write_previewed(const View& view, const Json& packages, const char* tone,
                     const std::string& words) {
    for (const Json& package : packages) {
        const auto row = view.out.open("tr");
        head_cell(view.out, text_at(package, "name"), 200);
        {
            const auto one = cell(view.out, "It");
            outcome(view.out, tone, words);
        }
        guest_cell(view.out, "Version", text_at(package, "version"));
        text_cell(view.out, "As",
                  text_at(package, "role") == "offer" ? "the newest" : "an older one, to go back");
        const auto entry = cell(view.out, "From");
        guest_link(view.out, address("/catalog/", text_at(package, "entry")),
                   text_at(package, "entry"));
    }
}

void write_preview(const View& view) {
    const Region section(view.out, "preview", "The next publish");
    if (write_failure(view, "preview", "the next publish")) return;
    const Json& preview = *view.document("preview");
    const Json &adds = list_at(preview, "adds"), &removes = list_at(preview, "removes");
    for (const std::string& note : texts_at(preview, "notes")) {
        const auto line = view.out.open("p", {{"class", "note"}});
        view.out.guest(note, 500);
    }
    const std::string keeps = count_text(number_at(preview, "keeps"), "package");
    if (adds.empty() && removes.empty()) {
        nothing_here(view.out, "It changes nothing.",
                     "Hosts see the same " + keeps + "; only the validity begins anew.");
        return;
    }
    view.out.element("p", {{"class", "note"}}, "It keeps " + keeps + ".");
    const auto table = view.out.open("table", {{"class", "stack"}});
    table_head(view.out, "What the next publish does", {"Package", "It", "Version", "As", "From"});
    const auto body = view.out.open("tbody");
    write_previewed(view, adds, "good", "adds");
    write_previewed(view, removes, "bad", "removes");
}

void write_subscription(const View& view) {
    const Region section(view.out, "subscribe", "How hosts follow it");
    if (write_failure(view, "subscription", "the subscription")) return;
    const Json& subscription = *view.document("subscription");
    const auto file = [&](const char* title, const char* member) {
        if (const std::string text = text_at(subscription, member); !text.empty()) {
            view.out.element("h3", title);
            const auto pre = view.out.open("pre", {{"tabindex", "0"}});
            view.out.guest(text, 8000);
        }
    };
    file("/etc/apt/sources.list.d/", "sources");
    file("/etc/apt/preferences.d/", "preferences");
    if (flag_at(subscription, "rpm")) file("/etc/yum.repos.d/", "yum");
}

void render_channel(const View& view) {
    const std::string name = view.param("channel");
    heading(view.out, name, "A channel that hosts follow");
    if (write_failure(view, "channels", "the channels")) return;
    const Json* channel = channel_named(view);
    if (!channel) {
        nothing_here(view.out, "There is no channel of this name.",
                     "Promoting an entry into it makes it.");
        return;
    }
    const std::string published = text_at(*channel, "created");
    {
        const Region section(view.out, "state", "What hosts see");
        const auto facts = view.out.open("dl", {{"class", "facts"}});
        fact(view.out, published.empty() ? "unsure" : "good", "Snapshot",
             published.empty() ? "Never published" : text_at(*channel, "snapshot"));
        fact(view.out, "plain", "Packages",
             number_text(magnitude(number_at(*channel, "packages"))));
        const std::string until = text_at(*channel, "expires_at");
        fact(view.out, "plain", "Trusted until", until.empty() ? "\u2013" : until.substr(0, 10),
             until.empty() ? "" : distance_of(until, view.visit.now));
        fact(view.out, "plain", "Digest", text_at(*channel, "digest").substr(0, 12));
    }
    write_preview(view);
    {
        const Region section(view.out, "publish", "Publish");
        const auto forms = view.out.open("div", {{"class", "buttons"}});
        {
            OpenForm form(view, {"publish", "inline"});
            form.submit("Publish now", "primary");
        }
        OpenForm form(view, {"refresh", "inline",
                             published.empty() ? "It was never published." : std::string_view()});
        form.submit("Renew its validity", "");
    }
    write_subscription(view);
    from_a_shell(view,
                 {{"catalog publish " + shell_word(name), "catalog.publish", {{"channel", name}}}});
}

Json refresh_request(const Values& params, const Values&) {
    return {{"channels", {params.one("channel")}}};
}

}  // namespace

std::vector<Screen> channel_screens() {
    return {{"/channels/{channel}",
             "Channel",
             channel_calls,
             render_channel,
             {{"publish", "catalog.publish", channel_request, back_to_the_channel},
              {"refresh", "catalog.refresh", refresh_request, back_to_the_channel}}}};
}

}  // namespace patchlab::service::console
