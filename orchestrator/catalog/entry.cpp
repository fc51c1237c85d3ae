// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/catalog/entry.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "catalog_files.hpp"
#include "orchestrator/families/package_family.hpp"
#include "platform/core/attestation.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "reports/manifest.hpp"

namespace patchlab::catalog {

namespace {

constexpr std::string_view schema = "patchlab/entry/v1";

constexpr std::array<std::pair<EntryState, std::string_view>, 5> states{
    {{EntryState::offered, "offered"},
     {EntryState::superseded, "superseded"},
     {EntryState::withdrawn, "withdrawn"},
     {EntryState::quarantined, "quarantined"},
     {EntryState::recalled, "recalled"}}};

/// A plain name: never a path, so that nothing outside of the entry's folder is reached, and never
/// an option of a tool.
bool is_plain_name(const std::string& text) {
    if (text.empty() || text.size() > 255 || text[0] == '.' || text[0] == '-') return false;
    return std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return c > ' ' && c < 0x7f && c != '/' && c != '\\';
    });
}

Json file_json(const EntryFile& file) {
    return Json{{"file", file.file},
                {"version", file.version},
                {"sha256", file.sha256},
                {"bytes", file.bytes}};
}

EntryFile file_from(const JsonReader& reader, const families::PackageFamily& family) {
    EntryFile file;
    file.file = reader.string("file");
    file.version = reader.string("version");
    file.sha256 = reader.string("sha256");
    const std::int64_t bytes = reader.integer("bytes");
    if (!is_plain_name(file.file)) reader.fail("file", "is no plain file name");
    if (!family.valid_version(file.version)) reader.fail("version", "is no version");
    if (!is_sha256(file.sha256)) reader.fail("sha256", "is no sha256");
    if (bytes < 0) reader.fail("bytes", "is negative");
    file.bytes = static_cast<std::uint64_t>(bytes);
    return file;
}

Json package_json(const EntryPackage& package) {
    Json before = Json::array();
    for (const EntryFile& file : package.before) before.push_back(file_json(file));
    return Json{{"name", package.name},
                {"architecture", package.architecture},
                {"format", package.format},
                {"after", file_json(package.after)},
                {"before", before},
                {"was_installed", package.was_installed},
                {"prerequisite", package.prerequisite}};
}

EntryPackage package_from(const JsonReader& reader) {
    EntryPackage package;
    package.name = reader.string("name");
    package.architecture = reader.string("architecture");
    package.format = reader.string("format");
    const families::PackageFamily* const known = families::find_family(package.format);
    if (!known) reader.fail("format", "is no family of packages");
    const families::PackageFamily& family = *known;
    if (!family.valid_name(package.name)) reader.fail("name", "is no package name");
    if (!family.valid_architecture(package.architecture))
        reader.fail("architecture", "is no architecture");
    package.after = file_from(reader.object("after"), family);
    for (const JsonReader& file : reader.objects("before"))
        package.before.push_back(file_from(file, family));
    package.was_installed = reader.boolean("was_installed");
    package.prerequisite = reader.boolean_or("prerequisite", false);
    return package;
}

Json patch_json(const EntryPatch& patch) {
    return Json{{"id", patch.id},
                {"source", patch.source},
                {"version", patch.version},
                {"urgency", patch.urgency},
                {"advisories", patch.advisories},
                {"reboot", patch.reboot},
                {"reboot_why", patch.reboot_why},
                {"restarts", patch.restarts}};
}

EntryPatch patch_from(const JsonReader& reader) {
    EntryPatch patch;
    patch.id = reader.string("id");
    patch.source = reader.string("source");
    patch.version = reader.string("version");
    patch.urgency = reader.string_or("urgency", "unknown");
    patch.advisories = reader.strings_or_empty("advisories");
    patch.reboot = reader.boolean_or("reboot", false);
    patch.reboot_why = reader.string_or("reboot_why", "");
    patch.restarts = reader.strings_or_empty("restarts");
    if (!is_plain_name(patch.id)) reader.fail("id", "is no plain name");
    return patch;
}

/// Two packages of one name and architecture, or two files of one name and other bytes, would leave
/// open which one is meant.
void refuse_ambiguity(const Entry& entry, const JsonReader& reader) {
    std::set<std::string> packages;
    for (const EntryPackage& package : entry.packages)
        if (!packages.insert(package.name + ":" + package.architecture).second)
            reader.fail("packages", "names " + package.name + " twice");
}

}  // namespace

std::string_view name(EntryState state) {
    for (const auto& [value, word] : states)
        if (value == state) return word;
    throw Error(ErrorCode::internal, "a state of an entry has no name");
}

