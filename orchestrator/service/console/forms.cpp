// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/console/forms.hpp"

#include <algorithm>

#include "orchestrator/operations/operation.hpp"
#include "platform/core/text.hpp"

namespace patchlab::service::console {

namespace {

std::string alternatives(const std::vector<std::string>& roles) {
    std::string text;
    for (std::size_t i = 0; i < roles.size(); ++i) {
        if (i > 0) text += i + 1 == roles.size() ? " or " : ", ";
        text += roles[i];
    }
    return text;
}

}  // namespace

std::string why_not(const Viewer& viewer, std::string_view operation, std::string_view about) {
    const operations::Operation* row = operations::find(operation);
    if (!row) return "This installation has no operation " + std::string(operation) + ".";
    if (!viewer.known()) return "Sign in first.";
    if (row->access.any_of.empty()) return {};
    if (!row->access.themselves.empty() && about == viewer.user) return {};
    std::vector<std::string> roles;
    for (const governance::Role role : row->access.any_of)
        roles.emplace_back(governance::name(role));
    const bool has_one = std::any_of(roles.begin(), roles.end(), [&](const std::string& role) {
        return std::find(viewer.roles.begin(), viewer.roles.end(), role) != viewer.roles.end();
    });
    if (has_one) return {};
    return "This needs the role " + alternatives(roles) + ". You are " +
           (viewer.roles.empty() ? std::string("without a role") : joined(viewer.roles)) + ".";
}

const Form* find_form(const Screen& screen, std::string_view name) {
    for (const Form& form : screen.forms)
        if (form.name == name) return &form;
    return nullptr;
}

std::optional<Failure> refusal(const Form& form, const Values& fields, const Viewer& viewer,
                               TimePoint now) {
    if (form.check)
        if (const std::string wrong = form.check(fields); !wrong.empty())
            return Failure{"usage", wrong, "Nothing was done. What you typed is still there."};
    if (form.sign_in_again && !viewer.is_fresh(now) && fields.one("_password").empty())
        return Failure{"sign_in_again", "You signed in a while ago.",
                       "Give your password with this form. What you typed is still there."};
    return std::nullopt;
}

OpenForm::OpenForm(const View& view, const FormLook& look)
    : view_(view),
      form_(find_form(view.screen, look.name)),
      name_(look.name),
      several_(look.id != nullptr),
      quiet_(look.quiet),
      why_not_(form_ ? why_not(view.viewer, form_->operation, look.about)
                     : "There is no such form."),
      element_(view.out.open("form", {{"method", "post"},
                                      {"action", this_page_with(view.visit, {})},
                                      {"class", look.css},
                                      {"id", look.id ? look.id : "form-" + name_}})) {
    if (why_not_.empty()) why_not_ = look.blocked;
    if (!several_) hidden("_form", name_);
    hidden("_csrf", view.viewer.csrf);
}

bool OpenForm::was_sent() const {
    return view_.visit.attempt && (several_ || view_.visit.attempt->form == name_);
}

std::string OpenForm::typed(const char* name, std::string_view otherwise) const {
    return was_sent() ? view_.visit.attempt->fields.one(name) : std::string(otherwise);
}

std::string OpenForm::field_id(const char* name) const { return name_ + "-" + name; }

void OpenForm::hint_of(const char* name, std::string_view hint) {
    if (hint.empty()) return;
    view_.out.element("p", {{"class", "hint"}, {"id", field_id(name) + "-hint"}}, hint);
}

namespace {

std::vector<Attribute> field_attributes(const std::string& id, const char* name, bool required,
                                        bool hinted) {
    std::vector<Attribute> attributes{{"id", id}, {"name", name}};
    if (required) attributes.push_back({"required", "required"});
    if (hinted) attributes.push_back({"aria-describedby", id + "-hint"});
    return attributes;
}

/// A definition is seen whole, unless it is long.
std::string rows_for(std::string_view text) {
    const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
    return std::to_string(std::clamp<std::ptrdiff_t>(lines, 4, 24));
}

}  // namespace

void OpenForm::line(const char* name, std::string_view label, std::string_view hint, bool required,
                    std::string_view value) {
    const auto box = view_.out.open("div", {{"class", "field"}});
    view_.out.element("label", {{"for", field_id(name)}}, label);
    auto attributes = field_attributes(field_id(name), name, required, !hint.empty());
    attributes.push_back({"type", "text"});
    attributes.push_back({"autocomplete", "off"});
    attributes.push_back({"maxlength", "500"});
    attributes.push_back({"value", typed(name, value)});
    view_.out.lone_with("input", attributes);
    hint_of(name, hint);
}

void OpenForm::area(const char* name, std::string_view label, std::string_view hint, bool required,
                    std::string_view value) {
    const auto box = view_.out.open("div", {{"class", "field"}});
    view_.out.element("label", {{"for", field_id(name)}}, label);
    auto attributes = field_attributes(field_id(name), name, required, !hint.empty());
    const std::string text = typed(name, value);
    attributes.push_back({"rows", rows_for(text)});
    attributes.push_back({"data-keep", "draft"});
    {
        const auto field = view_.out.open_with("textarea", attributes);
        view_.out.text(text);
    }
    hint_of(name, hint);
}

void OpenForm::choice(const char* name, std::string_view label,
                      const std::vector<std::string>& values, std::string_view chosen) {
    const auto box = view_.out.open("div", {{"class", "field"}});
    view_.out.element("label", {{"for", field_id(name)}}, label);
    const auto select = view_.out.open("select", {{"id", field_id(name)}, {"name", name}});
    const std::string picked = typed(name, chosen);
    for (const std::string& value : values) write_option(view_.out, value, value == picked, value);
}

void OpenForm::tick(const char* name, std::string_view label, bool ticked) {
    const auto box = view_.out.open("div", {{"class", "field tick"}});
    std::vector<Attribute> attributes{
        {"type", "checkbox"}, {"id", field_id(name)}, {"name", name}, {"value", "yes"}};
    if (was_sent() ? !typed(name, {}).empty() : ticked)
        attributes.push_back({"checked", "checked"});
    view_.out.lone_with("input", attributes);
    view_.out.element("label", {{"for", field_id(name)}}, label);
}

void OpenForm::hidden(const char* name, std::string_view value) {
    hidden_field(view_.out, name, value);
}

void OpenForm::password_if_stale() {
    if (!form_ || !form_->sign_in_again || !enabled()) return;
    if (view_.viewer.is_fresh(view_.visit.now)) return;
    const auto box = view_.out.open("div", {{"class", "field"}});
    view_.out.element("label", {{"for", field_id("_password")}}, "Your password");
    view_.out.lone("input", {{"id", field_id("_password")},
                             {"name", "_password"},
                             {"type", "password"},
                             {"required", "required"},
                             {"autocomplete", "current-password"},
                             {"aria-describedby", field_id("_password") + "-hint"}});
    hint_of("_password", "Asked for again because you signed in more than 15 minutes ago.");
}

void OpenForm::button(const std::vector<Attribute>& more, std::string_view label, const char* css) {
    std::vector<Attribute> attributes{{"type", "submit"}, {"class", css}};
    attributes.insert(attributes.end(), more.begin(), more.end());
    const std::string reason = field_id("why-not");
    if (!enabled()) {
        attributes.push_back({"disabled", "disabled"});
        attributes.push_back({"aria-describedby", reason});
        attributes.push_back({"title", why_not_});
    }
    {
        const auto element = view_.out.open_with("button", attributes);
        view_.out.text(label);
    }
    if (enabled() || said_why_) return;
    said_why_ = true;
    const auto line =
        view_.out.open("p", {{"class", quiet_ ? "unseen" : "why-not"}, {"id", reason}});
    view_.out.guest(why_not_, 400);
}

void OpenForm::submit(std::string_view label, const char* css) { button({}, label, css); }

void OpenForm::submit_as(const char* name, std::string_view value, std::string_view label,
                         const char* css) {
    button({{"name", name}, {"value", std::string(value)}}, label, css);
}

void write_attempt(const View& view) {
    if (!view.visit.attempt || !view.visit.attempt->failure) return;
    const Failure& failure = *view.visit.attempt->failure;
    const auto box = view.out.open(
        "div", {{"class", "reason bad attempt"}, {"role", "alert"}, {"id", "attempt"}});
    view.out.element("h2", "That was not done");
    write_words_of(view.out, failure, 2000);
}

}  // namespace patchlab::service::console
