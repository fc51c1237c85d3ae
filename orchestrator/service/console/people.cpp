// SPDX-License-Identifier: Apache-2.0
//
// Users with their roles and keys, and the tokens of programs.
#include <algorithm>

#include "orchestrator/operations/operation.hpp"
#include "orchestrator/service/console/forms.hpp"
#include "orchestrator/service/console/rows.hpp"
#include "platform/core/text.hpp"

namespace patchlab::service::console {

namespace {

constexpr std::size_t acts_shown = 20;

std::vector<Call> users_calls(const Visit&) { return {{"users", "user.list", Json::object()}}; }

Json user_request(const Values&, const Values& fields) {
    return {{"name", fields.one("name")}, {"roles", fields.every("role")}};
}

std::string to_the_user(const Values&, const Values&, const Json& response) {
    return address("/users/", text_at(response, "name"));
}

std::string check_user(const Values& fields) {
    if (fields.one("name").empty()) return "Give the user a name.";
    if (fields.every("role").empty()) return "Choose at least one role.";
    return {};
}

void write_users(const View& view, const Json& users) {
    const auto table = view.out.open("table", {{"class", "stack"}});
    table_head(view.out, "Users", {"User", "Roles", "Key", "Account", "Added"});
    const auto body = view.out.open("tbody");
    for (const Json& user : users) {
        const std::string name = text_at(user, "name");
        const auto row = view.out.open("tr", {{"data-filter", name}});
        name_cell(view.out, address("/users/", name), name);
        {
            const auto one = cell(view.out, "Roles");
            view.out.guest(joined(texts_at(user, "roles")), 200);
            if (!flag_at(user, "active")) tag(view.out, "warn", "removed");
        }
        std::string custody = "none";
        for (const Json& key : list_at(user, "keys"))
            if (text_at(key, "retired").empty())
                custody = text_at(key, "custody") == "own" ? "keeps it" : "kept by patchlab";
        text_cell(view.out, "Key", custody);
        const std::string account = text_at(user, "os_user");
        guest_cell(view.out, "Account", account.empty() ? "not bound" : account);
        moment_cell(view, "Added", text_at(user, "added"));
    }
}

void render_users(const View& view) {
    heading(view.out, "Users", "Who may do what.");
    {
        const Region section(view.out, "users", "Users");
        if (!write_failure(view, "users", "the users"))
            write_users(view, list_at(*view.document("users"), "users"));
    }
    {
        const Region section(view.out, "add", "Add a user");
        OpenForm form(view, {"add", "act"});
        form.line("name", "Name", "Letters, digits and . _ @ -", true);
        form.choice("role", "Role", governance::role_words());
        form.submit("Add the user", "primary");
    }
    from_a_shell(view, {{"user list", "user.list", Json::object()}});
}

std::vector<Call> user_calls(const Visit& visit) {
    const std::string user = visit.params.one("user");
    return {{"user", "user.show", {{"name", user}}},
            {"acts",
             "audit.list",
             {{"filter", {{"where", {{"user", {user}}}}, {"limit", acts_shown}}}}}};
}

Json roles_request(const Values& params, const Values& fields) {
    return {{"name", params.one("user")}, {"roles", fields.every("role")}, {"replace", true}};
}

Json remove_request(const Values& params, const Values&) { return {{"name", params.one("user")}}; }

std::string back_to_the_user(const Values& params, const Values&, const Json&) {
    return address("/users/", params.one("user"));
}

std::string check_name(const Values& fields) {
    if (fields.one("confirm") == fields.one("expected")) return {};
    return "Type the user's name to confirm.";
}

std::string check_roles(const Values& fields) {
    return fields.every("role").empty() ? "Choose at least one role." : std::string();
}

void write_keys(const View& view, const Json& user) {
    const Region section(view.out, "keys", "Keys");
    for (const Json& key : list_at(user, "keys")) {
        const auto box = view.out.open("div", {{"class", "card"}});
        const bool retired = !text_at(key, "retired").empty();
        outcome(view.out, retired ? "plain" : "good", retired ? "retired" : "in use");
        view.out.text(text_at(key, "custody") == "own" ? " The user keeps the secret half. "
                                                       : " patchlab keeps the secret half. ");
        moment(view.out, text_at(key, "added"), view.visit.now);
        const auto line = view.out.open("p");
        copyable(view.out, text_at(key, "id"));
    }
}

void write_user_forms(const View& view, const Json& user) {
    const Region section(view.out, "change", "Change");
    const auto forms = view.out.open("div", {{"class", "columns"}});
    {
        OpenForm form(view, {"roles", "act card"});
        view.out.element("h3", "Roles");
        const auto roles = texts_at(user, "roles");
        for (const std::string& role : governance::role_words()) {
            const auto box = view.out.open("div", {{"class", "field tick"}});
            std::vector<Attribute> attributes{
                {"type", "checkbox"}, {"id", "role-" + role}, {"name", "role"}, {"value", role}};
            if (std::find(roles.begin(), roles.end(), role) != roles.end())
                attributes.push_back({"checked", "checked"});
            view.out.lone_with("input", attributes);
            view.out.element("label", {{"for", "role-" + role}}, role);
        }
        form.submit("Change the roles", "primary");
    }
    OpenForm form(view, {"remove", "act card",
                         flag_at(user, "active") ? std::string_view() : "Already removed."});
    view.out.element("h3", "Remove");
    form.hidden("expected", text_at(user, "name"));
    form.line("confirm", "Type the name: " + text_at(user, "name"),
              "Their decisions stay on record.", true);
    form.password_if_stale();
    form.submit("Remove the user", "danger");
}

/// What they did last; what was done to them stands one link away.
void write_acts(const View& view, const std::string& name) {
    const Region section(view.out, "acts", "What they did last");
    if (write_failure(view, "acts", "the audit trail")) return;
    const Json& rows = list_at(*view.document("acts"), "rows");
    if (rows.empty()) {
        nothing_here(view.out, "Nothing is on record.",
                     "Every act that changes something stands in the audit trail.");
    } else {
        const auto table = view.out.open("table", {{"class", "stack"}});
        table_head(view.out, "What they did last", {"When", "What", "To"});
        const auto body = view.out.open("tbody");
        // the newest come last in the document
        for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
            const auto line = view.out.open("tr");
            moment_cell(view, "When", text_at(*row, "time"));
            guest_cell(view.out, "What", text_at(*row, "action"));
            guest_cell(view.out, "To", text_at(*row, "subject"));
        }
    }
    link(view.out, "/audit" + query_text({{"subject", name}}), "What was done to them");
}

void render_user(const View& view) {
    const std::string name = view.param("user");
    heading(view.out, name, "A user");
    if (write_failure(view, "user", "this user")) return;
    const Json& user = *view.document("user");
    write_keys(view, user);
    write_user_forms(view, user);
    write_acts(view, name);
    from_a_shell(view, {{"user show " + shell_word(name), "user.show", {{"name", name}}}});
}

}  // namespace

std::vector<Screen> people_screens() {
    const Form add{"add", "user.add", user_request, to_the_user, check_user};
    const Form roles{"roles", "user.add", roles_request, back_to_the_user, check_roles};
    Form remove{"remove", "user.remove", remove_request, back_to_the_user, check_name};
    remove.sign_in_again = true;
    return {{"/users", "Users", users_calls, render_users, {add}},
            {"/users/{user}", "User", user_calls, render_user, {roles, remove}}};
}

}  // namespace patchlab::service::console
