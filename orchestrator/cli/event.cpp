// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <memory>

#include "orchestrator/cli/listing.hpp"
#include "orchestrator/cli/request.hpp"
#include "platform/core/json_text.hpp"
#include "platform/core/text.hpp"

namespace patchlab::cli {

namespace {

struct EventWords {
    std::string after;
    std::int64_t limit = 100;
};

std::string event_text(const JsonReader& event) {
    std::string where = event.string("action");
    for (const char* key : {"ring", "host"})
        if (const std::string part = event.string_or(key, ""); !part.empty()) where += " " + part;
    return event.string("time") + "  " + event.string("subject") + "  " + where + "  " +
           event.string("text");
}

/// Each event as it comes: a line, or with --json a document a line.
class EventLines final : public TerminalEvents {
  public:
    explicit EventLines(bool for_programs) : for_programs_(for_programs) {}
    void event(const Json& event) override {
        if (for_programs_) std::cout << to_plain_line(event) << std::flush;
        else std::cout << one_line(event_text(JsonReader(event, "event"))) << "\n" << std::flush;
    }

  private:
    bool for_programs_;
};

void add_event_list(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "list", "what happened in runs and rollouts, and what was decided, oldest first");
    auto words = std::make_shared<EventWords>();
    verb->add_option("--after", words->after, "behind the event of this id")->type_name("ID");
    verb->add_option("--limit", words->limit, "at most so many (default: 100)")
        ->type_name("N")
        ->check(CLI::Range(1, 1000).description(""));
    add_output_options(*verb, context);
    verb->callback([&context, words] {
        Json request{{"limit", words->limit}};
        put(request, "after", words->after);
        const Json document = context.invoke("event.list", request);
        print_list(
            context, document, "events", {"TIME", "KIND", "SUBJECT", "WHAT", "TEXT", wide("ID")},
            [](const JsonReader& event) {
                return Cells{event.string("time"),   event.string("kind"), event.string("subject"),
                             event.string("action"), event.string("text"), event.string("id")};
            },
            "Nothing happened behind that.");
    });
}

void add_event_follow(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("follow", "print what happens, as it happens");
    auto after = std::make_shared<std::string>();
    verb->add_option("--after", *after, "from behind the event of this id (default: from now on)")
        ->type_name("ID");
    add_json_flag(*verb, context);
    verb->callback([&context, after] {
        Json request = Json::object();
        put(request, "after", *after);
        EventLines lines(context.for_programs());
        context.invoke("event.follow", request, lines);
    });
}

}  // namespace

void add_event(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand("event", "everything that happens, as one stream");
    noun->require_subcommand(1);
    add_event_list(*noun, context);
    add_event_follow(*noun, context);
}

}  // namespace patchlab::cli
