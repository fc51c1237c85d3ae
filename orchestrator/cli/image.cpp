// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <iostream>

#include "orchestrator/cli/listing.hpp"
#include "orchestrator/cli/request.hpp"
#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

namespace {

/// Of packages, or of package sources.
constexpr std::uint64_t max_list_bytes = 64U << 20;

void print_image(const JsonReader& image) {
    const JsonReader os = image.object("os");
    const std::string suite = image.string("suite");
    std::cout << "name         " << image.string("name")
              << "\ndigest       sha256:" << image.string("digest") << "\nfile         "
              << image.string("file") << "\nsystem       " << os.string("product")
              << "\norigin       " << image.string("origin")
              << (suite.empty() ? "" : " from " + suite)
              << (image.boolean_or("own_sources", false) ? ", package sources of its own" : "")
              << "\ncreated      " << image.string("created") << "\ndisk         "
              << size_text(image.integer("virtual_bytes")) << ", file "
              << size_text(image.integer("file_bytes")) << "\nboots by     "
              << os.string("boot_mode");
    if (!image.string("kernel").empty()) std::cout << "\nkernel       " << image.string("kernel");
    std::cout << "\nguest agent  " << (os.boolean("guest_agent") ? "yes" : "no")
              << "\npackages     " << image.integer("package_count") << '\n';
    for (const JsonReader& one : image.objects("deviations")) {
        const std::string got = one.string("got");
        std::cout << "deviation    " << one.string("package") << ": asked " << one.string("asked")
                  << ", got " << (got.empty() ? "nothing" : got) << '\n';
    }
    for (const std::string& warning : image.strings("warnings"))
        std::cout << "warning      " << warning << '\n';
    if (!image.has("packages")) return;
    for (const JsonReader& package : image.objects("packages"))
        std::cout << package.string("name") << '\t' << package.string("version") << '\n';
}

void show(Context& context, const Json& image) {
    context.print(image, [&] { print_image(JsonReader(image, "image")); });
}

struct BuildWords {
    std::string name;
    std::string family = "deb";
    std::string boot = "bios";
    std::vector<std::string> suites;
    std::vector<std::string> packages;
    std::string size = "3G";
    std::string like;
    std::string sources;
    std::string keyring;
    bool nearest = false;
    bool replace = false;
};

void build(Context& context, const BuildWords& words) {
    Json request{{"name", words.name},       {"family", words.family},     {"boot", words.boot},
                 {"suites", words.suites},   {"packages", words.packages}, {"size", words.size},
                 {"nearest", words.nearest}, {"replace", words.replace}};
    if (!words.like.empty()) request["like"] = text_file(words.like, max_list_bytes);
    if (!words.sources.empty()) request["sources"] = text_file(words.sources, max_list_bytes);
    if (!words.keyring.empty())
        request["keyring"] = std::filesystem::absolute(words.keyring).string();
    show(context, context.invoke("image.build", request));
}

void add_build(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "build", "build an image that boots from its own disk, with a guest agent");
    auto words = std::make_shared<BuildWords>();
    verb->add_option("NAME", words->name, "the image's name")->required();
    verb->add_option("--suite,--release", words->suites,
                     "release of the distribution, as the package sources name it (bookworm); "
                     "exactly those named, the main one first")
        ->required();
    verb->add_option("--family", words->family,
                     "of the image's packages: deb, or rpm, for which the packages of the release "
                     "and its pending updates are converted (a synthetic EL)")
        ->capture_default_str();
    verb->add_option("--boot", words->boot, "what the machine starts by: bios or uefi")
        ->capture_default_str();
    verb->add_option("--sources", words->sources,
                     "file with the package sources of another release or vendor (deb822, or one "
                     "a line), instead of this host's; kept with the image, for its patches");
    verb->add_option("--keyring", words->keyring,
                     "file with the keys of those sources that name none");
    verb->add_option("--package", words->packages,
                     "package to install, or PACKAGE=VERSION; may be repeated");
    verb->add_option("--like", words->like,
                     "file that lists a host's packages and versions, as `dpkg-query -W` or `dpkg "
                     "-l` writes it");
    verb->add_flag(
        "--nearest", words->nearest,
        "take the nearest version where the archive has not the one listed, and record it");
    verb->add_option("--size", words->size, "size of the disk")->capture_default_str();
    verb->add_flag("--replace", words->replace, "let the name lead to the new image");
    add_json_flag(*verb, context);
    verb->callback([&context, words] { build(context, *words); });
}

void add_import(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "import", "import a disk: qcow2, raw, vmdk or vhdx; the source is only read");
    auto name = std::make_shared<std::string>();
    auto file = std::make_shared<std::string>();
    auto format = std::make_shared<std::string>();
    auto replace = std::make_shared<bool>(false);
    verb->add_option("NAME", *name, "the image's name")->required();
    verb->add_option("FILE", *file, "the disk")->required();
    verb->add_option("--format", *format,
                     "qcow2, raw, vmdk or vhdx, where name and content do not tell");
    verb->add_flag("--replace", *replace, "let the name lead to the new image");
    add_json_flag(*verb, context);
    verb->callback([&context, name, file, format, replace] {
        show(context,
             context.invoke("image.import", {{"name", *name},
                                             {"file", std::filesystem::absolute(*file).string()},
                                             {"format", *format},
                                             {"replace", *replace}}));
    });
}

Cells image_row(const JsonReader& image) {
    return {image.string("name"),
            image.object("os").string("product"),
            image.string("origin"),
            image.string("kernel"),
            number_text(static_cast<std::uint64_t>(image.integer("package_count"))),
            size_text(image.integer("file_bytes")),
            image.string("created"),
            image.string("digest").substr(0, 12)};
}

void add_image_list(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("list", "list the images");
    auto words = add_list_options(
        *verb, context, {{"--origin", "origin", "only of this origin: built or imported"}});
    verb->callback([&context, words] {
        const Json document = context.invoke("image.list", list_request(*words));
        print_list(
            context, document, "images",
            {"IMAGE", "SYSTEM", "ORIGIN", "KERNEL", "PACKAGES", "SIZE", "CREATED", "DIGEST"},
            image_row,
            "No images yet. Build one with: patchlab image build NAME --suite SUITE, or import a "
            "disk: patchlab image import NAME FILE");
    });
}

void add_image_show(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("show", "show an image");
    auto name = std::make_shared<std::string>();
    auto packages = std::make_shared<bool>(false);
    verb->add_option("NAME", *name, "the image")->required();
    verb->add_flag("--packages", *packages, "with the installed packages");
    add_output_options(*verb, context);
    verb->callback([&context, name, packages] {
        show(context, context.invoke("image.show", {{"image", *name}, {"packages", *packages}}));
    });
}

void add_image_remove(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("remove", "remove an image that nothing uses");
    auto name = std::make_shared<std::string>();
    verb->add_option("NAME", *name, "the image")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, name] {
        const Json removed = context.invoke("image.remove", {{"image", *name}});
        context.print(removed, [&] { std::cout << "image '" << *name << "' removed\n"; });
    });
}

}  // namespace

void add_image(CLI::App& app, Context& context) {
    CLI::App* noun =
        app.add_subcommand("image", "golden images: immutable disks that labs are cloned from");
    noun->require_subcommand(1);
    add_build(*noun, context);
    add_import(*noun, context);
    add_image_list(*noun, context);
    add_image_show(*noun, context);
    add_image_remove(*noun, context);
}

}  // namespace patchlab::cli
