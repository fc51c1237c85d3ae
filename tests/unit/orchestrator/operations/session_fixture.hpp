// SPDX-License-Identifier: Apache-2.0
//
// A state folder of its own, with sessions in the name of any user.
#pragma once

#include <gtest/gtest.h>

#include "orchestrator/operations/operation.hpp"
#include "orchestrator/operations/session.hpp"
#include "platform/core/files.hpp"

namespace patchlab::operations {

class SessionTest : public testing::Test {
  protected:
    SessionTest() {
        Session first = session_of("");
        first.permit_new_state();
        first.actor();  // the first user: an administrator
    }

    Session session_of(const std::string& user) {
        return Session({folder_.path() / "state", user, "fake"}, commands_, clock_);
    }
    void add_user(const std::string& name, const std::vector<governance::Role>& roles) {
        Session session = session_of("");
        session.database().transaction([&] {
            session.governance().users.add(name, roles, "root", session.governance().now());
        });
    }
    /// The document of an operation that the user asks for.
    Json ask(const std::string& user, std::string_view name, const Json& request = Json::object()) {
        Session session = session_of(user);
        NoEvents events;
        return invoke(session, events, name, request).document;
    }
    std::vector<governance::AuditRow> trail() { return session_of("").governance().audit.list(); }

    TempFolder folder_{fs::temp_directory_path(), "operations"};
    process::SystemCommandRunner commands_;
    SystemClock clock_;
};

}  // namespace patchlab::operations
