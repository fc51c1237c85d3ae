// SPDX-License-Identifier: Apache-2.0
//
// Documents and addresses, read and written without trust.
#include <algorithm>

#include "orchestrator/service/api/url.hpp"
#include "orchestrator/service/console/view.hpp"
#include "platform/core/text.hpp"

namespace patchlab::service::console {

namespace {

const Json empty_list = Json::array();
const Json empty_object = Json::object();

const Json* found_at(const Json& object, const char* key) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
}

bool means_nothing_to_a_shell(char c) {
    return is_digit(c) || (small(c) >= 'a' && small(c) <= 'z') ||
           std::string_view("-._~@:/+,=%").find(c) != std::string_view::npos;
}

}  // namespace

bool Failure::is(std::string_view wanted) const {
    return std::equal(code.begin(), code.end(), wanted.begin(), wanted.end(), [](char a, char b) {
        return a == b || (a == '-' && b == '_') || (a == '_' && b == '-');
    });
}

void Values::add(std::string name, std::string value) {
    all_.emplace_back(std::move(name), std::move(value));
}

bool Values::has(std::string_view name) const {
    for (const auto& [one, value] : all_)
        if (one == name) return true;
    return false;
}

std::string Values::one(std::string_view name) const {
    for (const auto& [one, value] : all_)
        if (one == name) return value;
    return {};
}

std::vector<std::string> Values::every(std::string_view name) const {
    std::vector<std::string> values;
    for (const auto& [one, value] : all_)
        if (one == name && !value.empty()) values.push_back(value);
    return values;
}

const Json* View::document(std::string_view key) const {
    const auto found = answers.find(key);
    return found == answers.end() || found->second.failure ? nullptr : &found->second.document;
}

const Failure* View::failure(std::string_view key) const {
    const auto found = answers.find(key);
    return found == answers.end() || !found->second.failure ? nullptr : &*found->second.failure;
}

const Json* View::response(std::string_view form) const {
    const auto& attempt = visit.attempt;
    return attempt && attempt->form == form && !attempt->failure ? &attempt->response : nullptr;
}

std::string text_at(const Json& object, const char* key) {
    const Json* value = found_at(object, key);
    return value && value->is_string() ? value->get<std::string>() : std::string();
}

std::int64_t number_at(const Json& object, const char* key) {
    const Json* value = found_at(object, key);
    return value && value->is_number() ? value->get<std::int64_t>() : 0;
}

double real_at(const Json& object, const char* key) { return known_at(object, key).value_or(0); }

std::optional<double> known_at(const Json& object, const char* key) {
    const Json* value = found_at(object, key);
    if (!value || !value->is_number()) return std::nullopt;
    return value->get<double>();
}

bool flag_at(const Json& object, const char* key) {
    const Json* value = found_at(object, key);
    return value && value->is_boolean() && value->get<bool>();
}

const Json& list_at(const Json& object, const char* key) {
    const Json* value = found_at(object, key);
    return value && value->is_array() ? *value : empty_list;
}

const Json& object_at(const Json& object, const char* key) {
    const Json* value = found_at(object, key);
    return value && value->is_object() ? *value : empty_object;
}

std::vector<std::string> texts_at(const Json& object, const char* key) {
    std::vector<std::string> texts;
    for (const Json& one : list_at(object, key))
        if (one.is_string()) texts.push_back(one.get<std::string>());
    return texts;
}

std::vector<std::string> names_in(const Json* document, const char* list, const char* member) {
    std::vector<std::string> names;
    if (!document) return names;
    for (const Json& item : list_at(*document, list)) names.push_back(text_at(item, member));
    return names;
}

std::vector<const Json*> items_of(const Json& list, std::size_t from, std::size_t to) {
    std::vector<const Json*> items;
    for (std::size_t i = from; i < to; ++i) items.push_back(&list[i]);
    return items;
}

std::string address(std::string_view prefix, std::string_view name) {
    return std::string(prefix) + api::percent_encoded(name);
}

std::string query_text(const Values& values) {
    std::string out;
    for (const auto& [name, value] : values.all()) {
        if (value.empty()) continue;
        out += out.empty() ? '?' : '&';
        out += api::percent_encoded(name) + "=" + api::percent_encoded(value);
    }
    return out;
}

std::string this_page_with(const Visit& visit, const Values& other) {
    Values values;
    for (const auto& [name, value] : visit.query.all())
        if (!other.has(name)) values.add(name, value);
    for (const auto& [name, value] : other.all()) values.add(name, value);
    std::string path;
    for (const char c : visit.path)
        path += c == '/' ? std::string("/") : api::percent_encoded({&c, 1});
    return path + query_text(values);
}

std::string shell_word(std::string_view word) {
    const bool plain =
        !word.empty() && std::all_of(word.begin(), word.end(), means_nothing_to_a_shell);
    if (plain) return std::string(word);
    std::string out = "'";
    for (const char c : word) {
        if (c == '\'') out += "'\\''";
        else out += c;
    }
    return out + "'";
}

}  // namespace patchlab::service::console
