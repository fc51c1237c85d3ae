// SPDX-License-Identifier: Apache-2.0
//
// `gc`: retention. What an entry, a decision or the audit trail refers to stays.
#include <iostream>

#include "orchestrator/cli/options.hpp"
#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

namespace {

struct GcWords {
    std::int64_t keep_days = 90;
    std::int64_t keep = 20;
};

void print_garbage(Context& context, const Json& document) {
    const JsonReader garbage(document, "garbage");
    Rows rows;
    for (const JsonReader& one : garbage.objects("items"))
        rows.push_back({one.string("kind"), one.string("subject"), size_text(one.integer("bytes")),
                        one.string("why")});
    if (rows.empty()) return print_hint(context, "Nothing to remove.");
    print_table(context, {"KIND", "SUBJECT", "SIZE", "WHY"}, rows);
}

void collect(Context& context, const GcWords& words, const Caution& caution) {
    const Json request{{"keep_days", words.keep_days}, {"keep", words.keep}};
    const Json garbage = context.invoke("host.garbage", request);
    if (caution.dry_run || garbage.at("items").empty())
        return context.print(garbage, [&] { print_garbage(context, garbage); });
    if (!context.for_programs()) print_garbage(context, garbage);
    const std::string all = count_text(garbage.at("items").size(), "thing") + " (" +
                            size_text(garbage.at("bytes").get<std::int64_t>()) + ")";
    go_ahead(context, caution, "remove " + all);
    const Json removed = context.invoke("host.gc", request);
    context.print(removed, [&] { std::cout << "removed " << all << "\n"; });
}

}  // namespace

void add_gc(CLI::App& app, Context& context) {
    CLI::App* verb = app.add_subcommand(
        "gc", "remove old runs, checkpoints and patches that nothing refers to (role admin)");
    auto words = std::make_shared<GcWords>();
    verb->add_option("--keep-days", words->keep_days,
                     "runs and patches of the last so many days stay (default: 90)")
        ->type_name("DAYS")
        ->check(CLI::Range(0, 36500).description(""));
    verb->add_option("--keep", words->keep,
                     "the newest so many runs of each lab stay (default: 20)")
        ->type_name("COUNT")
        ->check(CLI::Range(0, 1'000'000).description(""));
    auto caution = add_caution(*verb);
    add_json_flag(*verb, context);
    verb->callback([&context, words, caution] { collect(context, *words, *caution); });
}

}  // namespace patchlab::cli
