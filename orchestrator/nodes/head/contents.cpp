// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/nodes/head/contents.hpp"

#include <algorithm>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/log.hpp"

namespace patchlab::nodes {

namespace {

constexpr std::string_view contents_schema = "patchlab/node-contents/v1";
constexpr std::size_t most_keys = 4096;
constexpr std::size_t longest_emulator = 1000;

fs::path contents_folder(const fs::path& state) { return state / "node-contents"; }

bool is_content_key(const std::string& key) {
    for (const std::string_view kind : {"image-", "patch-", "prepared-"})
        if (key.starts_with(kind)) return is_sha256(key.substr(kind.size()));
    return false;
}

bool has(const NodeContents& contents, const std::string& key) {
    return std::find(contents.keys.begin(), contents.keys.end(), key) != contents.keys.end();
}

bool has_images_of(const NodeContents& contents, const pipeline::RunRequest& request) {
    return std::all_of(request.machines.begin(), request.machines.end(),
                       [&](const pipeline::MachineRequest& machine) {
                           return has(contents, "image-" + machine.image_digest);
                       });
}

}  // namespace

NodeContents contents_from_json(const std::string& node, const Json& json) {
    const JsonReader in(json, "contents of node " + node);
    NodeContents contents{node, in.string("emulator"), in.strings_or_empty("contents")};
    if (contents.emulator.size() > longest_emulator) in.fail("emulator", "is too long");
    if (contents.keys.size() > most_keys) in.fail("contents", "are too many");
    for (const std::string& key : contents.keys)
        if (!is_content_key(key)) in.fail("contents", "holds what is no key of a content");
    return contents;
}

void note_contents(const fs::path& state, const NodeContents& contents) {
    make_folder_if_missing(contents_folder(state), 0710);
    write_json(contents_folder(state) / (contents.node + ".json"), {{"schema", contents_schema},
                                                                    {"emulator", contents.emulator},
                                                                    {"contents", contents.keys}});
}

void forget_contents(const fs::path& state, const std::string& node) {
    std::error_code none;
    fs::remove(contents_folder(state) / (node + ".json"), none);
}

std::vector<std::string> nodes_with_contents_of(const fs::path& state,
                                                const pipeline::RunRequest& request) {
    std::vector<std::string> prepared, images;
    std::error_code none;
    for (const auto& file : fs::directory_iterator(contents_folder(state), none)) {
        if (file.path().extension() != ".json") continue;
        try {
            const std::string node = file.path().stem().string();
            const NodeContents contents = contents_from_json(node, read_json(file.path()));
            if (!has_images_of(contents, request)) continue;
            images.push_back(node);
            if (has(contents, "prepared-" + prepared_digest(request, contents.emulator)))
                prepared.push_back(node);
        } catch (const Error& error) {
            log_warning(error.what());
        }
    }
    std::vector<std::string>& best = prepared.empty() ? images : prepared;
    std::sort(best.begin(), best.end());
    return best;
}

}  // namespace patchlab::nodes
