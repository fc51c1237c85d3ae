// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/api/request.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "orchestrator/service/api/problem.hpp"
#include "platform/core/error.hpp"

namespace patchlab::service::api {
namespace {

Asked ask(const std::string& method, const std::string& path, const std::string& query = "",
          const Json& body = nullptr, const std::vector<Upload>& uploads = {}) {
    const auto match = find_route(method, path);
    if (!match) throw Error(ErrorCode::not_found, "no route " + path);
    return request_of(*match, parameters_in(query).value(), body, uploads);
}

std::string refusal(const std::string& method, const std::string& path, const std::string& query,
                    const Json& body = nullptr, const std::vector<Upload>& uploads = {}) {
    try {
        ask(method, path, query, body, uploads);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

TEST(Request, has_the_types_of_its_schema) {
    const Json request = ask("GET", "/api/v1/runs/r-1/diff",
                             "unexplained=true&classes=port&classes=file&path=/a%20b")
                             .request;
    EXPECT_EQ(request, Json({{"run", "r-1"},
                             {"unexplained", true},
                             {"classes", {"port", "file"}},
                             {"path", "/a b"}}));
    EXPECT_EQ(ask("GET", "/api/v1/runs/wait", "runs=a&timeout=1.5").request,
              Json({{"runs", {"a"}}, {"timeout", 1.5}}));
    EXPECT_EQ(ask("GET", "/api/v1/rollouts/o/log", "after=7").request,
              Json({{"rollout", "o"}, {"after", 7}}));
}

TEST(Request, says_what_is_wrong_with_a_parameter) {
    EXPECT_EQ(refusal("GET", "/api/v1/runs/r/diff", "unexplaned=1"),
              "unexplaned: unknown (did you mean 'unexplained'?)");
    EXPECT_EQ(refusal("GET", "/api/v1/runs/r/diff", "content=maybe"),
              "content: 'maybe' is neither true nor false");
    EXPECT_EQ(refusal("GET", "/api/v1/rollouts/o/log", "after=7x"),
              "after: '7x' is no whole number");
    EXPECT_EQ(refusal("GET", "/api/v1/runs/r/diff", "path=/a&path=/b"), "path: given twice");
    EXPECT_EQ(refusal("GET", "/api/v1/runs/r/diff", "run=q"), "run: stands in the path already");
}

TEST(Request, takes_a_body_and_no_path_of_the_host) {
    EXPECT_EQ(ask("POST", "/api/v1/runs", "", {{"lab", "web"}, {"patches", {"p"}}}).request,
              Json({{"lab", "web"}, {"patches", {"p"}}}));
    EXPECT_NE(
        refusal("POST", "/api/v1/patches", "", {{"files", {"/etc/shadow"}}}).find("multipart"),
        std::string::npos);
    EXPECT_NE(refusal("POST", "/api/v1/patches", "", {{"files", {{{"fd", 0}, {"file", "x"}}}}})
                  .find("multipart"),
              std::string::npos);
    EXPECT_NE(
        refusal("POST", "/api/v1/runs/r/approve", "", {{"key_file", "/k"}}).find("secret key"),
        std::string::npos);
    EXPECT_EQ(refusal("POST", "/api/v1/runs", "", Json::array()), "body: must be a JSON object");
}

TEST(Request, hands_uploads_over_by_number) {
    const Json request = ask("POST", "/api/v1/patches", "", nullptr,
                             {{"files", "../a.deb"}, {"files", "b.deb"}, {"keyring", "k.gpg"}})
                             .request;
    EXPECT_EQ(request.at("files"),
              Json({{{"fd", 0}, {"file", "a.deb"}}, {{"fd", 1}, {"file", "b.deb"}}}));
    EXPECT_EQ(request.at("keyring"), Json({{"fd", 2}, {"file", "k.gpg"}}));
    EXPECT_NE(refusal("POST", "/api/v1/runs", "", nullptr, {{"lab", "x"}}), "");
}

TEST(Request, of_a_list_filters_by_members_of_its_items) {
    const Asked asked =
        ask("GET", "/api/v1/runs", "state=running&lab=a&lab=b&sort=-requested&limit=2");
    EXPECT_EQ(asked.request.at("filter"),
              Json({{"limit", 3},
                    {"where", {{"state", {"running"}}, {"lab", {"a", "b"}}}},
                    {"sort", "-requested"}}));
    EXPECT_NE(refusal("GET", "/api/v1/runs", "limit=0"), "");
    EXPECT_NE(refusal("GET", "/api/v1/runs", "limit=9999"), "");
    EXPECT_NE(refusal("GET", "/api/v1/runs", "cursor=abc"), "");
}

TEST(Problem, has_the_status_of_its_code) {
    EXPECT_EQ(status_of("not-found"), 404);
    EXPECT_EQ(status_of("not_allowed"), 403);
    EXPECT_EQ(status_of("lab"), 503);
    EXPECT_EQ(status_of("who knows"), 500);
    const Json problem =
        problem_of(404, error_document(Error(ErrorCode::not_found, "no run r", "list them")));
    EXPECT_EQ(problem.at("detail"), "no run r");
    EXPECT_EQ(problem.at("advice"), "list them");
    EXPECT_EQ(problem.at("schema"), "patchlab/error/v1");
}

TEST(FileName, keeps_no_folder) {
    EXPECT_EQ(plain_file_name("C:\\a\\x.deb"), "x.deb");
    EXPECT_EQ(plain_file_name("../../etc/passwd"), "passwd");
    EXPECT_EQ(plain_file_name(".."), "file");
    EXPECT_EQ(plain_file_name(""), "file");
}

RC_GTEST_PROP(Request, any_parameters_are_taken_or_refused_with_an_error,
              (const std::vector<std::pair<std::string, std::string>>& parameters)) {
    for (const Route& route : routes()) {
        try {
            request_of({&route, "x"}, parameters, nullptr);
        } catch (const Error& error) {
            RC_ASSERT(error.code() == ErrorCode::usage || error.code() == ErrorCode::invalid);
        }
    }
}

}  // namespace
}  // namespace patchlab::service::api
