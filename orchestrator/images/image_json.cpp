// SPDX-License-Identifier: Apache-2.0
//
// The manifest of an image, written and read.
#include <algorithm>
#include <cctype>

#include "orchestrator/families/package_family.hpp"
#include "orchestrator/images/image.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab::images {

namespace {

Json to_json(const disk::OsInspection& os) {
    Json filesystems = Json::array();
    for (const auto& [mount, type] : os.filesystems)
        filesystems.push_back({{"mount", mount}, {"type", type}});
    return {{"type", os.type},           {"distro", os.distro},
            {"version", os.version},     {"codename", os.codename},
            {"product", os.product},     {"architecture", os.architecture},
            {"hostname", os.hostname},   {"package_format", os.package_format},
            {"boot_mode", os.boot_mode}, {"guest_agent", os.guest_agent},
            {"filesystems", filesystems}};
}

disk::OsInspection os_from_json(const JsonReader& reader) {
    disk::OsInspection os;
    os.type = reader.string("type");
    os.distro = reader.string("distro");
    os.version = reader.string("version");
    os.codename = reader.string("codename");
    os.product = reader.string("product");
    os.architecture = reader.string("architecture");
    os.hostname = reader.string("hostname");
    os.package_format = reader.string("package_format");
    os.boot_mode = reader.string("boot_mode");
    os.guest_agent = reader.boolean("guest_agent");
    for (const auto& filesystem : reader.objects("filesystems"))
        os.filesystems.emplace_back(filesystem.string("mount"), filesystem.string("type"));
    return os;
}

std::uint64_t size_from(const JsonReader& reader, std::string_view key) {
    const auto value = reader.integer(key);
    if (value < 0) reader.fail(key, "must not be negative");
    return static_cast<std::uint64_t>(value);
}

}  // namespace

Json to_json(const Image& image, bool with_packages) {
    Json deviations = Json::array();
    for (const auto& one : image.deviations)
        deviations.push_back({{"package", one.package}, {"asked", one.asked}, {"got", one.got}});
    Json json{{"schema", "patchlab/image/v1"},
              {"name", image.name},
              {"digest", image.digest},
              {"file", image.file.string()},
              {"file_bytes", image.file_bytes},
              {"virtual_bytes", image.virtual_bytes},
              {"created", image.created},
              {"origin", image.origin},
              {"suite", image.suite},
              {"kernel", image.kernel},
              {"os", to_json(image.os)},
              {"deviations", deviations},
              {"warnings", image.warnings},
              {"package_count", image.os.packages.size()},
              {"own_sources", !image.sources.empty()}};
    if (!with_packages) return json;
    json["sources"] = image.sources;
    Json& packages = json["packages"] = Json::array();
    for (const auto& package : image.os.packages)
        packages.push_back({{"name", package.name},
                            {"version", package.version},
                            {"architecture", package.architecture}});
    return json;
}

Image image_from_json(const Json& json, const std::string& where) {
    const JsonReader reader(json, where);
    reader.expect_schema("patchlab/image/v1");
    Image image;
    image.name = reader.string("name");
    image.digest = reader.string("digest");
    image.file = reader.string("file");
    image.file_bytes = size_from(reader, "file_bytes");
    image.virtual_bytes = size_from(reader, "virtual_bytes");
    image.created = reader.string("created");
    image.origin = reader.string("origin");
    image.suite = reader.string("suite");
    image.kernel = reader.string("kernel");
    image.sources = reader.string_or("sources", "");
    image.os = os_from_json(reader.object("os"));
    for (const auto& one : reader.objects("deviations"))
        image.deviations.push_back({one.string("package"), one.string("asked"), one.string("got")});
    image.warnings = reader.strings("warnings");
    for (const auto& package : reader.objects("packages"))
        image.os.packages.push_back(
            {package.string("name"), package.string("version"), package.string("architecture")});
    return image;
}

void check_image_name(const std::string& name) {
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    const bool good = !name.empty() && name.size() <= 64 && plain(name[0]) &&
                      std::all_of(name.begin(), name.end(), [&](char c) {
                          return plain(c) || c == '.' || c == '_' || c == '-';
                      });
    if (!good)
        throw Error(ErrorCode::usage, "'" + name.substr(0, 80) + "' is not a name for an image",
                    "use lower-case letters, digits, '.', '_' and '-', starting with a letter or "
                    "digit, at most 64 characters");
}

std::string family_of(const Image& image) {
    return image.os.package_format.empty() ? families::default_family : image.os.package_format;
}

std::filesystem::path package_pool(const Image& image) {
    return image.file.parent_path() / (image.digest + "." + family_of(image) + "s");
}

}  // namespace patchlab::images
