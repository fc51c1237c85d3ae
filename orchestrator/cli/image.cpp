// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/backends.hpp"
#include "orchestrator/cli/context.hpp"
#include "orchestrator/images/builder.hpp"
#include "orchestrator/images/image.hpp"
#include "orchestrator/images/importer.hpp"
#include "orchestrator/images/workshop.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/disk/image/libguestfs_disk.hpp"

namespace patchlab::cli {

namespace {

std::string mebibytes(std::uint64_t bytes) {
    return std::to_string((bytes + (1U << 19)) >> 20) + " MiB";
}

void print_image(Context& context, const images::Image& image, bool with_packages) {
    context.print(images::to_json(image, with_packages), [&] {
        std::cout << "name         " << image.name << "\ndigest       sha256:" << image.digest
                  << "\nfile         " << image.file.string() << "\nsystem       "
                  << image.os.product << "\norigin       " << image.origin
                  << (image.suite.empty() ? "" : " from " + image.suite) << "\ncreated      "
                  << image.created << "\ndisk         " << mebibytes(image.virtual_bytes)
                  << ", file " << mebibytes(image.file_bytes) << "\nboots by     "
                  << image.os.boot_mode;
        if (!image.kernel.empty()) std::cout << "\nkernel       " << image.kernel;
        std::cout << "\nguest agent  " << (image.os.guest_agent ? "yes" : "no") << "\npackages     "
                  << image.os.packages.size() << '\n';
        for (const auto& one : image.deviations)
            std::cout << "deviation    " << one.package << ": asked " << one.asked << ", got "
                      << (one.got.empty() ? "nothing" : one.got) << '\n';
        for (const auto& warning : image.warnings) std::cout << "warning      " << warning << '\n';
        if (!with_packages) return;
        for (const auto& package : image.os.packages)
            std::cout << package.name << '\t' << package.version << '\n';
    });
}

/// Before minutes of work, not after them.
void refuse_taken_name(images::ImageStore& store, const std::string& name, bool replace) {
    images::check_image_name(name);
    if (!replace && store.find(name))
        throw Error(ErrorCode::conflict, "there is an image '" + name + "' already",
                    "choose another name, or --replace it");
}

images::Image make(
    Context& context, const std::string& name, bool replace,
    const std::function<void(const images::BuildFolder&, const fs::path& short_root)>& work) {
    images::ImageStore store(context.state(), context.database());
    refuse_taken_name(store, name, replace);
    images::Workshop workshop(context.state());
    workshop.run([&](const fs::path& short_root) { work(workshop.folder(), short_root); });
    context.progress("image " + name + ": adding it to the store");
    const images::Image image = workshop.deliver(store, replace);
    context.progress_done();
    for (const auto& warning : image.warnings) std::cerr << "warning: " << warning << '\n';
    return image;
}

struct BuildWords {
    images::BuildRequest request;
    std::string size = "3G";
    std::string like;
    bool replace = false;
};

void build(Context& context, BuildWords& words) {
    words.request.bytes = images::parse_size(words.size);
    if (!words.like.empty())
        words.request.host = images::parse_package_list(read_file(words.like), words.like);
    images::check_request(words.request);
    const auto& name = words.request.name;
    const auto image = make(context, name, words.replace,
                            [&](const images::BuildFolder& folder, const fs::path& short_root) {
                                const auto progress = [&](std::string_view step) {
                                    context.progress("image " + name + ": " + std::string(step));
                                };
                                progress("looking at this host");
                                const auto backend = make_backend(context);
                                images::build_image(words.request, folder,
                                                    {&context.commands(),
                                                     &context.clock(),
                                                     {backend.acceleration, backend.open_hypervisor,
                                                      backend.open_channel, short_root},
                                                     progress});
                            });
    print_image(context, image, false);
}

void add_build(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "build", "build a Debian image that boots from its own disk, with a guest agent");
    auto words = std::make_shared<BuildWords>();
    verb->add_option("NAME", words->request.name, "the image's name")->required();
    verb->add_option(
            "--suite", words->request.suites,
            "suite of this host's package sources; exactly those named, the main one first")
        ->required();
    verb->add_option("--package", words->request.packages,
                     "package to install, or PACKAGE=VERSION; may be repeated");
    verb->add_option("--like", words->like,
                     "file that lists a host's packages and versions, as `dpkg-query -W` or `dpkg "
                     "-l` writes it");
    verb->add_flag(
        "--nearest", words->request.nearest,
        "take the nearest version where the archive has not the one listed, and record it");
    verb->add_option("--size", words->size, "size of the disk")->capture_default_str();
    verb->add_flag("--replace", words->replace, "let the name lead to the new image");
    add_json_flag(*verb, context);
    verb->callback([&context, words] { build(context, *words); });
}

void add_import(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "import", "import a disk: qcow2, raw, vmdk or vhdx; the source is only read");
    auto request = std::make_shared<images::ImportRequest>();
    auto file = std::make_shared<std::string>();
    auto replace = std::make_shared<bool>(false);
    verb->add_option("NAME", request->name, "the image's name")->required();
    verb->add_option("FILE", *file, "the disk")->required();
    verb->add_option("--format", request->format,
                     "qcow2, raw, vmdk or vhdx, where name and content do not tell");
    verb->add_flag("--replace", *replace, "let the name lead to the new image");
    add_json_flag(*verb, context);
    verb->callback([&context, request, file, replace] {
        request->source = fs::absolute(*file);
        images::check_image_name(request->name);
        images::format_of(*request);
        const auto image =
            make(context, request->name, *replace,
                 [&](const images::BuildFolder& folder, const fs::path&) {
                     const auto progress = [&](std::string_view step) {
                         context.progress("image " + request->name + ": " + std::string(step));
                     };
                     disk::LibguestfsOptions options;
                     options.acceleration = virt::name(make_backend(context).acceleration);
                     const auto offline = disk::open_libguestfs(options);
                     images::import_image(
                         *request, folder,
                         {&context.commands(), &context.clock(), offline.get(), progress});
                 });
        print_image(context, image, false);
    });
}

void add_image_list(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("list", "list the images");
    add_json_flag(*verb, context);
    verb->callback([&context] {
        Json list = Json::array();
        std::vector<std::vector<std::string>> rows;
        for (const auto& image : images::ImageStore(context.state(), context.database()).list()) {
            list.push_back(images::to_json(image, false));
            rows.push_back({image.name, image.os.product, image.origin, image.kernel,
                            std::to_string(image.os.packages.size()), mebibytes(image.file_bytes),
                            image.created, image.digest.substr(0, 12)});
        }
        context.print({{"schema", "patchlab/images/v1"}, {"images", list}}, [&] {
            print_table(
                context,
                {"IMAGE", "SYSTEM", "ORIGIN", "KERNEL", "PACKAGES", "FILE", "CREATED", "DIGEST"},
                rows);
        });
    });
}

void add_image_show(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("show", "show an image");
    auto name = std::make_shared<std::string>();
    auto packages = std::make_shared<bool>(false);
    verb->add_option("NAME", *name, "the image")->required();
    verb->add_flag("--packages", *packages, "with the installed packages");
    add_json_flag(*verb, context);
    verb->callback([&context, name, packages] {
        print_image(context, images::ImageStore(context.state(), context.database()).get(*name),
                    *packages);
    });
}

void add_image_remove(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("remove", "remove an image that nothing uses");
    auto name = std::make_shared<std::string>();
    verb->add_option("NAME", *name, "the image")->required();
    verb->callback([&context, name] {
        images::ImageStore(context.state(), context.database()).remove(*name);
        std::cout << "image '" << *name << "' removed\n";
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
