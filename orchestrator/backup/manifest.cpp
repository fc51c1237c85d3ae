// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/backup/manifest.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::backup {

namespace {

constexpr const char* backup_schema = "patchlab/backup/v1";

std::string_view word(Item::Kind kind) {
    if (kind == Item::Kind::folder) return "folder";
    return kind == Item::Kind::link ? "link" : "file";
}

Item::Kind kind_in(const JsonReader& in) {
    const std::string kind = in.string("kind");
    for (const Item::Kind one : {Item::Kind::file, Item::Kind::folder, Item::Kind::link})
        if (word(one) == kind) return one;
    in.fail("kind", "must be file, folder or link");
}

/// Relative, normal, and without a step upwards.
bool stays_inside(const fs::path& path) {
    return !path.empty() && path.is_relative() && path.lexically_normal() == path &&
           *path.begin() != ".." && *path.begin() != ".";
}

/// Where a link at `path` leads, seen from the state folder.
bool leads_inside(const std::string& path, const std::string& target) {
    if (target.empty() || target.front() == '/') return false;
    return stays_inside((fs::path(path).parent_path() / target).lexically_normal());
}

Item item_from_json(const JsonReader& in) {
    Item item;
    item.path = in.string("path");
    if (!stays_inside(item.path)) in.fail("path", "leads out of the backup");
    item.kind = kind_in(in);
    if (item.kind == Item::Kind::link) {
        item.target = in.string("target");
        if (!leads_inside(item.path, item.target)) in.fail("target", "leads out of the backup");
        return item;
    }
    const std::int64_t mode = in.integer("mode");
    if (mode < 0 || mode > 0777) in.fail("mode", "are no permissions of a backup");
    item.mode = static_cast<unsigned>(mode);
    if (item.kind == Item::Kind::folder) return item;
    const std::int64_t size = in.integer("size");
    if (size < 0) in.fail("size", "must not be negative");
    item.size = static_cast<std::uint64_t>(size);
    item.sha256 = in.string("sha256");
    if (!is_sha256(item.sha256)) in.fail("sha256", "is no sha256");
    return item;
}

}  // namespace

std::uint64_t Manifest::bytes() const {
    std::uint64_t sum = 0;
    for (const Item& item : items) sum += item.size;
    return sum;
}

Json to_json(const Manifest& manifest) {
    Json items = Json::array();
    for (const Item& item : manifest.items) {
        Json one{{"path", item.path}, {"kind", word(item.kind)}};
        if (item.kind == Item::Kind::link) one["target"] = item.target;
        else one["mode"] = item.mode;
        if (item.kind == Item::Kind::file) {
            one["size"] = item.size;
            one["sha256"] = item.sha256;
        }
        items.push_back(std::move(one));
    }
    return {{"schema", backup_schema},
            {"created", manifest.created},
            {"patchlab", manifest.patchlab},
            {"items", std::move(items)}};
}

Manifest manifest_from_json(const Json& json) {
    const JsonReader in(json, manifest_file);
    in.expect_schema(backup_schema);
    Manifest manifest{in.string("created"), in.string("patchlab"), {}};
    for (const JsonReader& item : in.objects("items")) {
        manifest.items.push_back(item_from_json(item));
        const std::size_t count = manifest.items.size();
        if (count > 1 && manifest.items[count - 2].path >= manifest.items[count - 1].path)
            item.fail("path", "is not in order, or there twice");
    }
    return manifest;
}

Item item_at(const fs::path& root, const std::string& path) {
    struct stat info {};
    const fs::path file = root / path;
    if (::lstat(file.c_str(), &info) != 0)
        throw Error(ErrorCode::lab,
                    "cannot look at " + file.string() + ": " + std::strerror(errno));
    Item item;
    item.path = path;
    item.mode = info.st_mode & 0777;
    if (S_ISDIR(info.st_mode)) {
        item.kind = Item::Kind::folder;
    } else if (S_ISLNK(info.st_mode)) {
        item.kind = Item::Kind::link;
        item.mode = 0;
        item.target = fs::read_symlink(file).string();
    } else if (S_ISREG(info.st_mode)) {
        item.size = static_cast<std::uint64_t>(info.st_size);
        item.sha256 = sha256_file(file);
    } else {
        throw Error(ErrorCode::invalid, file.string() + " is neither a file, a folder nor a link");
    }
    return item;
}

std::vector<Item> items_below(const fs::path& folder) {
    std::vector<Item> items;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        items.push_back(item_at(folder, entry.path().lexically_relative(folder).generic_string()));
    std::sort(items.begin(), items.end(),
              [](const Item& a, const Item& b) { return a.path < b.path; });
    return items;
}

}  // namespace patchlab::backup
