// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/catalog/snapshot.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "catalog_files.hpp"
#include "orchestrator/catalog/access.hpp"
#include "orchestrator/catalog/object_store.hpp"
#include "platform/core/attestation.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::catalog {

namespace {

constexpr std::string_view channel_schema = "patchlab/channel/v1";
constexpr std::string_view predicate = "urn:patchlab:channel-snapshot:v1";
constexpr const char* document_file = "snapshot.json";
constexpr const char* signature_file = "snapshot.dsse.json";

/// Relative, without "." and "..": nothing outside of the folder is read.
bool is_inside(const std::string& path) {
    if (path.empty() || path.size() > 1024 || path[0] == '/' ||
        path.find('\0') != std::string::npos)
        return false;
    const fs::path parts(path);
    return std::all_of(parts.begin(), parts.end(), [](const fs::path& part) {
        return part != "." && part != ".." && !part.empty();
    });
}

Json channel_package_json(const ChannelPackage& package) {
    Json json{{"name", package.name},
              {"architecture", package.architecture},
              {"format", package.format},
              {"version", package.file.version},
              {"sha256", package.file.sha256},
              {"bytes", package.file.bytes},
              {"role", std::string(name(package.role))},
              {"entry", package.entry}};
    if (package.leads_back) json["leads_back"] = true;
    return json;
}

ChannelPackage channel_package_from(const JsonReader& reader) {
    ChannelPackage package;
    package.name = reader.string("name");
    package.architecture = reader.string("architecture");
    package.format = reader.string("format");
    package.file.version = reader.string("version");
    package.file.sha256 = reader.string("sha256");
    const std::int64_t bytes = reader.integer("bytes");
    const std::string role = reader.string("role");
    if (!is_sha256(package.file.sha256)) reader.fail("sha256", "is no sha256");
    if (bytes < 0) reader.fail("bytes", "is negative");
    if (role != name(PackageRole::offer) && role != name(PackageRole::way_back))
        reader.fail("role", "is no role");
    package.file.bytes = static_cast<std::uint64_t>(bytes);
    package.role = role == name(PackageRole::offer) ? PackageRole::offer : PackageRole::way_back;
    package.entry = reader.string("entry");
    package.leads_back = reader.boolean_or("leads_back", false);
    return package;
}

/// Every regular file below `folder` by its path; anything else is told in `odd`.
std::vector<std::string> files_below(const fs::path& folder, std::vector<std::string>& odd) {
    std::vector<std::string> files;
    for (const auto& item : fs::recursive_directory_iterator(folder)) {
        const std::string path = item.path().lexically_relative(folder).generic_string();
        const fs::file_type type = item.symlink_status().type();
        if (type == fs::file_type::regular) files.push_back(path);
        else if (type != fs::file_type::directory) odd.push_back(path);
    }
    std::sort(files.begin(), files.end());
    return files;
}

void check_files(const fs::path& folder, const Snapshot& snapshot, std::vector<Refusal>& refusals) {
    std::set<std::string> known{document_file, signature_file};
    for (const SnapshotFile& file : snapshot.files) {
        known.insert(file.path);
        if (const std::string problem = file_problem(folder / file.path, file.sha256, file.bytes);
            !problem.empty())
            refusals.push_back({file.path, problem});
    }
    std::vector<std::string> found;
    for (const std::string& path : files_below(folder, found)) found.push_back(path);
    for (const std::string& path : found)
        if (!known.contains(path)) refusals.push_back({path, "was not part of what was published"});
}

}  // namespace

Json to_json(const Snapshot& snapshot) {
    Json entries = Json::array(), packages = Json::array(), files = Json::array();
    for (const SnapshotEntry& entry : snapshot.entries)
        entries.push_back({{"id", entry.id},
                           {"state", std::string(name(entry.state))},
                           {"sha256", entry.sha256}});
    for (const ChannelPackage& package : snapshot.packages)
        packages.push_back(channel_package_json(package));
    for (const SnapshotFile& file : snapshot.files) {
        Json item{{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}};
        if (file.carried) item["carried"] = true;
        files.push_back(std::move(item));
    }
    return {
        {"schema", channel_schema},
        {"channel", snapshot.channel},
        {"id", snapshot.id},
        {"created", snapshot.created},
        {"valid_until", snapshot.valid_until.empty() ? Json(nullptr) : Json(snapshot.valid_until)},
        {"previous", snapshot.previous.empty() ? Json(nullptr) : Json(snapshot.previous)},
        {"entries", entries},
        {"packages", packages},
        {"files", files}};
}

