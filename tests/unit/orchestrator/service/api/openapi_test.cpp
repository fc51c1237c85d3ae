// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/api/openapi.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <regex>
#include <set>

#include "orchestrator/service/api/routes.hpp"
#include "platform/core/text.hpp"

namespace patchlab::service::api {
namespace {

const Json& document() {
    static const Json made = openapi();
    return made;
}

void for_each_object(const Json& value, const std::function<void(const Json&)>& look) {
    if (value.is_object()) look(value);
    if (value.is_structured())
        for (const Json& one : value) for_each_object(one, look);
}

void for_each_operation(const std::function<void(const std::string&, const Json&)>& look) {
    for (const auto& [path, methods] : document().at("paths").items())
        for (const auto& [method, operation] : methods.items()) look(path, operation);
}

TEST(OpenApi, holds_every_route) {
    for (const Route& route : routes()) {
        const std::string method = in_small_letters(route.method);
        EXPECT_TRUE(document().at("paths").at(route.path).contains(method)) << route.path;
    }
}

TEST(OpenApi, every_reference_leads_somewhere_and_every_component_is_used) {
    std::set<std::string> used;
    for_each_object(document(), [&](const Json& object) {
        const auto ref = object.find("$ref");
        if (ref == object.end() || !ref->is_string()) return;
        const std::string target = ref->get<std::string>();
        ASSERT_TRUE(target.starts_with("#/"));
        EXPECT_TRUE(document().contains(Json::json_pointer(target.substr(1)))) << target;
        used.insert(target);
    });
    for (const auto& [name, schema] : document().at("components").at("schemas").items())
        EXPECT_TRUE(used.contains("#/components/schemas/" + name)) << name;
}

TEST(OpenApi, names_of_components_and_operations_are_valid_and_unique) {
    static const std::regex name_pattern("^[a-zA-Z0-9._-]+$");
    for (const auto& [name, schema] : document().at("components").at("schemas").items()) {
        EXPECT_TRUE(std::regex_match(name, name_pattern)) << name;
        EXPECT_FALSE(schema.is_null()) << name;
    }
    std::set<std::string> ids;
    for_each_operation([&](const std::string& path, const Json& operation) {
        EXPECT_TRUE(ids.insert(operation.at("operationId")).second) << path;
        EXPECT_FALSE(operation.at("summary").get<std::string>().empty()) << path;
        EXPECT_TRUE(operation.at("responses").contains("default")) << path;
    });
}

TEST(OpenApi, the_braces_of_a_path_are_its_path_parameters) {
    static const std::regex braces(R"(\{([^}]+)\})");
    for_each_operation([&](const std::string& path, const Json& operation) {
        std::set<std::string> in_path, declared, names;
        for (std::sregex_iterator it(path.begin(), path.end(), braces), end; it != end; ++it)
            in_path.insert((*it)[1]);
        for (const Json& parameter : operation.value("parameters", Json::array())) {
            EXPECT_TRUE(names
                            .insert(parameter.at("in").get<std::string>() + " " +
                                    parameter.at("name").get<std::string>())
                            .second)
                << path << " " << parameter.at("name");
            if (parameter.at("in") != "path") continue;
            declared.insert(parameter.at("name"));
            EXPECT_TRUE(parameter.at("required").get<bool>()) << path;
        }
        EXPECT_EQ(in_path, declared) << path;
    });
}

}  // namespace
}  // namespace patchlab::service::api
