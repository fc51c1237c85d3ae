// SPDX-License-Identifier: Apache-2.0
//
// Images: the disks that labs are cloned from.
#include "orchestrator/service/console/rows.hpp"
#include "orchestrator/service/console/view.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::service::console {

namespace {

constexpr std::size_t image_packages_shown = 1000;

std::vector<Call> images_calls(const Visit&) { return {{"images", "image.list", Json::object()}}; }

void render_images(const View& view) {
    heading(view.out, "Images", "Disks of production machines, from which clones are made.");
    const Region section(view.out, "images", "Images");
    if (write_failure(view, "images", "the images")) return;
    const Json& images = list_at(*view.document("images"), "images");
    if (images.empty()) {
        nothing_here(view.out, "There is no image yet.",
                     "An image is built from package sources, or imported from a disk:",
                     "patchlab image build debian-12-web --suite bookworm --package nginx");
        return;
    }
    {
        const auto table = view.out.open("table", {{"class", "stack"}});
        table_head(view.out, "Images", {"Image", "System", "Packages", "Size", "Made", "Notes"});
        const auto body = view.out.open("tbody");
        for (const Json& image : images) {
            const std::string name = text_at(image, "name");
            const auto row = view.out.open("tr");
            name_cell(view.out, address("/images/", name), name);
            guest_cell(view.out, "System", text_at(object_at(image, "os"), "product"));
            text_cell(view.out, "Packages",
                      number_text(magnitude(number_at(image, "package_count"))));
            text_cell(view.out, "Size", size_text(number_at(image, "file_bytes")));
            moment_cell(view, "Made", text_at(image, "created"));
            const auto one = cell(view.out, "Notes");
            const std::size_t differ = list_at(image, "deviations").size();
            if (differ > 0) tag(view.out, "warn", count_text(differ, "deviation"));
            const std::size_t warnings = list_at(image, "warnings").size();
            if (warnings > 0) tag(view.out, "warn", count_text(warnings, "warning"));
        }
    }
    from_a_shell(view, {{"image list", "image.list", Json::object()}});
}

std::vector<Call> image_calls(const Visit& visit) {
    return {{"image", "image.show", {{"image", visit.params.one("image")}, {"packages", true}}}};
}

void write_deviations(const View& view, const Json& image) {
    const Json& deviations = list_at(image, "deviations");
    if (deviations.empty()) return;
    const Region section(view.out, "deviations", "Where it differs from what was asked for");
    const auto table = view.out.open("table", {{"class", "stack"}});
    table_head(view.out, "Deviations", {"Package", "Asked for", "Got"});
    const auto body = view.out.open("tbody");
    for (const Json& deviation : deviations) {
        const auto row = view.out.open("tr");
        head_cell(view.out, text_at(deviation, "package"), 200);
        guest_cell(view.out, "Asked for", text_at(deviation, "asked"));
        const std::string got = text_at(deviation, "got");
        guest_cell(view.out, "Got", got.empty() ? "nothing" : got);
    }
}

void render_image(const View& view) {
    const std::string name = view.param("image");
    heading(view.out, name, "An image");
    if (write_failure(view, "image", "this image")) return;
    const Json& image = *view.document("image");
    const Json& os = object_at(image, "os");
    {
        const Region section(view.out, "what", "What it is");
        const auto list = view.out.open("dl", {{"class", "pairs"}});
        pair(view.out, "System", text_at(os, "product"));
        pair(view.out, "Kernel", text_at(image, "kernel"));
        pair(view.out, "Starts with", text_at(os, "boot_mode"));
        pair(view.out, "Origin", text_at(image, "origin"));
        pair(view.out, "Size", size_text(number_at(image, "file_bytes")));
        const std::string digest = text_at(image, "digest");
        copyable_pair(view.out, "Digest", digest, digest.substr(0, 16));
    }
    for (const std::string& warning : texts_at(image, "warnings")) {
        const auto line = view.out.open("p", {{"class", "reason warn"}});
        view.out.guest(warning, 1000);
    }
    write_deviations(view, image);
    {
        const Region section(view.out, "packages", "Packages");
        const Json& packages = list_at(image, "packages");
        const auto table = view.out.open("table", {{"class", "stack"}});
        table_head(view.out, "Packages of the image", {"Package", "Version"});
        const auto body = view.out.open("tbody");
        for (std::size_t i = 0; i < packages.size() && i < image_packages_shown; ++i) {
            const auto row = view.out.open("tr");
            head_cell(view.out, text_at(packages[i], "name"), 200);
            guest_cell(view.out, "Version", text_at(packages[i], "version"));
        }
    }
    from_a_shell(view, {{"image show " + shell_word(name), "image.show", {{"image", name}}}});
}

}  // namespace

std::vector<Screen> image_screens() {
    return {{"/images", "Images", images_calls, render_images},
            {"/images/{image}", "Image", image_calls, render_image}};
}

}  // namespace patchlab::service::console
