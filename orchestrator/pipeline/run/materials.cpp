// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/run/materials.hpp"

#include "orchestrator/images/image.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/core/log.hpp"

namespace patchlab::pipeline {

namespace {

/// Whether the folder holds the packages of this digest, as far as its patch.json says; the files
/// themselves are compared when they are used.
bool is_patch_of(const fs::path& folder, const std::string& digest) {
    const auto text = read_file_if_any(folder / "patch.json");
    if (!text) return false;
    try {
        const intake::Patch patch =
            intake::patch_from_json(parse_json(*text, (folder / "patch.json").string()));
        return intake::digest_of(patch.packages) == digest;
    } catch (const Error& error) {
        log_warning("a stored patch is not readable: " + std::string(error.what()));
        return false;
    }
}

/// Empty when no patch of that content is here.
fs::path folder_of_patch(const fs::path& state, const std::string& id, const std::string& digest) {
    if (fs::path own = intake::patch_folder(state, id); is_patch_of(own, digest)) return own;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(intake::patches_folder(state), none))
        if (is_patch_of(entry.path(), digest)) return entry.path();
    return {};
}

}  // namespace

std::vector<MissingMaterial> find_materials(RunRequest& request, const fs::path& state) {
    std::vector<MissingMaterial> missing;
    request.state = state;
    for (MachineRequest& machine : request.machines) {
        machine.image_file = images::image_file(state, machine.image_digest);
        if (!fs::exists(machine.image_file))
            missing.push_back({"image", machine.definition.image, machine.image_digest});
    }
    for (intake::Patch& patch : request.patches) {
        const std::string digest = intake::digest_of(patch.packages);
        patch.folder = folder_of_patch(state, patch.id, digest);
        if (patch.folder.empty()) missing.push_back({"patch", patch.id, digest});
    }
    return missing;
}

std::string describe(const std::vector<MissingMaterial>& missing) {
    std::string text;
    for (const MissingMaterial& one : missing) {
        if (!text.empty()) text += ", ";
        text += one.kind;
        text += " " + one.name + " (sha256 " + one.digest.substr(0, 12) + "…)";
    }
    return text;
}

}  // namespace patchlab::pipeline
