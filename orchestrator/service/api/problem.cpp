// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/api/problem.hpp"

#include <algorithm>
#include <array>

namespace patchlab::service::api {

namespace {

struct ProblemKind {
    std::string_view code, title;
    int status;
};
constexpr std::array problem_kinds{
    ProblemKind{"usage", "The request is wrong", 400},
    ProblemKind{"not-authenticated", "Sign in first", 401},
    ProblemKind{"not-allowed", "Not allowed", 403},
    ProblemKind{"not-found", "There is no such thing", 404},
    ProblemKind{"method", "Not with this method", 405},
    ProblemKind{"conflict", "It exists already, or is in use", 409},
    ProblemKind{"refused", "The answer is no", 409},
    ProblemKind{"changed", "It has changed since it was read", 412},
    ProblemKind{"invalid", "The content is wrong", 422},
    ProblemKind{"unseen", "Say what was seen (If-Match)", 428},
    ProblemKind{"slow-down", "Too many attempts", 429},
    ProblemKind{"internal", "A mistake of patchlab", 500},
    ProblemKind{"lab", "The lab or its host failed", 503},
    ProblemKind{"busy", "Too much at once", 503},
    ProblemKind{"timeout", "It took too long", 504},
};

std::string with_dashes(std::string_view code) {
    std::string text(code);
    std::replace(text.begin(), text.end(), '_', '-');
    return text;
}

const ProblemKind* kind_of_code(std::string_view code) {
    const std::string wanted = with_dashes(code);
    const auto found = std::find_if(problem_kinds.begin(), problem_kinds.end(),
                                    [&](const ProblemKind& one) { return one.code == wanted; });
    return found == problem_kinds.end() ? nullptr : &*found;
}

}  // namespace

int status_of(std::string_view code) {
    const ProblemKind* kind = kind_of_code(code);
    return kind ? kind->status : 500;
}

Json problem_of(int status, const Json& error) {
    const std::string code = with_dashes(error.value("code", "internal"));
    const ProblemKind* kind = kind_of_code(code);
    Json problem{{"type", "urn:patchlab:problem:" + code},
                 {"title", kind ? kind->title : "It failed"},
                 {"status", status},
                 {"detail", error.value("message", "")}};
    for (const auto& [name, value] : error.items()) problem[name] = value;
    problem["code"] = code;
    return problem;
}

}  // namespace patchlab::service::api
