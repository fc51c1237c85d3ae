// SPDX-License-Identifier: Apache-2.0
#include "platform/core/schema_walk.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "platform/core/error.hpp"
#include "platform/core/schema.hpp"
#include "platform/core/text.hpp"

namespace patchlab {

namespace {

constexpr int max_ref_depth = 64;

std::string kind_of(const Json& value) {
    if (value.is_null()) return "nothing";
    if (value.is_boolean()) return "a boolean";
    if (value.is_number_integer()) return "a whole number";
    if (value.is_number()) return "a number";
    if (value.is_string()) return "a string";
    return value.is_array() ? "a list" : "a map";
}

bool has_type(const Json& value, const std::string& type) {
    if (type == "null") return value.is_null();
    if (type == "boolean") return value.is_boolean();
    if (type == "string") return value.is_string();
    if (type == "array") return value.is_array();
    if (type == "object") return value.is_object();
    if (type == "number") return value.is_number();
    if (type == "integer")
        return value.is_number_integer() ||
               (value.is_number_float() && std::trunc(value.get<double>()) == value.get<double>());
    throw Error(ErrorCode::internal, "schema: there is no type '" + type + "'");
}

std::string type_phrase(const std::string& type) {
    if (type == "null") return "empty";
    if (type == "boolean") return "true or false";
    if (type == "integer") return "a whole number";
    if (type == "array") return "a list";
    if (type == "object") return "a map";
    return "a " + type;
}

std::vector<std::string> as_list(const Json& value) {
    if (value.is_string()) return {value.get<std::string>()};
    return value.get<std::vector<std::string>>();
}

std::string show(const Json& value) {
    std::string text = value.is_string() ? "'" + value.get<std::string>() + "'" : to_line(value);
    if (text.size() > 60) text = text.substr(0, 57) + "…";
    return text;
}

std::string join(const std::vector<std::string>& words, const std::string& last) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) out += i + 1 == words.size() ? last : ", ";
        out += words[i];
    }
    return out;
}

/// One walk over a document. Branches of a oneOf are tried with a Diagnostics of their own.
class Walk {
  public:
    Walk(const Json& root, const YamlDocument& document) : root_(root), document_(document) {}

    void visit(const Json& schema, const Json& value, const std::string& path, Diagnostics& out,
               int refs = 0) const {
        if (schema.is_boolean()) {
            if (!schema.get<bool>()) add(out, path, "is not allowed here");
            return;
        }
        if (const auto ref = schema.find("$ref"); ref != schema.end()) {
            if (refs > max_ref_depth)
                throw Error(ErrorCode::internal,
                            "schema: " + ref->get<std::string>() + " refers to itself");
            visit(root_.at(Json::json_pointer(ref->get<std::string>().substr(1))), value, path, out,
                  refs + 1);
        }
        if (!check_type(schema, value, path, out)) return;  // the rest would only repeat it
        check_value(schema, value, path, out);
        if (value.is_string()) check_string(schema, value.get<std::string>(), path, out);
        if (value.is_number()) check_number(schema, value, path, out);
        if (value.is_array()) check_array(schema, value, path, out, refs);
        if (value.is_object()) check_object(schema, value, path, out, refs);
        for (const char* keyword : {"oneOf", "anyOf"})
            if (const auto branches = schema.find(keyword); branches != schema.end())
                check_branches(schema, *branches, keyword == std::string_view("oneOf"), value, path,
                               out, refs);
    }

  private:
    void add(Diagnostics& out, const std::string& path, const std::string& message) const {
        out.add(document_.file, document_.line_of(path), path, message);
    }

    bool check_type(const Json& schema, const Json& value, const std::string& path,
                    Diagnostics& out) const {
        const auto type = schema.find("type");
        if (type == schema.end()) return true;
        std::vector<std::string> phrases;
        for (const std::string& name : as_list(*type)) {
            if (has_type(value, name)) return true;
            phrases.push_back(type_phrase(name));
        }
        std::string message =
            "must be " +
            (schema.contains("title") && !value.is_null() ? schema["title"].get<std::string>()
                                                          : join(phrases, " or ")) +
            ", is " + kind_of(value);
        if (phrases.size() == 1 && phrases[0] == "a string" &&
            (value.is_number() || value.is_boolean()))
            message += " (put it in quotes)";
        add(out, path, message);
        return false;
    }

