// SPDX-License-Identifier: Apache-2.0
//
// `change show`: the change-control document of a run or of a catalog entry, for people who were
// not there.
#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/output.hpp"
#include "orchestrator/cli/request.hpp"
#include "platform/core/json_text.hpp"

namespace patchlab::cli {

namespace {

constexpr std::uint64_t max_hosts_bytes = 64U << 20;

struct ShowChangeWords {
    std::string id, format = "markdown", file, hosts, window;
};

void show_change(Context& context, const ShowChangeWords& words) {
    Json request{{"id", words.id}, {"format", context.json ? "json" : words.format}};
    put(request, "window", words.window);
    if (!words.hosts.empty()) request["hosts"] = text_file(words.hosts, max_hosts_bytes);
    const Json document = context.invoke_exact("change.show", request);
    write_output(document.at("schema") == "patchlab/rendered/v1"
                     ? document.at("text").get<std::string>()
                     : to_plain_text(document),
                 words.file);
}

}  // namespace

void add_change(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand(
        "change",
        "change-control documents: what comes, why, when, who approved it, how to go back");
    noun->require_subcommand(1);
    CLI::App* verb = noun->add_subcommand("show",
                                          "the change-control document of a run or a catalog "
                                          "entry, from sealed evidence and signed rulings alone");
    auto words = std::make_shared<ShowChangeWords>();
    verb->add_option("RUN|ENTRY", words->id, "the run (r-…) or the catalog entry (e-…)")
        ->required();
    verb->add_option("--format", words->format,
                     "markdown (default), html (one self-contained page) or json")
        ->check(CLI::IsMember({"html", "markdown", "json"}));
    verb->add_option("-o,--output", words->file,
                     "write to this file (whole or not at all) instead of stdout")
        ->type_name("FILE");
    verb->add_option("--hosts", words->hosts,
                     "who gets it, instead of whom the inventory says: "
                     "NAME[,criticality[,owner[,window]]] a line, or JSON with a list `hosts`")
        ->type_name("FILE");
    verb->add_option("--window", words->window,
                     "when, in words: \"Tuesday 22:00-04:00 Europe/Zurich\"")
        ->type_name("TEXT");
    verb->add_flag("--json", context.json, "as --format json")
        ->excludes(verb->get_option("--format"));
    verb->callback([&context, words] { show_change(context, *words); });
}

}  // namespace patchlab::cli
