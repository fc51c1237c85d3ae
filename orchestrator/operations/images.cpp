// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "orchestrator/images/builder.hpp"
#include "orchestrator/images/image.hpp"
#include "orchestrator/images/importer.hpp"
#include "orchestrator/images/workshop.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/disk/image/libguestfs_disk.hpp"

namespace patchlab::operations {

namespace {

using ImageWork =
    std::function<void(const images::BuildFolder& folder, const fs::path& short_root)>;

images::ImageStore image_store(Call& call) {
    return {call.session.state(), call.session.database()};
}

/// Makes an image in a workshop and hands it to the store. A name that is taken is refused before
/// minutes of work, not after them.
Outcome make_image(Call& call, const std::string& name, bool replace, const ImageWork& work) {
    images::ImageStore store = image_store(call);
    images::check_image_name(name);
    const auto before = store.find(name);
    if (!replace && before)
        throw Error(ErrorCode::conflict, "there is an image '" + name + "' already",
                    "choose another name, or --replace it");
    images::Workshop workshop(call.session.state());
    workshop.run([&](const fs::path& short_root) { work(workshop.folder(), short_root); });
    call.events.progress("image " + name + ": adding it to the store");
    const images::Image image = workshop.deliver(store, replace);
    for (const std::string& warning : image.warnings) call.events.warning(warning);
    const Json replaces = before ? Json(before->digest) : Json(nullptr);
    return {images::to_json(image, false), 0,
            Audit{name, {{"digest", image.digest}, {"replaces", replaces}}}};
}

std::function<void(std::string_view)> progress_of(Call& call, const std::string& name) {
    return [&call, name](std::string_view step) {
        call.events.progress("image " + name + ": " + std::string(step));
    };
}

Outcome build_image(Call& call, const JsonReader& request) {
    images::BuildRequest wanted;
    wanted.name = request.string("name");
    wanted.family = request.string_or("family", families::default_family);
    wanted.uefi = request.string_or("boot", "bios") == "uefi";
    wanted.suites = request.strings("suites");
    wanted.packages = request.strings_or_empty("packages");
    wanted.nearest = request.boolean_or("nearest", false);
    wanted.bytes = images::parse_size(request.string_or("size", "3G"));
    if (request.has("like")) {
        const JsonReader like = request.object("like");
        wanted.host = images::parse_package_list(like.string("text"), like.string("file"));
    }
    if (request.has("sources")) {
        const JsonReader sources = request.object("sources");
        std::optional<fs::path> keyring;
        if (request.has("keyring")) keyring = request.string("keyring");
        images::set_sources(wanted, sources.string("text"), sources.string("file"), keyring);
    } else if (request.has("keyring")) {
        throw Error(ErrorCode::usage, "a keyring was given without package sources",
                    "name their file with --sources");
    }
    images::check_request(wanted);
    const auto progress = progress_of(call, wanted.name);
    return make_image(call, wanted.name, request.boolean_or("replace", false),
                      [&](const images::BuildFolder& folder, const fs::path& short_root) {
                          progress("looking at this host");
                          const pipeline::Backend backend = call.session.backend();
                          images::build_image(wanted, folder,
                                              {&call.session.commands(),
                                               &call.session.clock(),
                                               {backend.acceleration, backend.open_hypervisor,
                                                backend.open_channel, short_root},
                                               progress});
                      });
}

Outcome import_image(Call& call, const JsonReader& request) {
    images::ImportRequest wanted;
    wanted.name = request.string("name");
    wanted.source = fs::absolute(request.string("file"));
    wanted.format = request.string_or("format", "");
    images::check_image_name(wanted.name);
    images::format_of(wanted);
    return make_image(call, wanted.name, request.boolean_or("replace", false),
                      [&](const images::BuildFolder& folder, const fs::path&) {
                          disk::LibguestfsOptions options;
                          options.acceleration = virt::name(call.session.backend().acceleration);
                          const auto offline = disk::open_libguestfs(options);
                          images::import_image(wanted, folder,
                                               {&call.session.commands(), &call.session.clock(),
                                                offline.get(), progress_of(call, wanted.name)});
                      });
}

Outcome list_images(Call& call, const JsonReader&) {
    Json list = Json::array();
    for (const images::Image& image : image_store(call).list())
        list.push_back(images::to_json(image, false));
    return {{{"schema", "patchlab/images/v1"}, {"images", list}}};
}

Outcome show_image(Call& call, const JsonReader& request) {
    return {images::to_json(image_store(call).get(request.string("image")),
                            request.boolean_or("packages", false))};
}

Outcome remove_image(Call& call, const JsonReader& request) {
    const std::string name = request.string("image");
    images::ImageStore store = image_store(call);
    const auto image = store.find(name);
    store.remove(name);
    const Json digest = image ? Json(image->digest) : Json(nullptr);
    return {{{"schema", "patchlab/image-removed/v1"}, {"image", name}},
            0,
            Audit{name, {{"digest", digest}}}};
}

}  // namespace

std::vector<Operation> image_operations() {
    return {
        {"image.build", "Build an image that boots from its own disk, with a guest agent",
         Kind::long_write, lab_staff("build an image"), build_image, "name"},
        {"image.import", "Import a disk: qcow2, raw, vmdk or vhdx; the source is only read",
         Kind::long_write, lab_staff("import an image"), import_image, "name"},
        {"image.list", "List the images", Kind::read, anyone(), list_images},
        {"image.show", "Show an image", Kind::read, anyone(), show_image, "image"},
        {"image.remove", "Remove an image that nothing uses", Kind::write,
         lab_staff("remove an image"), remove_image, "image"},
    };
}

}  // namespace patchlab::operations