    void check_value(const Json& schema, const Json& value, const std::string& path,
                     Diagnostics& out) const {
        if (const auto only = schema.find("const"); only != schema.end() && *only != value)
            add(out, path, "must be " + show(*only) + ", is " + show(value));
        const auto choices = schema.find("enum");
        if (choices == schema.end() ||
            std::find(choices->begin(), choices->end(), value) != choices->end())
            return;
        std::vector<std::string> shown, words;
        for (const Json& choice : *choices) {
            shown.push_back(choice.is_string() ? choice.get<std::string>() : to_line(choice));
            if (choice.is_string()) words.push_back(choice.get<std::string>());
        }
        const std::string meant =
            value.is_string() ? nearest_word(value.get<std::string>(), words) : "";
        add(out, path,
            show(value) + " is none of " + join(shown, " and ") +
                (meant.empty() ? "" : "; did you mean '" + meant + "'?"));
    }

    void check_string(const Json& schema, const std::string& text, const std::string& path,
                      Diagnostics& out) const {
        if (schema.contains("minLength") && text.size() < schema["minLength"].get<std::size_t>())
            add(out, path, "must not be empty");
        if (schema.contains("maxLength") && text.size() > schema["maxLength"].get<std::size_t>())
            add(out, path, "is longer than " + to_line(schema["maxLength"]) + " bytes");
        const auto pattern = schema.find("pattern");
        if (pattern == schema.end() || matches_pattern(text, pattern->get<std::string>())) return;
        const bool titled = schema.contains("title");
        add(out, path,
            show(text) + (titled ? " is not " + schema["title"].get<std::string>()
                                 : " does not match " + pattern->get<std::string>()));
    }

    void check_number(const Json& schema, const Json& value, const std::string& path,
                      Diagnostics& out) const {
        if (schema.contains("minimum") && value < schema["minimum"])
            add(out, path,
                "must be at least " + to_line(schema["minimum"]) + ", is " + to_line(value));
        if (schema.contains("maximum") && value > schema["maximum"])
            add(out, path,
                "must be at most " + to_line(schema["maximum"]) + ", is " + to_line(value));
    }

    void check_array(const Json& schema, const Json& value, const std::string& path,
                     Diagnostics& out, int refs) const {
        if (schema.contains("minItems") && value.size() < schema["minItems"].get<std::size_t>())
            add(out, path,
                value.empty() ? "must not be empty"
                              : "must have at least " + to_line(schema["minItems"]) + " elements");
        if (schema.contains("maxItems") && value.size() > schema["maxItems"].get<std::size_t>())
            add(out, path, "must have at most " + to_line(schema["maxItems"]) + " elements");
        const auto items = schema.find("items");
        const bool unique = schema.contains("uniqueItems") && schema["uniqueItems"].get<bool>();
        std::set<std::string> seen;
        for (std::size_t i = 0; i < value.size(); ++i) {
            const std::string at = json_pointer(path, std::to_string(i));
            if (items != schema.end()) visit(*items, value[i], at, out, refs);
            if (unique && !seen.insert(to_line(value[i])).second)
                add(out, at, show(value[i]) + " stands here twice");
        }
    }

    void check_object(const Json& schema, const Json& value, const std::string& path,
                      Diagnostics& out, int refs) const {
        if (const auto required = schema.find("required"); required != schema.end())
            for (const Json& key : *required)
                if (!value.contains(key.get<std::string>()))
                    add(out, path, "'" + key.get<std::string>() + "' is missing");
        if (schema.contains("minProperties") &&
            value.size() < schema["minProperties"].get<std::size_t>())
            add(out, path, "must not be empty");
        for (const auto& [key, member] : value.items()) {
            const std::string at = json_pointer(path, key);
            if (const auto names = schema.find("propertyNames"); names != schema.end())
                visit(*names, Json(key), at, out, refs);
            if (!visit_member(schema, key, member, at, out, refs))
                check_additional(schema, key, member, at, out, refs);
        }
    }

    /// True when `properties` or `patternProperties` knew the key.
    bool visit_member(const Json& schema, const std::string& key, const Json& member,
                      const std::string& at, Diagnostics& out, int refs) const {
        bool known = false;
        if (const auto properties = schema.find("properties");
            properties != schema.end() && properties->contains(key)) {
            visit((*properties)[key], member, at, out, refs);
            known = true;
        }
        if (const auto patterns = schema.find("patternProperties"); patterns != schema.end())
            for (const auto& [pattern, sub] : patterns->items())
                if (matches_pattern(key, pattern)) {
                    visit(sub, member, at, out, refs);
                    known = true;
                }
        return known;
    }

