// SPDX-License-Identifier: Apache-2.0
//
// Pieces that the responses of several operations share. Pure; thread-safe.
#pragma once

#include <string>

#include "orchestrator/operations/operation.hpp"
#include "platform/core/diagnostics.hpp"
#include "platform/core/error.hpp"

namespace patchlab::operations {

/// A text in a request, and the name by which mistakes call it (text_file in schema/common.json).
struct TextFile {
    std::string file, text;
};
inline TextFile text_file(const JsonReader& request, std::string_view key) {
    const JsonReader in = request.object(key);
    return {in.string("file"), in.string("text")};
}

/// Why a run of this kind and state has no sealed evidence: "only prepared a lab: …".
inline std::string why_no_evidence(const std::string& kind, const std::string& state) {
    if (kind == "prepare") return "only prepared a lab: it has no evidence";
    if (state == "cancelled") return "was cancelled and left no evidence";
    if (state == "interrupted")
        return "has no evidence yet: its worker was lost (patchlab run resume takes it up)";
    return state == "finished" ? "ended without evidence: see its log"
                               : "is not finished: it has no sealed evidence yet";
}

inline Json or_null(const std::string& text) { return text_or_null(text); }

/// What checking a definition found: every mistake with file, line and path, and exit code 2; or
/// the name that the definition gives itself.
inline Outcome checked(const char* schema, const std::string& file, const std::string& name,
                       const Diagnostics& diagnostics) {
    Json document{{"schema", schema},
                  {"file", file},
                  {"ok", diagnostics.ok()},
                  {"mistakes", diagnostics.to_json()}};
    if (diagnostics.ok()) document["name"] = name;
    return {document, diagnostics.ok() ? 0 : exit_code(ErrorCode::invalid)};
}

}  // namespace patchlab::operations
