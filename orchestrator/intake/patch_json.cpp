// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "orchestrator/intake/patch.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab::intake {

namespace {

constexpr std::string_view schema = "patchlab/patch/v1";

Json to_json(const PatchPackage& package) {
    return Json{{"name", package.name},
                {"architecture", package.architecture},
                {"from", package.from},
                {"to", package.to},
                {"origin", package.origin},
                {"sha256", package.sha256},
                {"file", package.file},
                {"old_file", package.old_file},
                {"old_sha256", package.old_sha256},
                {"old_available", !package.old_file.empty()},
                {"bytes", package.bytes},
                {"prerequisite", package.prerequisite},
                {"source", package.source},
                {"source_version", package.source_version}};
}

// A plain file name: never a path, so that nothing outside of the patch's folder is reached.
bool is_file_name(const std::string& text) {
    return !text.empty() && text.size() < 256 && text[0] != '.' &&
           text.find('/') == std::string::npos && text.find('\0') == std::string::npos;
}

PatchPackage package_from(const JsonReader& reader, const families::PackageFamily& family) {
    PatchPackage package;
    package.name = reader.string("name");
    package.architecture = reader.string("architecture");
    package.from = reader.string_or("from", "");
    package.to = reader.string("to");
    package.origin = reader.string_or("origin", "");
    package.sha256 = reader.string("sha256");
    package.file = reader.string_or("file", "");
    package.old_file = reader.string_or("old_file", "");
    package.old_sha256 = reader.string_or("old_sha256", "");
    package.bytes =
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, reader.integer_or("bytes", 0)));
    package.prerequisite = reader.boolean_or("prerequisite", false);
    package.source = reader.string_or("source", "");
    package.source_version = reader.string_or("source_version", "");
    if (!family.valid_name(package.name)) reader.fail("name", "is no package name");
    if (!family.valid_architecture(package.architecture))
        reader.fail("architecture", "is no architecture");
    if (!package.from.empty() && !family.valid_version(package.from))
        reader.fail("from", "is no version");
    if (!family.valid_version(package.to)) reader.fail("to", "is no version");
    if (!is_sha256(package.sha256)) reader.fail("sha256", "is no sha256");
    if (!package.file.empty() && !is_file_name(package.file))
        reader.fail("file", "is no plain file name");
    if (!package.old_file.empty() && !is_file_name(package.old_file))
        reader.fail("old_file", "is no plain file name");
    if (!package.old_file.empty() && !is_sha256(package.old_sha256))
        reader.fail("old_sha256", "is no sha256");
    return package;
}

}  // namespace

std::uint64_t bytes_of(const Patch& patch) {
    std::uint64_t bytes = 0;
    std::set<std::string> counted;
    for (const PatchPackage& package : patch.packages)
        if (counted.insert(package.sha256).second) bytes += package.bytes;
    return bytes;
}

Json to_json(const Patch& patch) {
    Json packages = Json::array();
    for (const PatchPackage& package : patch.packages) packages.push_back(to_json(package));
    return Json{{"schema", schema},
                {"id", patch.id},
                {"kind", patch.kind},
                {"source", patch.source},
                {"version", patch.version},
                {"advisories", patch.advisories},
                {"urgency", patch.urgency},
                {"reboot", patch.reboot},
                {"reboot_why", patch.reboot_why},
                {"restarts", patch.restarts},
                {"verified", patch.verified},
                {"downloaded", !patch.folder.empty()},
                {"added", patch.added},
                {"bytes", bytes_of(patch)},
                {"digest", patch.digest},
                {"packages", packages},
                {"changelog", patch.changelog}};
}

Patch patch_from_json(const Json& json) {
    const JsonReader reader(json, "patch.json");
    reader.expect_schema(schema);
    Patch patch;
    patch.id = reader.string("id");
    patch.kind = reader.string_or("kind", "deb");
    patch.source = reader.string("source");
    patch.version = reader.string("version");
    patch.advisories = reader.strings_or_empty("advisories");
    patch.urgency = reader.string_or("urgency", "unknown");
    patch.changelog = reader.string_or("changelog", "");
    patch.reboot = reader.boolean_or("reboot", false);
    patch.reboot_why = reader.string_or("reboot_why", "");
    patch.restarts = reader.strings_or_empty("restarts");
    patch.verified = reader.boolean_or("verified", false);
    patch.added = reader.string_or("added", "");
    patch.digest = reader.string_or("digest", "");
    const families::PackageFamily* known = families::find_family(patch.kind);
    if (!known) reader.fail("kind", "is no family of packages");
    const families::PackageFamily& family = *known;
    if (!is_file_name(patch.id)) reader.fail("id", "is no plain name");
    if (!family.valid_name(patch.source)) reader.fail("source", "is no package name");
    if (!family.valid_version(patch.version)) reader.fail("version", "is no version");
    for (const JsonReader& package : reader.objects("packages"))
        patch.packages.push_back(package_from(package, family));
    if (patch.packages.empty()) reader.fail("packages", "is empty");
    return patch;
}

void add_notes(Patch& patch, families::VendorNotes notes) {
    patch.advisories = std::move(notes.advisories);
    patch.urgency = std::move(notes.urgency);
    patch.changelog = std::move(notes.changelog);
    patch.reboot = !notes.reboot_why.empty();
    patch.reboot_why = std::move(notes.reboot_why);
    patch.restarts = std::move(notes.restarts);
}

std::string patch_id(const std::string& source, const std::string& version) {
    // As source packages' files are named: without the epoch, whose ':' is awkward in paths and on
    // command lines.
    const auto colon = version.find(':');
    return source + "_" + (colon == std::string::npos ? version : version.substr(colon + 1));
}

std::string digest_of(const std::vector<PatchPackage>& packages) {
    std::set<std::string> lines;
    for (const PatchPackage& package : packages)
        lines.insert(package.name + " " + package.architecture + " " + package.from + " " +
                     package.to + " " + package.sha256 + "\n");
    Sha256 sha;
    for (const std::string& line : lines) sha.update(line);
    return sha.finish();
}

}  // namespace patchlab::intake
