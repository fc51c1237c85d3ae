// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/families/package_family.hpp"
#include "orchestrator/images/image.hpp"
#include "orchestrator/intake/adder.hpp"
#include "orchestrator/intake/fetcher.hpp"
#include "orchestrator/pipeline/run/lab_store.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "platform/core/error.hpp"

namespace patchlab::cli {

namespace {

using intake::Patch;
using intake::PatchPackage;

std::string size_text(std::uint64_t bytes) {
    if (bytes >= 10U << 20) return std::to_string(bytes >> 20) + " MB";
    return std::to_string((bytes >> 10) + 1) + " kB";
}

// The patch's versions in one cell: those of the first package of its own that the image has.
std::string versions_text(const Patch& patch) {
    for (const PatchPackage& package : patch.packages)
        if (!package.prerequisite && !package.from.empty())
            return package.from + " → " + package.to;
    return "→ " + patch.version;
}

std::string advisories_text(const Patch& patch) {
    return patch.folder.empty() ? "?" : std::to_string(patch.advisories.size());
}

Json without_changelog(const Patch& patch) {
    Json json = intake::to_json(patch);
    json.erase("changelog");
    return json;
}

void print_patches(Context& context, const std::vector<Patch>& patches,
                   const std::string& when_none) {
    Json items = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const Patch& patch : patches) {
        Json item = without_changelog(patch);
        rows.push_back({patch.id, versions_text(patch), advisories_text(patch), patch.urgency,
                        size_text(intake::bytes_of(patch)), patch.reboot ? "yes" : "no"});
        items.push_back(std::move(item));
    }
    context.print({{"schema", "patchlab/patches/v1"}, {"patches", items}}, [&] {
        if (rows.empty()) std::cout << when_none << "\n";
        else print_table(context, {"ID", "FROM → TO", "CVES", "URGENCY", "SIZE", "REBOOT"}, rows);
    });
}

void print_patch(const Patch& patch, const std::vector<std::string>& users) {
    const auto line = [](const std::string& label, const std::string& text) {
        if (!text.empty())
            std::cout << label << std::string(label.size() < 12 ? 12 - label.size() : 1, ' ')
                      << one_line(text) << "\n";
    };
    line("patch", patch.id);
    line("source", patch.source + " " + patch.version);
    line("urgency", patch.urgency);
    line("advisories",
         patch.advisories.empty() ? "none named in the changelog" : joined(patch.advisories));
    line("reboot", patch.reboot ? "yes: " + patch.reboot_why : "no");
    line("restarts", joined(patch.restarts));
    line("verified",
         patch.verified ? "yes, by signature" : "no, a local file without a checked signature");
    line("added", patch.added);
    line("used by", joined(users));
    line("digest", patch.digest);
    line("folder", patch.folder.string());
    std::cout << "\npackages\n";
    for (const PatchPackage& package : patch.packages) {
        std::cout << "  " << package.name << ":" << package.architecture << "  "
                  << (!package.from.empty()            ? package.from
                      : package.origin == "local file" ? "(any)"
                                                       : "(new)")
                  << " → " << package.to << "  " << size_text(package.bytes) << "  "
                  << one_line(package.origin) << (package.prerequisite ? "  prerequisite" : "")
                  << "\n    sha256 " << package.sha256 << "\n";
        if (!package.from.empty())
            std::cout << "    way back: "
                      << (package.old_file.empty() ? "the exact old version could not be had"
                                                   : package.old_file)
                      << "\n";
    }
    std::cout << "\nchangelog\n"
              << (patch.changelog.empty() ? "  (not known)\n" : plain_text(patch.changelog));
}

struct FetchWords {
    std::string lab;
    std::vector<std::string> images;
    std::vector<std::string> sources;
    bool list_only = false;
};

std::vector<images::Image> images_of(Context& context, const FetchWords& words) {
    images::ImageStore store(context.state(), context.database());
    std::vector<images::Image> found;
    const auto add = [&](const std::string& name) {
        images::Image image = store.get(name);
        const bool known = std::any_of(found.begin(), found.end(), [&](const images::Image& other) {
            return other.digest == image.digest;
        });
        if (!known) found.push_back(std::move(image));
    };
    if (!words.lab.empty())
        for (const labdefs::Machine& machine :
             pipeline::LabStore(context.database()).get(words.lab).lab.machines)
            during("machine '" + machine.name + "' of lab '" + words.lab + "'",
                   [&] { add(machine.image); });
    for (const std::string& name : words.images) add(name);
    if (found.empty())
        throw Error(ErrorCode::usage, "name a lab or an image", "patchlab patch fetch --lab NAME");
    return found;
}

intake::FetchRequest fetch_request(Context& context, const FetchWords& words) {
    images::ImageStore store(context.state(), context.database());
    intake::FetchRequest request;
    request.state = context.state();
    std::map<std::string, std::string> releases;  // by family
    for (const images::Image& image : images_of(context, words)) {
        const std::string family = images::family_of(image);
        const std::string release = image.os.codename.empty() ? image.suite : image.os.codename;
        const auto [known, is_new] = releases.emplace(family, release);
        if (!is_new && !known->second.empty() && release != known->second)
            throw Error(
                ErrorCode::invalid,
                "the images are of different releases (" + known->second + ", " + release + ")",
                "fetch for one image at a time: --image NAME");
        known->second = release;
        if (is_new)
            request.sources[family] =
                families::family(family).host_sources(release, context.commands());
        intake::FetchImage one{image.name, store.package_database(image), {}, family};
        if (const fs::path pool = images::package_pool(image); fs::is_directory(pool))
            one.package_pool = pool;
        request.images.push_back(std::move(one));
    }
    request.only = words.sources;
    request.list_only = words.list_only;
    return request;
}

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
        during("fetching patches", [&] {
            intake::FetchRequest request = fetch_request(context, *words);
            request.progress = [&context](const std::string& text) {
                context.progress("fetching patches: " + text);
            };
            std::vector<std::string> notices;
            request.notice = [&notices](const std::string& text) { notices.push_back(text); };
            intake::PatchStore store(context.state(), context.database());
            const std::vector<Patch> patches =
                intake::fetch_patches(request, store, context.commands(), context.clock());
            context.progress_done();
            for (const std::string& notice : notices)
                std::cerr << "note: " << one_line(notice) << "\n";
            print_patches(context, patches, "Nothing is pending: the images are up to date.");
        });
    });
}

