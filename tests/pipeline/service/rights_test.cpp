// SPDX-License-Identifier: Apache-2.0
//
// Role × operation over HTTP: every route of the table of operations, asked by nobody, by a user of
// each role that lacks the right, and by one of each that has it.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "orchestrator/service/api/routes.hpp"
#include "orchestrator/service/api/url.hpp"
#include "tests/pipeline/service/passwords.hpp"
#include "tests/support/service.hpp"
#include "tests/support/web_user.hpp"

namespace patchlab::tests {
namespace {

using governance::Role;
using service::api::Member;
using service::api::MemberKind;
using service::api::Route;

constexpr const char* nothing = "none";
constexpr const char* form_type = "Content-Type: multipart/form-data; boundary=b\r\n";

const std::vector<Role> all_roles{Role::viewer,       Role::tester, Role::release_manager,
                                  Role::system_owner, Role::admin,  Role::auditor};

std::string user_of(Role role) { return "the-" + std::string(governance::name(role)); }

/// Definitions that are right, so that the answer is about the caller.
const std::map<std::string_view, const char*> definitions{
    {"policy", "schema: patchlab/policy/v1\nname: ours\napprovals: [{ role: release-manager }]\n"},
    {"inventory",
     "schema: patchlab/windows/v1\nwindows:\n  night: { zone: UTC, from: \"22:00\", to: \"04:00\" "
     "}\n"},
    {"rollout",
     "schema: patchlab/rollout/v1\nname: web\nrings:\n  - { name: rest, rest: true, soak: 1h }\n"},
    {"notify", "schema: patchlab/notify/v1\ntargets: []\n"},
};

/// What one route is asked, with as little as its schema takes.
struct Question {
    std::string target, body, fields;
};

/// Things that do not exist, except for the run and the entry: an act that is permitted finds
/// nothing to do, and one that is not is refused all the same.
class Asker {
  public:
    Asker(std::string run, std::string entry) : run_(std::move(run)), entry_(std::move(entry)) {}

    Question question_for(const Route& route) const {
        Question question{route.path, {}, {}};
        Json body = Json::object();
        std::string form;
        for (const Member& member : route.members) {
            if (member.name == route.subject) {
                const auto open = question.target.find('{'), close = question.target.find('}');
                question.target.replace(open, close - open + 1,
                                        service::api::percent_encoded(text_for(route, member)));
            } else if (service::api::is_upload(member.kind) && member.required) {
                form += "--b\r\nContent-Disposition: form-data; name=\"" + member.name +
                        "\"; filename=\"x\"\r\n\r\nx\r\n";
            } else if (is_asked(route, member)) {
                body[member.name] = value_for(route, member);
            }
        }
        if (!form.empty()) as_form(question, form, body);
        else if (route.takes_body()) as_json(question, body);
        else as_query(question, body);
        return question;
    }

  private:
    /// What is required; and of the rest what keeps an act from looking at the world outside.
    static bool is_asked(const Route& route, const Member& member) {
        if (member.kind == MemberKind::output) return false;
        const bool looks_outside =
            route.operation->name == "patch.fetch" || route.operation->name == "patch.pending";
        const bool defines = member.name == "definition" && route.operation->name == "policy.add";
        return member.required || defines || (looks_outside && member.name == "lab");
    }
    std::string text_for(const Route& route, const Member& member) const {
        const std::string& name = member.name;
        if (name == "run") return run_;
        if (name == "entry") return entry_;
        if (name == "name" && route.operation->name.starts_with("image.")) return "!";
        if (name == "expires") return "2099-01-01";
        if (name == "password") return usual_password;
        if (name == "kind") return "approve";
        if (name == "format") return "json";
        if (name == "requirement") return "drill";
        return nothing;
    }
    Json value_for(const Route& route, const Member& member) const {
        if (member.name == "roles") return Json::array({"viewer"});
        if (member.kind == MemberKind::texts) return Json::array({text_for(route, member)});
        if (member.kind != MemberKind::object) return text_for(route, member);
        const auto text = definitions.find(service::api::noun_of(route.operation->name));
        return {{"file", "x.yaml"}, {"text", text == definitions.end() ? "{}\n" : text->second}};
    }
    static void as_form(Question& question, std::string form, const Json& fields) {
        for (const auto& [name, value] : fields.items())
            form += "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" +
                    (value.is_string() ? value.get<std::string>() : to_line(value)) + "\r\n";
        question.body = form + "--b--\r\n";
        question.fields = form_type;
    }
    static void as_json(Question& question, const Json& body) {
        question.body = to_line(body);
        question.fields = "Content-Type: application/json\r\n";
    }
    static void as_query(Question& question, const Json& parameters) {
        for (const auto& [name, value] : parameters.items()) {
            const std::string text =
                value.is_array() ? value.at(0).get<std::string>() : value.get<std::string>();
            question.target += question.target.find('?') == std::string::npos ? '?' : '&';
            question.target += name + "=" + service::api::percent_encoded(text);
        }
    }

