// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/nodes/materials.hpp"

#include <algorithm>
#include <set>

#include "orchestrator/images/image.hpp"
#include "orchestrator/pipeline/run/submission.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "reports/evidence_tree.hpp"

namespace patchlab::nodes {

namespace {

constexpr std::uint64_t most_material_bytes = 4ULL << 40;
constexpr std::size_t most_material_files = 20'000;

MaterialFile file_with_digest(const fs::path& state, const fs::path& file) {
    return {fs::relative(file, state).string(), fs::file_size(file), sha256_file(file)};
}

Material image_material(const pipeline::MachineRequest& machine, const fs::path& state) {
    Material material{"image", machine.definition.image, machine.image_digest, {}};
    const fs::path file = machine.image_file;
    fs::path description = file;
    description.replace_extension(".json");
    if (fs::exists(description)) material.files.push_back(file_with_digest(state, description));
    // its name is its digest; who fetches it finds out whether that is true
    material.files.push_back(
        {fs::relative(file, state).string(), fs::file_size(file), machine.image_digest});
    return material;
}

Material patch_material(const intake::Patch& patch, const fs::path& state) {
    Material material{"patch", patch.id, intake::digest_of(patch.packages), {}};
    std::set<std::string> known;
    const auto add = [&](const fs::path& file, const std::string& sha256) {
        const std::string path = fs::relative(file, state).string();
        if (known.insert(path).second)
            material.files.push_back({path, fs::file_size(file), sha256});
    };
    for (const intake::PatchPackage& package : patch.packages) {
        add(patch.folder / "new" / package.file, package.sha256);
        if (!package.old_file.empty())
            add(patch.folder / "old" / package.old_file, package.old_sha256);
    }
    material.files.push_back(file_with_digest(state, patch.folder / "patch.json"));
    return material;
}

void check_file(const JsonReader& in, const MaterialFile& file, const std::string& kind) {
    const std::string below = kind == "image" ? "images/" : "patches/";
    if (!file.path.starts_with(below) || !reports::is_evidence_path(file.path))
        in.fail("path", "leads somewhere else");
    if (!is_sha256(file.sha256)) in.fail("sha256", "must be 64 hex digits");
    if (file.bytes > most_material_bytes) in.fail("bytes", "is too many");
}

/// An image is its file; a patch is one folder, whose description says what is in it.
void check_layout(const JsonReader& in, const Material& material) {
    if (material.files.empty()) in.fail("files", "is empty");
    const MaterialFile& last = material.files.back();
    if (material.kind == "image") {
        if (last.path != "images/" + material.digest + ".qcow2" || last.sha256 != material.digest)
            in.fail("files", "does not end with the image");
        return;
    }
    const fs::path folder = fs::path(last.path).parent_path();
    if (fs::path(last.path).filename() != "patch.json" || folder.parent_path() != "patches")
        in.fail("files", "does not end with patch.json");
    for (const MaterialFile& file : material.files)
        if (!file.path.starts_with(folder.string() + "/"))
            in.fail("files", "are of several folders");
}

}  // namespace

std::uint64_t Material::bytes() const {
    std::uint64_t sum = 0;
    for (const MaterialFile& file : files) sum += file.bytes;
    return sum;
}

std::vector<Material> materials_of(pipeline::RunRequest request, const fs::path& state) {
    if (const auto missing = pipeline::find_materials(request, state); !missing.empty())
        throw Error(ErrorCode::not_found, "not on the head: " + pipeline::describe(missing));
    std::vector<Material> all;
    std::set<std::string> known;
    for (const pipeline::MachineRequest& machine : request.machines)
        if (known.insert(machine.image_digest).second)
            all.push_back(image_material(machine, state));
    for (const intake::Patch& patch : request.patches)
        if (known.insert(intake::digest_of(patch.packages)).second)
            all.push_back(patch_material(patch, state));
    return all;
}

Json to_json(const std::vector<Material>& materials) {
    Json list = Json::array();
    for (const Material& material : materials) {
        Json files = Json::array();
        for (const MaterialFile& file : material.files)
            files.push_back({{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}});
        list.push_back({{"kind", material.kind},
                        {"name", material.name},
                        {"digest", material.digest},
                        {"files", files}});
    }
    return list;
}

std::vector<Material> materials_from_json(const Json& json) {
    std::vector<Material> all;
    const JsonReader in(json, "materials");
    for (const JsonReader& item : in.objects("materials")) {
        Material material{item.string("kind"), item.string("name"), item.string("digest"), {}};
        if (material.kind != "image" && material.kind != "patch")
            item.fail("kind", "is not a kind of material");
        if (!is_sha256(material.digest)) item.fail("digest", "must be 64 hex digits");
        for (const JsonReader& entry : item.objects("files")) {
            const std::int64_t bytes = entry.integer("bytes");
            if (bytes < 0) entry.fail("bytes", "is negative");
            material.files.push_back(
                {entry.string("path"), static_cast<std::uint64_t>(bytes), entry.string("sha256")});
            check_file(entry, material.files.back(), material.kind);
            if (material.files.size() > most_material_files) item.fail("files", "are too many");
        }
        check_layout(item, material);
        all.push_back(std::move(material));
    }
    return all;
}

}  // namespace patchlab::nodes
