// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/operations/operation.hpp"
#include "platform/core/error.hpp"
#include "tests/unit/orchestrator/operations/session_fixture.hpp"

namespace patchlab::operations {
namespace {

using testing::HasSubstr;

class InvokeTest : public SessionTest {
  protected:
    Outcome ask(const std::string& user, std::string_view name, const Json& request) {
        Session session = session_of(user);
        NoEvents events;
        return invoke(session, events, name, request);
    }
    ErrorCode refusal(const std::string& user, std::string_view name, const Json& request) {
        try {
            ask(user, name, request);
        } catch (const Error& error) {
            said_ = std::string(error.what()) + "\n" + error.advice();
            return error.code();
        }
        ADD_FAILURE() << name << " was not refused";
        return ErrorCode::internal;
    }
    /// A lab file that needs nothing to be added.
    std::string lab_file() {
        const fs::path file = folder_.path() / "small.yaml";
        write_file_atomic(file,
                          "schema: patchlab/lab/v1\nname: small\nmachines:\n"
                          "  web: {image: web, suites: [base]}\n");
        return file.string();
    }
    std::string said_;
};

TEST_F(InvokeTest, an_unknown_operation_is_not_found) {
    EXPECT_EQ(refusal("", "run.vanish", Json::object()), ErrorCode::not_found);
    EXPECT_THAT(said_, HasSubstr("there is no operation 'run.vanish'"));
}

TEST_F(InvokeTest, a_request_that_does_not_fit_its_schema_names_every_mistake) {
    EXPECT_EQ(refusal("", "run.start", {{"lab", 7}, {"patchs", "nginx"}}), ErrorCode::invalid);
    EXPECT_THAT(said_, HasSubstr("/lab"));
    EXPECT_THAT(said_, HasSubstr("did you mean 'patches'?"));
    EXPECT_THAT(said_, HasSubstr("'patches' is missing"));
}

TEST_F(InvokeTest, reading_asks_nobody_and_leaves_no_row) {
    const std::size_t before = trail().size();
    EXPECT_EQ(ask("nobody", "run.list", Json::object()).document.at("runs"), Json::array());
    EXPECT_EQ(trail().size(), before);
}

TEST_F(InvokeTest, a_write_leaves_one_row_with_actor_and_subject) {
    add_user("tess", {governance::Role::tester});
    const std::size_t before = trail().size();
    const Json added = ask("tess", "lab.add", {{"file", lab_file()}}).document;
    const auto rows = trail();
    ASSERT_EQ(rows.size(), before + 1);
    EXPECT_EQ(rows.back().event.action, "lab.add");
    EXPECT_EQ(rows.back().event.subject, "small");
    EXPECT_EQ(rows.back().event.actor.user, "tess");
    EXPECT_EQ(rows.back().event.detail.at("digest"), added.at("digest"));
    EXPECT_TRUE(rows.back().event.detail.at("replaces").is_null());

    ask("tess", "lab.remove", {{"lab", "small"}});
    EXPECT_EQ(trail().back().event.action, "lab.remove");
    EXPECT_EQ(trail().back().event.subject, "small");
}

TEST_F(InvokeTest, a_write_that_fails_leaves_no_row) {
    const std::size_t before = trail().size();
    EXPECT_EQ(refusal("", "lab.remove", {{"lab", "none"}}), ErrorCode::not_found);
    EXPECT_EQ(trail().size(), before);
}

TEST_F(InvokeTest, a_long_write_that_fails_says_so_after_it_said_that_it_begins) {
    const std::size_t before = trail().size();
    EXPECT_EQ(refusal("", "image.import", {{"name", "x"}, {"file", "/none.qcow2"}}),
              ErrorCode::not_found);
    const auto rows = trail();
    ASSERT_EQ(rows.size(), before + 2);
    EXPECT_EQ(rows[before].event.action, "image.import");
    EXPECT_EQ(rows[before].event.detail.at("file"), "/none.qcow2");
    EXPECT_EQ(rows[before + 1].event.subject, "x");
    EXPECT_TRUE(rows[before + 1].event.detail.contains("failed"));
}

TEST_F(InvokeTest, a_refusal_is_recorded) {
    add_user("vera", {governance::Role::viewer});
    EXPECT_EQ(refusal("vera", "lab.add", {{"file", lab_file()}}), ErrorCode::not_allowed);
    EXPECT_THAT(said_, HasSubstr("user 'vera' may not add a lab"));
    EXPECT_THAT(said_, HasSubstr("tester or admin"));
    EXPECT_EQ(trail().back().event.action, "refused");
    EXPECT_EQ(trail().back().event.subject, "lab.add");
    EXPECT_EQ(trail().back().event.actor.user, "vera");
    EXPECT_THAT(ask("", "lab.list", Json::object()).document.at("labs"), testing::IsEmpty());
}

TEST_F(InvokeTest, a_lab_says_what_it_replaced) {
    ask("", "lab.add", {{"file", lab_file()}});
    const std::string first = trail().back().event.detail.at("digest").get<std::string>();
    ask("", "lab.add", {{"file", lab_file()}});
    EXPECT_EQ(trail().back().event.detail.at("replaces"), first);
}

}  // namespace
}  // namespace patchlab::operations
