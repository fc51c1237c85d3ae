// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/listing.hpp"
#include "orchestrator/cli/request.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/urgency_view.hpp"

namespace patchlab::cli {

namespace {

/// The answers of the CVE that decides, in the order of the table's columns.
Cells answers_of(const JsonReader& patch) {
    const std::vector<JsonReader> cves = patch.objects("cves");
    if (cves.empty()) return {"?", "?", "?", ""};
    Cells cells;
    for (const char* question : {"exploited", "automatable", "impact", "epss"})
        cells.push_back(cves.front().object(question).string_or("answer", "?"));
    return cells;
}

Cells ranked_cells(const JsonReader& patch) {
    const JsonReader stakes = patch.object("stakes");
    Cells cells{patch.string("id"), due_text(patch), patch.string_or("limit", "unknown"),
                patch.string_or("decided_by", "-")};
    const Cells answers = answers_of(patch);
    cells.push_back(answers[0]);
    cells.push_back(stakes.string_or("exposure", "?"));
    cells.insert(cells.end(), answers.begin() + 1, answers.end());
    cells.push_back(std::to_string(stakes.integer("host_count")));
    return cells;
}

void print_ranking(Context& context, const Json& document) {
    print_list(context, document, "patches",
               {"PATCH", "DUE", "LIMIT", "BY", "EXPLOITED", "EXPOSED", "AUTOMATABLE", "IMPACT",
                "EPSS", "HOSTS"},
               ranked_cells, "No patches. Fetch some with: patchlab patch fetch --lab NAME");
    if (context.for_programs() || document.at("patches").empty()) return;
    const JsonReader sums = JsonReader(document, "ranking").object("sums");
    if (const std::int64_t overdue = sums.integer("overdue"); overdue > 0)
        std::cerr << count_text(overdue, "patch", "patches") << " overdue on "
                  << count_text(sums.integer("overdue_host_count"), "host") << "\n";
    if (const std::int64_t assumed = sums.integer("assumed"); assumed > 0)
        std::cerr << count_text(assumed, "date") << " assumed: an answer that is not known (?) "
                  << "counts as the worse one\n";
}

}  // namespace

void add_patch_rank(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("rank", "rank the patches by due date, with the answers behind it");
    auto lab = std::make_shared<std::string>();
    auto by = std::make_shared<std::string>("bod-26-04");
    verb->add_option("--lab", *lab, "only patches for the machines of this lab");
    verb->add_option("--by", *by, "the decision table: bod-26-04 (default) or ssvc-deployer")
        ->check(CLI::IsMember({"bod-26-04", "ssvc-deployer"}));
    auto words = add_list_options(*verb, context, {});
    verb->callback([&context, lab, by, words] {
        Json request{{"by", *by}};
        put(request, "lab", *lab);
        print_ranking(context, context.invoke("patch.rank", list_request(*words, request)));
    });
}

void add_patch_history(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("history", "what became of earlier updates of a source package");
    auto source = std::make_shared<std::string>();
    verb->add_option("SOURCE", *source, "the source package")->required();
    add_output_options(*verb, context);
    verb->callback([&context, source] {
        const Json history = context.invoke("patch.history", {{"source", *source}});
        context.print(history, [&] { print_history(JsonReader(history, "history")); });
    });
}

}  // namespace patchlab::cli
