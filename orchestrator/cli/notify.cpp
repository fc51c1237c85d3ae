// SPDX-License-Identifier: Apache-2.0
//
// `notify`: where notices go, which of them were delivered, and another try for those that were
// not.
#include <iostream>

#include "orchestrator/cli/listing.hpp"
#include "orchestrator/cli/request.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/notify/target.hpp"

namespace patchlab::cli {

namespace {

/// "webhook https://hooks.example.org": of a target as a document holds it.
std::string label_of(const Json& target) {
    const auto targets = notify::notify_targets(Json::array({target}), "",
                                                [](const std::string&, const std::string&) {});
    return targets.empty() ? "" : one_line(notify::label(targets.front()));
}

std::string events_of(const JsonReader& target) {
    const std::vector<std::string> events = target.strings_or_empty("on");
    return events.empty() ? "all" : joined(events);
}

void print_targets(Context& context, const Json& document) {
    print_list(
        context, document, "targets", {"TARGET", "EVENTS"},
        [](const JsonReader& target) {
            return Cells{label_of(target.raw()), events_of(target)};
        },
        "No targets: nobody is told of anything. Name some with: patchlab notify add FILE");
}

void add_notify_check(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("check", "check a file of targets (schema patchlab/notify/v1)");
    auto file = std::make_shared<std::string>();
    verb->add_option("FILE", *file, "the YAML file")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, file] {
        Json request{{"with_secrets", !context.json}};
        put_definition(request, *file);
        const Json found = context.invoke("notify.check", request);
        if (!context.json) throw_mistakes(found, "reading " + *file);
        context.print(found, [&] {
            std::cout << *file << " is well defined: "
                      << count_text(found.at("targets").get<std::size_t>(), "target") << "\n";
        });
    });
}

void add_notify_add(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "add", "tell the targets of this file from now on, in place of those before (role admin)");
    auto file = std::make_shared<std::string>();
    verb->add_option("FILE", *file, "the YAML file; names of secret files in it are relative to it")
        ->required();
    add_json_flag(*verb, context);
    verb->callback([&context, file] {
        Json request;
        put_definition(request, *file);
        print_targets(context, context.invoke("notify.add", request));
    });
}

Cells delivery_row(const JsonReader& delivery) {
    const std::vector<JsonReader> tries = delivery.objects("tries");
    return {delivery.string("id"),
            delivery.string("state"),
            delivery.object("notice").string("event"),
            label_of(delivery.raw("target")),
            std::to_string(delivery.integer("tried")),
            tries.empty() ? "" : one_line(tries.back().string("detail"))};
}

void print_deliveries(Context& context, const Json& document) {
    print_list(context, document, "deliveries",
               {"DELIVERY", "STATE", "EVENT", "TARGET", "TRIES", "LAST ANSWER"}, delivery_row,
               "No deliveries.");
}

void add_notify_list(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("list", "list the deliveries of notices, newest first");
    auto open = std::make_shared<bool>(false);
    verb->add_flag("--open", *open, "only those that are not delivered");
    auto words = add_list_options(
        *verb, context, {{"--state", "state", "only those in this state, such as delivered"}});
    verb->callback([&context, open, words] {
        print_deliveries(context,
                         context.invoke("notify.list", list_request(*words, {{"open", *open}})));
    });
}

void print_delivery(const JsonReader& delivery) {
    const JsonReader notice = delivery.object("notice");
    std::cout << delivery.string("id") << "  " << delivery.string("state") << ", "
              << label_of(delivery.raw("target")) << "\n"
              << notice.string("event") << "  " << one_line(notice.string("text")) << "\n";
    for (const JsonReader& one : delivery.objects("tries"))
        std::cout << one.string("time") << "  " << one_line(one.string("detail")) << "\n";
}

void add_notify_show(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "show",
        "show a delivery with every attempt; without one, the targets of this installation");
    auto id = std::make_shared<std::string>();
    verb->add_option("DELIVERY", *id, "its id, as `notify list` tells it");
    add_output_options(*verb, context);
    verb->callback([&context, id] {
        if (id->empty())
            return print_targets(context, context.invoke("notify.targets", Json::object()));
        const Json delivery = context.invoke("notify.show", {{"delivery", *id}});
        context.print(delivery, [&] { print_delivery(JsonReader(delivery, "delivery")); });
    });
}

void add_retry(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "retry",
        "try again to deliver: these, or all that are not delivered; exit 1 when one still is not");
    auto ids = std::make_shared<std::vector<std::string>>();
    verb->add_option("DELIVERY", *ids, "ids, as `notify list` tells them");
    add_json_flag(*verb, context);
    verb->callback([&context, ids] {
        Json request = Json::object();
        put(request, "deliveries", *ids);
        print_deliveries(context, context.invoke("notify.retry", request));
    });
}

void add_test(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "test",
        "send a notice that says it is a test to every target; exit 1 when one does not take it");
    auto file = std::make_shared<std::string>();
    verb->add_option("FILE", *file,
                     "the targets of this file (default: those of this installation)");
    add_json_flag(*verb, context);
    verb->callback([&context, file] {
        Json request = Json::object();
        if (!file->empty()) put_definition(request, *file);
        const Json document = context.invoke("notify.test", request);
        context.print(document, [&] {
            Rows rows;
            for (const JsonReader& one : JsonReader(document, "test").objects("attempts"))
                rows.push_back({one_line(one.string("target")),
                                one.boolean("delivered") ? "delivered" : "not delivered",
                                one_line(one.string("detail"))});
            print_table(context, {"TARGET", "STATE", "ANSWER"}, rows);
        });
    });
}

}  // namespace

void add_notify(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand(
        "notify", "who is told when an approval is wanted, a ring starts or ends, a rollout halts");
    noun->require_subcommand(1);
    add_notify_check(*noun, context);
    add_notify_add(*noun, context);
    add_notify_show(*noun, context);
    add_test(*noun, context);
    add_notify_list(*noun, context);
    add_retry(*noun, context);
}

}  // namespace patchlab::cli
