// SPDX-License-Identifier: Apache-2.0
//
// `node`: lab hosts that work runs for a head. On the head: add, list, show, revoke, serve. On a
// lab host: init, check, work, drain.
#include <iostream>
#include <memory>

#include "orchestrator/cli/listing.hpp"
#include "orchestrator/cli/options.hpp"
#include "orchestrator/cli/request.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/operations/node_process.hpp"
#include "platform/core/files.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::cli {

namespace {

void add_node_add(CLI::App& noun, Context& context) {
    struct Words {
        std::string node, key;
    };
    CLI::App* verb = noun.add_subcommand("add", "let a lab host work runs, by its public key");
    auto words = std::make_shared<Words>();
    verb->add_option("NAME", words->node, "the name that the host was given with node init")
        ->required();
    verb->add_option("--key", words->key, "its public key (PEM), which node init wrote")
        ->type_name("FILE")
        ->required();
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        const Json document = context.invoke(
            "node.add", {{"node", words->node}, {"public_key", text_file(words->key)}});
        context.print(document, [&] {
            const JsonReader node = JsonReader(document, "node").object("node");
            std::cout << "node '" << node.string("name") << "' may work runs; key "
                      << node.string("key").substr(0, 12) << "\n";
        });
    });
}

Cells node_row(const JsonReader& node) {
    return {node.string("name"),
            node.string("key").substr(0, 12),
            node.string("state"),
            node.string_or("seen", "never"),
            std::to_string(node.integer("delivered")),
            node.string("added"),
            node.string_or("reason", "-")};
}

void add_node_list(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("list", "list the lab hosts that may work runs, the revoked ones too");
    auto words = add_list_options(*verb, context,
                                  {{"--state", "state", "only active or only revoked ones"}});
    verb->callback([&context, words] {
        const Json document = context.invoke("node.list", list_request(*words));
        print_list(context, document, "nodes",
                   {"NODE", "KEY", "STATE", "SEEN", "RUNS", wide("ADDED"), wide("REASON")},
                   node_row, "No nodes yet: add one with `patchlab node add NAME --key FILE`.");
    });
}

void print_runs_of(const JsonReader& document) {
    for (const JsonReader& run : document.objects("runs"))
        std::cout << "  " << run.string("run") << "  attempt " << run.integer("attempt") << "  "
                  << run.string("time") << "\n";
}

void add_node_show(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("show", "show a lab host and the runs whose evidence it handed in");
    auto node = std::make_shared<std::string>();
    verb->add_option("NAME", *node, "its name, of node list")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, node] {
        const Json document = context.invoke("node.show", {{"node", *node}});
        context.print(document, [&] {
            const JsonReader in(document, "node");
            const JsonReader known = in.object("node");
            std::cout << "node '" << known.string("name") << "': " << known.string("state")
                      << ", key " << known.string("key") << ", added " << known.string("added")
                      << " by " << known.string("added_by") << ", last seen "
                      << known.string_or("seen", "never") << "\n";
            print_runs_of(in);
        });
    });
}

void add_node_revoke(CLI::App& noun, Context& context) {
    struct Words {
        std::string node, reason;
    };
    CLI::App* verb = noun.add_subcommand(
        "revoke", "somebody else had the host or its key: it is refused from now on");
    auto words = std::make_shared<Words>();
    verb->add_option("NAME", words->node, "its name, of node list")->required();
    verb->add_option("--reason", words->reason, "why")->required();
    auto caution = add_caution(*verb);
    add_json_flag(*verb, context);
    verb->callback([&context, words, caution] {
        if (!go_ahead(context, *caution, "revoke node " + words->node)) return;
        const Json document =
            context.invoke("node.revoke", {{"node", words->node}, {"reason", words->reason}});
        context.print(document, [&] {
            std::cout << "node '" << words->node << "' is revoked\n";
            const JsonReader in(document, "node");
            if (in.objects("runs").empty()) return;
            std::cout << "it handed in these runs; rehearse again what you do not trust:\n";
            print_runs_of(in);
        });
    });
}

struct InitWords {
    operations::NodeSetup setup;
    std::string head_key_file, key_file;
    std::uint64_t cache_bytes = 0, keep_free = 0;
};

void init_node(Context& context, const InitWords& words) {
    operations::NodeSetup setup = words.setup;
    if (!words.head_key_file.empty()) setup.head_keys = read_file(words.head_key_file, 1U << 20);
    if (words.cache_bytes > 0) setup.cache_bytes = words.cache_bytes;
    if (words.keep_free > 0) setup.keep_free = words.keep_free;
    const Json document = operations::set_up_node(context.session(), setup);
    const JsonReader in(document, "node");
    if (!words.key_file.empty()) write_file_atomic(words.key_file, in.string("public_key"));
    context.print(document, [&] {
        if (words.key_file.empty()) std::cout << Exact{in.string("public_key")};
        print_hint(context, "On the head: patchlab node add " + in.string("node") + " --key FILE");
    });
}