EntryState entry_state_from(std::string_view word) {
    for (const auto& [value, known] : states)
        if (known == word) return value;
    throw Error(ErrorCode::invalid, "'" + std::string(word) + "' is no state of a catalog entry");
}

bool is_taken_back(EntryState state) {
    return state == EntryState::withdrawn || state == EntryState::quarantined ||
           state == EntryState::recalled;
}

bool Entry::has_way_back() const {
    return std::all_of(packages.begin(), packages.end(), [](const EntryPackage& package) {
        return !package.was_installed || !package.before.empty();
    });
}

const EntryPackage* Entry::package(std::string_view wanted) const {
    const auto found =
        std::find_if(packages.begin(), packages.end(),
                     [&](const EntryPackage& package) { return package.name == wanted; });
    return found == packages.end() ? nullptr : &*found;
}

Json to_json(const Entry& entry) {
    Json patches = Json::array();
    for (const EntryPatch& patch : entry.patches) patches.push_back(patch_json(patch));
    Json packages = Json::array();
    for (const EntryPackage& package : entry.packages) packages.push_back(package_json(package));
    return Json{{"schema", schema},
                {"id", entry.id},
                {"created", entry.created},
                {"run", entry.run},
                {"lab", entry.lab},
                {"verdict", entry.verdict},
                {"evidence_digest", entry.evidence_digest},
                {"requester", entry.requester},
                {"approvers", entry.approvers},
                {"patches", patches},
                {"packages", packages},
                {"suites", entry.suites}};
}

Entry entry_from_json(const Json& json) {
    const JsonReader reader(json, "entry.json");
    reader.expect_schema(schema);
    Entry entry;
    entry.id = reader.string("id");
    entry.created = reader.string("created");
    entry.run = reader.string("run");
    entry.lab = reader.string("lab");
    entry.verdict = reader.string("verdict");
    entry.evidence_digest = reader.string("evidence_digest");
    entry.requester = reader.string_or("requester", "");
    entry.approvers = reader.strings("approvers");
    entry.suites = reader.strings_or_empty("suites");
    if (!is_plain_name(entry.id)) reader.fail("id", "is no plain name");
    if (!is_plain_name(entry.run)) reader.fail("run", "is no plain name");
    if (!is_sha256(entry.evidence_digest)) reader.fail("evidence_digest", "is no sha256");
    if (entry.approvers.empty()) reader.fail("approvers", "is empty: nobody approved it");
    for (const JsonReader& patch : reader.objects("patches"))
        entry.patches.push_back(patch_from(patch));
    for (const JsonReader& package : reader.objects("packages"))
        entry.packages.push_back(package_from(package));
    if (entry.packages.empty()) reader.fail("packages", "is empty");
    refuse_ambiguity(entry, reader);
    return entry;
}

std::string_view entry_schema() { return embedded::catalog_files::file("entry.schema.json"); }

namespace {

/// The manifest vouches for all files of the evidence but itself and its signature.
bool vouched_for_by_manifest(const std::string& path) {
    constexpr std::string_view folder = "evidence/";
    if (!path.starts_with(folder)) return false;
    const std::string file = path.substr(folder.size());
    return file != reports::manifest_file && file != reports::signature_file;
}

}  // namespace

std::vector<std::string> files_to_sign(const fs::path& folder) {
    std::vector<std::string> files;
    for (const auto& item : fs::recursive_directory_iterator(folder)) {
        const std::string path = item.path().lexically_relative(folder).generic_string();
        const fs::file_type type = item.symlink_status().type();
        if (type == fs::file_type::directory || path == entry_signature_file ||
            vouched_for_by_manifest(path))
            continue;
        if (type != fs::file_type::regular)
            throw Error(ErrorCode::refused, path + " is no regular file");
        files.push_back(path);
    }
    std::sort(files.begin(), files.end());
    return files;
}

void sign_entry(const fs::path& folder, const SecretKey& key) {
    const Entry entry = entry_from_json(read_json(folder / entry_file));
    Statement statement;
    for (const std::string& path : files_to_sign(folder))
        statement.subjects.push_back({path, sha256_file(folder / path)});
    statement.predicate_type = entry_predicate;
    statement.predicate = {{"entry", entry.id},
                           {"run", entry.run},
                           {"evidence_digest", entry.evidence_digest},
                           {"approvers", entry.approvers}};
    write_file_atomic(folder / entry_signature_file, sign_statement(statement, key));
}

}  // namespace patchlab::catalog
