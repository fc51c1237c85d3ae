// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iostream>

#include "orchestrator/cli/listing.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/urgency_view.hpp"
#include "platform/core/error.hpp"

namespace patchlab::cli {

namespace {

// The patch's versions in one cell: those of the first package of its own that the image has.
std::string versions_text(const JsonReader& patch) {
    for (const JsonReader& package : patch.objects("packages"))
        if (!package.boolean("prerequisite") && !package.string("from").empty())
            return package.string("from") + " → " + package.string("to");
    return "→ " + patch.string("version");
}

std::string advisories_text(const JsonReader& patch) {
    return patch.boolean("downloaded") ? std::to_string(patch.strings("advisories").size()) : "?";
}

void print_patches(Context& context, const Json& document, const std::string& when_none) {
    print_list(
        context, document, "patches", {"ID", "FROM → TO", "CVES", "URGENCY", "SIZE", "REBOOT"},
        [](const JsonReader& patch) {
            return Cells{patch.string("id"),
                         versions_text(patch),
                         advisories_text(patch),
                         patch.string("urgency"),
                         size_text(patch.integer("bytes")),
                         patch.boolean("reboot") ? "yes" : "no"};
        },
        when_none);
}

std::string from_text(const JsonReader& package) {
    const std::string from = package.string("from");
    if (!from.empty()) return from;
    return package.string("origin") == "local file" ? "(any)" : "(new)";
}

void print_package(const JsonReader& package) {
    std::cout << "  " << package.string("name") << ":" << package.string("architecture") << "  "
              << from_text(package) << " → " << package.string("to") << "  "
              << size_text(package.integer("bytes")) << "  " << one_line(package.string("origin"))
              << (package.boolean("prerequisite") ? "  prerequisite" : "") << "\n    sha256 "
              << package.string("sha256") << "\n";
    if (package.string("from").empty()) return;
    const std::string old = package.string("old_file");
    std::cout << "    way back: " << (old.empty() ? "the exact old version could not be had" : old)
              << "\n";
}

/// Each line two blanks further in, so that none looks like a line of ours.
std::string indented(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        out += "  " + std::string(text.substr(0, end)) + "\n";
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::string verified_text(const JsonReader& patch) {
    if (patch.boolean("verified")) return "yes, by signature";
    for (const JsonReader& package : patch.objects("packages"))
        if (package.string("origin") != "local file")
            return "no, the repository " + one_line(package.string("origin")) +
                   " asks for no signature";
    return "no, a local file without a checked signature";
}

void print_patch(const JsonReader& patch) {
    const auto line = [](const std::string& label, const std::string& text) {
        std::cout << labelled(label, text, 12);
    };
    const std::vector<std::string> advisories = patch.strings("advisories");
    const std::string changelog = patch.string("changelog");
    line("patch", patch.string("id"));
    line("source", patch.string("source") + " " + patch.string("version"));
    line("urgency", patch.string("urgency"));
    line("advisories", advisories.empty() ? "none named in the changelog" : joined(advisories));
    line("reboot", patch.boolean("reboot") ? "yes: " + patch.string("reboot_why") : "no");
    line("restarts", joined(patch.strings("restarts")));
    line("verified", verified_text(patch));
    line("added", patch.string("added"));
    line("used by", joined(patch.strings("users")));
    line("digest", patch.string("digest"));
    line("folder", patch.string("folder"));
    std::cout << "\npackages\n";
    for (const JsonReader& package : patch.objects("packages")) print_package(package);
    print_urgency(patch.object("ranking"));
    print_history(patch.object("history"));
    std::cout << "\nchangelog\n" << indented(changelog.empty() ? "(not known)" : changelog);
}

struct FetchWords {
    std::string lab;
    std::vector<std::string> images;
    std::vector<std::string> sources;
    bool list_only = false;
};

void add_fetch(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("fetch",
                                         "look for what the vendor released for a lab's images, "
                                         "and take it in as candidate patches");
    auto words = std::make_shared<FetchWords>();
    verb->add_option("--lab", words->lab, "the lab whose images are looked at");
    verb->add_option("--image", words->images, "an image to look at (may be repeated)");
    verb->add_option("--source", words->sources,
                     "only this source or binary package (may be repeated)");
    verb->add_flag("--list-only", words->list_only, "show what is pending, download nothing");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        Json request{{"images", words->images}, {"sources", words->sources}};
        if (!words->lab.empty()) request["lab"] = words->lab;
        const Json patches =
            context.invoke(words->list_only ? "patch.pending" : "patch.fetch", request);
        print_patches(context, patches, "Nothing is pending: the images are up to date.");
    });
}

void add_patch_add(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "add", "take local packages in as candidate patches, one for each source package");
    auto files = std::make_shared<std::vector<std::string>>();
    auto keyring = std::make_shared<std::string>();
    auto require_signature = std::make_shared<bool>(false);
    verb->add_option("FILE", *files, "package files")->required();
    verb->add_option("--keyring", *keyring,
                     "keys that may sign them; FILE.asc or FILE.sig beside each file is checked");
    verb->add_flag("--require-signature", *require_signature,
                   "refuse files without a good signature");
    add_json_flag(*verb, context);
    verb->callback([&context, files, keyring, require_signature] {
        Json request{{"files", *files}, {"require_signature", *require_signature}};
        if (!keyring->empty()) request["keyring"] = *keyring;
        print_patches(context, context.invoke("patch.add", request), "");
    });
}

}  // namespace

void add_patch(CLI::App& app, Context& context) {
    CLI::App* noun =
        app.add_subcommand("patch", "candidate patches: what a vendor released, or local packages");
    noun->require_subcommand(1);
    add_fetch(*noun, context);
    add_patch_add(*noun, context);

    CLI::App* listing = noun->add_subcommand("list", "list the patches, newest first");
    auto words = add_list_options(*listing, context,
                                  {{"--source", "source", "only of this source package"},
                                   {"--cve", "advisories", "only what mends this"},
                                   {"--urgency", "urgency", "only of this urgency"}});
    listing->callback([&context, words] {
        print_patches(context, context.invoke("patch.list", list_request(*words)),
                      "No patches yet. Fetch some with: patchlab patch fetch --lab NAME");
    });

    auto id = std::make_shared<std::string>();
    CLI::App* show =
        noun->add_subcommand("show", "tell everything about a patch, its changelog included");
    show->add_option("ID", *id, "the patch")->required();
    add_output_options(*show, context);
    show->callback([&context, id] {
        const Json patch = context.invoke("patch.show", {{"patch", *id}});
        context.print(patch, [&] { print_patch(JsonReader(patch, "patch")); });
    });

    add_patch_rank(*noun, context);
    add_patch_history(*noun, context);
    CLI::App* remove = noun->add_subcommand("remove", "remove a patch that no unfinished run uses");
    remove->add_option("ID", *id, "the patch")->required();
    add_json_flag(*remove, context);
    remove->callback([&context, id] {
        const Json removed = context.invoke("patch.remove", {{"patch", *id}});
        context.print(removed, [&] { std::cout << "patch " << *id << " removed\n"; });
    });
}

}  // namespace patchlab::cli