void add_node_size(CLI::App& verb, const char* name, std::uint64_t& bytes, const char* help) {
    verb.add_option(name, bytes, help)
        ->type_name("SIZE")
        ->transform(CLI::AsSizeValue(false).description(""));
}

void add_node_init(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("init", "make this host a node: its name, its key, its head");
    auto words = std::make_shared<InitWords>();
    verb->add_option("NAME", words->setup.name, "the name of this host on the head")->required();
    verb->add_option("--head", words->setup.head,
                     "how it reaches the head: ssh://USER@HOST, unix:PATH or local:STATE-FOLDER")
        ->type_name("ADDRESS");
    verb->add_option("--head-key", words->head_key_file,
                     "the head's public keys (patchlab key export): no other head is served")
        ->type_name("FILE");
    add_node_size(*verb, "--cache", words->cache_bytes,
                  "most bytes of images, patches and prepared labs, such as 200GiB");
    add_node_size(*verb, "--keep-free", words->keep_free, "bytes of the disk that stay free");
    verb->add_option("--files", words->setup.files,
                     "a web server that serves images/ and patches/ of the head's state folder")
        ->type_name("URL");
    verb->add_option("--drain", words->setup.drain,
                     "program that takes this host out of service; gets the reason as its last "
                     "argument")
        ->type_name("PROGRAM");
    verb->add_option("-o,--output", words->key_file, "write the public key to this file")
        ->type_name("FILE");
    add_json_flag(*verb, context);
    verb->callback([&context, words] { init_node(context, *words); });
}

void print_node_check(const JsonReader& check) {
    std::cout << "node '" << check.string("node")
              << "': " << (check.boolean("ready") ? "ready" : "not ready") << "\n"
              << "  " << check.string_or("emulator", "no emulator") << ", "
              << check.integer("cores") << " processors, " << check.integer("memory_mib")
              << " MiB of memory, " << size_text(check.integer("free_bytes")) << " free\n";
    for (const std::string& problem : check.strings("problems"))
        std::cout << "  problem: " << problem << "\n";
    for (const JsonReader& content : check.objects("contents"))
        std::cout << "  " << content.string("key").substr(0, 24) << "  "
                  << size_text(content.integer("bytes"))
                  << (content.boolean("in_use") ? "  in use" : "") << "\n";
}

void add_node_check(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("check", "can this host work runs as a node?");
    add_json_flag(*verb, context);
    verb->callback([&context] {
        const Json document = operations::check_node(context.session());
        const JsonReader in(document, "node check");
        context.print(document, [&] { print_node_check(in); });
        if (!in.boolean("ready")) context.exit = 3;
    });
}

void add_node_work(CLI::App& noun, Context& context, const char* name) {
    struct Words {
        std::string run;
        int attempt = 0;
    };
    CLI::App* verb = noun.add_subcommand(
        name, "work one attempt of a run for the head; the scheduler's job runs this");
    if (std::string_view(name) != "work") verb->group("");  // a second name is not listed
    auto words = std::make_shared<Words>();
    verb->add_option("RUN", words->run, "the run")->required();
    verb->add_option("--attempt,ATTEMPT", words->attempt, "the number of the attempt")
        ->type_name("N")
        ->required()
        ->check(CLI::Range(1, 999999).description(""));
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        context.exit = operations::work_for_head(context.session(), environment("PATCHLAB_HEAD"),
                                                 words->run, words->attempt);
    });
}

void add_node_drain(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "drain", "take this host out of service with the program of node init --drain");
    auto reason = std::make_shared<std::string>();
    verb->add_option("REASON", *reason, "why, for whoever looks after the hosts")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, reason] { operations::take_node_out(context.session(), *reason); });
}

void add_node_serve(CLI::App& noun, Context& context) {
    struct Words {
        std::string listen, node;
    };
    CLI::App* verb = noun.add_subcommand(
        "serve", "serve the node at standard input and output, as a forced command of ssh");
    auto words = std::make_shared<Words>();
    verb->add_option("--listen", words->listen, "serve all that connect to this socket instead")
        ->type_name("PATH");
    verb->add_option("--node", words->node, "the one node that may call")->type_name("NAME");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        operations::serve_nodes(context.session(), words->listen, words->node);
    });
}

}  // namespace

void add_node(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand("node", "lab hosts that work runs for this installation");
    noun->require_subcommand(1);
    add_node_add(*noun, context);
    add_node_list(*noun, context);
    add_node_show(*noun, context);
    add_node_revoke(*noun, context);
    add_node_init(*noun, context);
    add_node_check(*noun, context);
    add_node_work(*noun, context, "work");
    add_node_work(*noun, context, "run");
    add_node_drain(*noun, context);
    add_node_serve(*noun, context);
}

}  // namespace patchlab::cli
