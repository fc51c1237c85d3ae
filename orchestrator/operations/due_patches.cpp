// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/due_patches.hpp"

#include "platform/core/error.hpp"

namespace patchlab::operations {

std::optional<std::vector<DuePatch>> due_patches(Call& call) {
    const Operation* rank = find("patch.rank");
    if (!rank) return std::nullopt;
    Json ranked;
    try {
        const Json nothing = Json::object();
        ranked = rank->run(call, JsonReader(nothing, "request")).document;
    } catch (const Error& error) {
        if (error.code() == ErrorCode::not_found) return std::nullopt;
        throw;
    }
    std::vector<DuePatch> patches;
    for (const JsonReader& in : JsonReader(ranked, "patch.rank").objects("patches"))
        patches.push_back({in.string("id"), in.string_or("limit", ""), in.string_or("due_at", ""),
                           in.boolean_or("overdue", false),
                           in.object("stakes").integer_or("host_count", 0)});
    return patches;
}

}  // namespace patchlab::operations
