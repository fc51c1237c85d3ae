// SPDX-License-Identifier: Apache-2.0
//
// `feed`: what public feeds say of vulnerabilities, as files that somebody brings.
#include <iostream>

#include "orchestrator/cli/listing.hpp"
#include "orchestrator/cli/request.hpp"
#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

namespace {

std::string days_text(double days) { return count_text(static_cast<std::int64_t>(days), "day"); }

Cells feed_cells(const JsonReader& feed) {
    return {feed.string("name"),
            feed.string("kind"),
            feed.boolean("stale") ? "outdated" : "current",
            feed.string("dated_at").substr(0, 10),
            days_text(feed.number("age_days")),
            days_text(feed.number("limit_days")),
            std::to_string(feed.integer("entries")),
            feed.string("dated_by"),
            feed.string_or("version", ""),
            feed.string("sha256").substr(0, 12)};
}

void print_feeds(Context& context, const Json& document, const std::string& hint) {
    print_list(context, document, "feeds",
               {"FEED", "KIND", "STATE", "DATED", "AGE", "LIMIT", "ENTRIES", wide("DATED BY"),
                wide("VERSION"), wide("SHA256")},
               feed_cells, hint);
}

struct FeedWords {
    std::vector<std::string> files;
    std::string kind, name, dated;
    bool allow_older = false, allow_smaller = false;
};

void add_feed_add(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "add",
        "bring feeds: KEV, Vulnrichment (SSVC), EPSS, Debian tracker, OSV, CSAF, OpenVEX, "
        "updateinfo");
    auto words = std::make_shared<FeedWords>();
    verb->add_option("FILE", words->files, "files, archives of files, packed or not")->required();
    verb->add_option("--kind", words->kind,
                     "what they are (default: by their content): kev, ssvc, epss, debian, osv, "
                     "csaf, openvex or updateinfo");
    verb->add_option("--name", words->name,
                     "what the feed is called (default: by its kind and author)");
    verb->add_option("--dated", words->dated,
                     "the date of the feed (default: as it says itself, by its name, or the time "
                     "of the file)")
        ->type_name("DATE");
    verb->add_flag("--allow-older", words->allow_older,
                   "take a file that is older than what is there");
    verb->add_flag("--allow-smaller", words->allow_smaller,
                   "take a file that holds much less than what is there");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        Json request{{"files", words->files},
                     {"allow_older", words->allow_older},
                     {"allow_smaller", words->allow_smaller}};
        put(request, "kind", words->kind);
        put(request, "name", words->name);
        put(request, "dated", words->dated);
        print_feeds(context, context.invoke("feed.add", request), "");
    });
}

void add_feed_list(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("list", "list the feeds, with their dates");
    auto words = add_list_options(*verb, context, {{"--kind", "kind", "only of this kind"}});
    verb->callback([&context, words] {
        print_feeds(context, context.invoke("feed.list", list_request(*words)),
                    "No feeds: how urgent a patch is stays unknown. Bring some with: patchlab feed "
                    "add FILE");
    });
}

void print_check(Context& context, const Json& document) {
    print_feeds(context, document, "No feeds. Bring some with: patchlab feed add FILE");
    for (const std::string& kind : JsonReader(document, "check").strings("missing"))
        std::cout << "there is no current feed of kind " << kind << "\n";
}

void add_feed_check(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "check", "whether every feed is young enough; exit 1 when one is not, or there is none");
    auto max_age = std::make_shared<double>(0);
    auto required = std::make_shared<std::vector<std::string>>();
    verb->add_option("--max-age", *max_age, "instead of the limit of each kind")
        ->check(CLI::Range(0.001, 36500.0))
        ->type_name("DAYS");
    verb->add_option("--require", *required,
                     "a kind of which there must be a current feed (may be repeated)")
        ->type_name("KIND");
    add_json_flag(*verb, context);
    verb->callback([&context, max_age, required] {
        Json request = Json::object();
        if (*max_age > 0) request["max_age_days"] = *max_age;
        put(request, "require", *required);
        const Json document = context.invoke("feed.check", request);
        context.print(document, [&] { print_check(context, document); });
    });
}

}  // namespace

void add_feed(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand(
        "feed",
        "what public feeds say of vulnerabilities: exploited, urgent, mended, not affected");
    noun->require_subcommand(1);
    add_feed_add(*noun, context);
    add_feed_list(*noun, context);
    add_feed_check(*noun, context);
}

}  // namespace patchlab::cli