    void check_additional(const Json& schema, const std::string& key, const Json& member,
                          const std::string& at, Diagnostics& out, int refs) const {
        const auto additional = schema.find("additionalProperties");
        if (additional == schema.end()) return;
        if (additional->is_object()) return visit(*additional, member, at, out, refs);
        if (additional->get<bool>()) return;
        std::vector<std::string> known;
        if (const auto properties = schema.find("properties"); properties != schema.end())
            for (const auto& [name, unused] : properties->items()) known.push_back(name);
        const std::string meant = nearest_word(key, known);
        add(out, at,
            "there is no key '" + key.substr(0, 60) + "' here; " +
                (meant.empty() ? "known are " + join(known, " and ")
                               : "did you mean '" + meant + "'?"));
    }

    const Json& resolved(const Json& schema) const {
        const Json* at = &schema;
        for (int i = 0; i < max_ref_depth && at->is_object() && at->contains("$ref"); ++i)
            at = &root_.at(Json::json_pointer((*at)["$ref"].get<std::string>().substr(1)));
        return *at;
    }

    void check_branches(const Json& schema, const Json& branches, bool exactly_one,
                        const Json& value, const std::string& path, Diagnostics& out,
                        int refs) const {
        std::size_t passing = 0;
        std::vector<Diagnostics> found(branches.size());
        for (std::size_t i = 0; i < branches.size(); ++i) {
            visit(branches[i], value, path, found[i], refs);
            if (found[i].ok()) ++passing;
        }
        if (passing == 1 || (passing > 1 && !exactly_one)) return;
        if (explain_choice_of_keys(branches, value, path, out)) return;
        if (passing > 1)
            return add(out, path, "fits more than one of the forms that are allowed here");
        explain_no_branch(schema, branches, found, value, path, out);
    }

    /// Branches that are nothing but `required: [one key]` mean "exactly one of these keys".
    bool explain_choice_of_keys(const Json& branches, const Json& value, const std::string& path,
                                Diagnostics& out) const {
        std::vector<std::string> keys, present;
        for (const Json& branch : branches) {
            if (!branch.is_object() || branch.size() != 1 || !branch.contains("required") ||
                branch["required"].size() != 1)
                return false;
            keys.push_back(branch["required"][0].get<std::string>());
            if (value.contains(keys.back())) present.push_back(keys.back());
        }
        add(out, path,
            present.empty() ? "must have one of " + join(keys, " or ")
                            : "must have only one of " + join(present, " and "));
        return true;
    }

    /// When one branch has the value's type, its mistakes are the interesting ones; else the forms
    /// that are allowed are named.
    void explain_no_branch(const Json& schema, const Json& branches,
                           const std::vector<Diagnostics>& found, const Json& value,
                           const std::string& path, Diagnostics& out) const {
        std::vector<std::size_t> of_type;
        std::vector<std::string> forms;
        for (std::size_t i = 0; i < branches.size(); ++i) {
            const Json& branch = resolved(branches[i]);
            bool fits = !branch.contains("type");
            if (!fits)
                for (const std::string& type : as_list(branch["type"]))
                    fits = fits || has_type(value, type);
            if (fits) of_type.push_back(i);
            if (branch.contains("title")) forms.push_back(branch["title"].get<std::string>());
            else if (branch.contains("type"))
                forms.push_back(type_phrase(as_list(branch["type"])[0]));
            else forms.emplace_back("something else");
        }
        if (of_type.size() == 1) {
            for (const Diagnostic& item : found[of_type[0]].items) out.items.push_back(item);
        } else {
            const std::string wanted =
                schema.contains("title") ? schema["title"].get<std::string>() : join(forms, " or ");
            add(out, path,
                "must be " + wanted + ", is " +
                    (value.is_structured() || value.is_null() ? kind_of(value) : show(value)));
        }
    }

    const Json& root_;
    const YamlDocument& document_;
};

}  // namespace

void check_against_schema(const Json& schema, const YamlDocument& document,
                          Diagnostics& diagnostics) {
    Walk(schema, document).visit(schema, document.value, "", diagnostics);
}

}  // namespace patchlab