Snapshot snapshot_from_json(const Json& json, const std::string& where) {
    const JsonReader reader(json, where);
    reader.expect_schema(channel_schema);
    Snapshot snapshot;
    snapshot.channel = reader.string("channel");
    snapshot.id = reader.string("id");
    snapshot.created = reader.string("created");
    snapshot.valid_until = reader.string_or("valid_until", "");
    if (!snapshot.valid_until.empty()) from_rfc3339(snapshot.valid_until);
    snapshot.previous = reader.string_or("previous", "");
    check_channel_name(snapshot.channel);
    for (const JsonReader& item : reader.objects("entries")) {
        snapshot.entries.push_back(
            {item.string("id"), entry_state_from(item.string("state")), item.string("sha256")});
        if (!is_sha256(snapshot.entries.back().sha256)) item.fail("sha256", "is no sha256");
    }
    for (const JsonReader& item : reader.objects("packages"))
        snapshot.packages.push_back(channel_package_from(item));
    for (const JsonReader& item : reader.objects("files")) {
        const std::int64_t bytes = item.integer("bytes");
        SnapshotFile file{item.string("path"), static_cast<std::uint64_t>(bytes),
                          item.string("sha256"), item.boolean_or("carried", false)};
        if (!is_inside(file.path)) item.fail("path", "leaves the folder");
        if (bytes < 0) item.fail("bytes", "is negative");
        if (!is_sha256(file.sha256)) item.fail("sha256", "is no sha256");
        snapshot.files.push_back(std::move(file));
    }
    return snapshot;
}

std::string_view snapshot_schema() { return embedded::catalog_files::file("channel.schema.json"); }

std::string seal_snapshot(Snapshot& snapshot, const fs::path& folder,
                          const std::vector<std::string>& carried, const SecretKey& key) {
    std::vector<std::string> odd;
    snapshot.files.clear();
    for (const std::string& path : files_below(folder, odd)) {
        const fs::path file = folder / path;
        snapshot.files.push_back(
            {path, fs::file_size(file), sha256_file(file),
             std::find(carried.begin(), carried.end(), path) != carried.end()});
        if (::chmod(file.c_str(), 0444) != 0)
            throw Error(ErrorCode::lab, "cannot make " + path + " read-only");
        sync_file(file);
    }
    if (!odd.empty())
        throw Error(ErrorCode::internal,
                    "a snapshot would hold " + odd.front() + ", which is no file");
    const std::string text = to_text(to_json(snapshot));
    write_file_atomic(folder / document_file, text, 0444);
    const Statement statement{{{document_file, sha256_hex(text)}},
                              std::string(predicate),
                              {{"channel", snapshot.channel}, {"id", snapshot.id}}};
    write_file_atomic(folder / signature_file, sign_statement(statement, key), 0444);
    for (const auto& item : fs::recursive_directory_iterator(folder))
        if (item.is_directory()) sync_folder(item.path());
    sync_folder(folder);
    return sha256_hex(text);
}

std::vector<Refusal> verify_snapshot(const fs::path& folder, const Trust& trust,
                                     const std::string& channel) {
    std::vector<Refusal> refusals;
    try {
        const std::string text = read_file(folder / document_file);
        const OpenedStatement opened =
            open_statement(read_file(folder / signature_file), signature_file, trust.catalog);
        if (opened.statement.predicate_type != predicate ||
            opened.statement.digest_of(document_file) != sha256_hex(text)) {
            refusals.push_back({document_file, "is not what was signed"});
            return refusals;
        }
        const Snapshot snapshot = snapshot_from_json(parse_json(text, document_file));
        if (snapshot.channel != channel)
            refusals.push_back({document_file, "is of channel '" + snapshot.channel + "'"});
        check_files(folder, snapshot, refusals);
    } catch (const Error& error) {
        refusals.push_back({"the snapshot", error.message()});
    } catch (const fs::filesystem_error& error) {
        refusals.push_back({"the snapshot", error.code().message()});
    }
    return refusals;
}

bool is_ageing(const Snapshot& snapshot, TimePoint now) {
    if (snapshot.valid_until.empty()) return true;
    return Seconds(from_rfc3339(snapshot.valid_until) - now) < snapshot_renewal;
}

bool same_content(const Snapshot& a, const Snapshot& b) {
    const auto content = [](const Snapshot& snapshot) {
        const Json json = to_json(snapshot);
        return to_line(Json{{"channel", json["channel"]},
                            {"entries", json["entries"]},
                            {"packages", json["packages"]}});
    };
    return content(a) == content(b);
}

}  // namespace patchlab::catalog