void add_patch_add(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "add", "take local packages in as candidate patches, one for each source package");
    auto request = std::make_shared<intake::AddRequest>();
    auto keyring = std::make_shared<std::string>();
    verb->add_option("FILE", request->files, "package files")->required();
    verb->add_option("--keyring", *keyring,
                     "keys that may sign them; FILE.asc or FILE.sig beside each file is checked");
    verb->add_flag("--require-signature", request->require_signature,
                   "refuse files without a good signature");
    add_json_flag(*verb, context);
    verb->callback([&context, request, keyring] {
        during("adding a patch", [&] {
            request->state = context.state();
            if (!keyring->empty()) request->keyring = *keyring;
            for (const images::Image& image :
                 images::ImageStore(context.state(), context.database()).list()) {
                if (!image.os.architecture.empty())
                    request->architectures.push_back(
                        families::family(images::family_of(image))
                            .architecture_of_machine(image.os.architecture));
                request->images.push_back({{}, images::package_pool(image)});
                for (const disk::InstalledPackage& package : image.os.packages)
                    request->images.back().packages[package.name] = package.version;
            }
            auto& known = request->architectures;
            std::sort(known.begin(), known.end());
            known.erase(std::unique(known.begin(), known.end()), known.end());
            intake::PatchStore store(context.state(), context.database());
            print_patches(context,
                          intake::add_files(*request, store, context.commands(), context.clock()),
                          "");
        });
    });
}

/// Runs that have ended since somebody looked have let go of their patches.
intake::PatchStore with_users_of_today(Context& context) {
    pipeline::RunStore(context.state(), context.database()).sync();
    return {context.state(), context.database()};
}

}  // namespace

void add_patch(CLI::App& app, Context& context) {
    CLI::App* noun =
        app.add_subcommand("patch", "candidate patches: what a vendor released, or local packages");
    noun->require_subcommand(1);
    add_fetch(*noun, context);
    add_patch_add(*noun, context);

    CLI::App* listing = noun->add_subcommand("list", "list the patches, newest first");
    add_json_flag(*listing, context);
    listing->callback([&context] {
        print_patches(context, intake::PatchStore(context.state(), context.database()).list(),
                      "No patches yet. Fetch some with: patchlab patch fetch --lab NAME");
    });

    auto id = std::make_shared<std::string>();
    CLI::App* show =
        noun->add_subcommand("show", "tell everything about a patch, its changelog included");
    show->add_option("ID", *id, "the patch")->required();
    add_json_flag(*show, context);
    show->callback([&context, id] {
        intake::PatchStore store = with_users_of_today(context);
        const Patch patch = store.get(*id);
        const std::vector<std::string> users = store.users(*id);
        Json json = intake::to_json(patch);
        json["users"] = users;
        json["folder"] = patch.folder.string();
        context.print(json, [&] { print_patch(patch, users); });
    });

    CLI::App* remove = noun->add_subcommand("remove", "remove a patch that no unfinished run uses");
    remove->add_option("ID", *id, "the patch")->required();
    add_json_flag(*remove, context);
    remove->callback([&context, id] {
        with_users_of_today(context).remove(*id);
        context.print({{"schema", "patchlab/removed/v1"}, {"patch", *id}},
                      [&] { std::cout << "patch " << *id << " removed\n"; });
    });
}

}  // namespace patchlab::cli