    std::string run_, entry_;
};

/// What the table says: the same rule as authorise(), for somebody who signed in just now and asks
/// nothing of themselves.
bool may(Role role, const operations::Operation& operation) {
    const auto& any_of = operation.access.any_of;
    if (!any_of.empty()) return std::find(any_of.begin(), any_of.end(), role) != any_of.end();
    const bool changes = operations::writes(operation.kind) && !operation.access.personal;
    return role != Role::auditor || !changes;
}

/// The user has the right; the policy, or whose key it is, says no to this one act.
bool is_for_another_reason(const WebReply& reply) {
    return reply.body.find("is not satisfied") != std::string::npos ||
           reply.body.find("is not the key of user") != std::string::npos;
}

class Rights : public testing::Test {
  protected:
    Rights() : run_(lab_.approved_run()) {
        for (const Role role : all_roles) {
            const std::string name(governance::name(role));
            run({"user", "add", user_of(role), "--role", name});
            give_password(lab_, user_of(role));
        }
        run({"--as", "bob", "catalog", "promote", run_, "--to", "ring-0"});
        const Json list = parse_json(lab_.run({"catalog", "list", "--json"}).out, "entries");
        asker_.emplace(run_, list.at("entries").at(0).at("id").get<std::string>());
        service_.emplace(lab_, std::map<std::string, std::string>{}, http_at(port_));
    }
    void run(const std::vector<std::string>& words) {
        const auto result = lab_.run(words);
        ASSERT_EQ(result.exit_code, 0) << testing::PrintToString(words) << result.err;
    }
    /// What goes on and on is no refusal: 200.
    WebReply ask(const WebUser& user, const Route& route) const {
        Question question = asker_->question_for(route);
        if (!route.guarded_by.empty()) {
            const Route& read = *service::api::route_of(route.guarded_by);
            const WebReply seen = user.get(asker_->question_for(read).target);
            question.fields += "If-Match: " + seen.field("ETag") + "\r\n";
        }
        const bool endless = route.operation->name == "event.follow";
        WebReply reply = user.ask(route.method, question.target, question.body, question.fields,
                                  endless ? 2 : 60);
        if (endless && reply.status == 0) reply.status = 200;
        return reply;
    }
    /// Those that anybody may ask before they log in have tests of their own.
    static std::vector<const Route*> routes_to_try() {
        std::vector<const Route*> all;
        for (const Route& route : service::api::routes())
            if (!route.operation->access.before_login) all.push_back(&route);
        return all;
    }

    PlayedLab lab_;
    std::string run_;
    std::uint16_t port_ = free_port();
    std::optional<Asker> asker_;
    std::optional<RunningService> service_;
};

TEST_F(Rights, nobody_is_answered_who_has_not_signed_in) {
    const WebUser nobody(port_);
    for (const Route* route : routes_to_try())
        EXPECT_EQ(ask(nobody, *route).status, 401) << route->method << " " << route->path;
}

TEST_F(Rights, each_operation_is_refused_to_each_role_without_the_right_and_to_no_other) {
    for (const Role role : all_roles) {
        WebUser user(port_);
        ASSERT_TRUE(user.sign_in(user_of(role), usual_password)) << user_of(role);
        for (const Route* route : routes_to_try()) {
            const operations::Operation& operation = *route->operation;
            if (operation.name == "session.logout") continue;
            const WebReply reply = ask(user, *route);
            const int status = reply.status;
            const std::string what = std::string(operation.name) + " as " + user_of(role) + ": " +
                                     std::to_string(status) + " " + reply.body;
            if (may(role, operation)) {
                EXPECT_TRUE(status >= 200 && status < 600 && status != 500) << what;
                EXPECT_TRUE((status != 401 && status != 403) || is_for_another_reason(reply))
                    << what;
            } else {
                EXPECT_EQ(status, 403) << what;
            }
        }
        EXPECT_EQ(ask(user, *service::api::route_of("session.logout")).status, 200);
        EXPECT_EQ(user.get("/api/v1/runs").status, 401) << "the session is over";
    }
}

}  // namespace
}  // namespace patchlab::tests
