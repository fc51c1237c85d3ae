// SPDX-License-Identifier: Apache-2.0
//
// The tables of docs/reference/api.md are those of the program. After a change:
// PATCHLAB_UPDATE_GOLDEN=1 ctest -R ApiReference, then look at the difference.
#include <gtest/gtest.h>

#include <cstdlib>

#include "orchestrator/service/api/routes.hpp"
#include "platform/core/files.hpp"

namespace patchlab::service::api {
namespace {

std::string table_of_routes() {
    std::string text = "| | path | operation | |\n|---|---|---|---|\n";
    for (const Route& route : routes())
        text += "| " + route.method + " | `" + route.path.substr(base.size()) + "` | " +
                std::string(route.operation->name) + " | " + std::string(route.operation->summary) +
                " |\n";
    return text;
}

std::string table_of_refusals() {
    std::string text = "| operation | why |\n|---|---|\n";
    for (const NotOffered& one : not_offered())
        text += "| " + std::string(one.operation) + " | " + std::string(one.why) + " |\n";
    return text;
}

/// The document with `table` between the marks of this name.
std::string with_table(std::string document, const std::string& name, const std::string& table) {
    const std::string begin = "<!-- " + name + " -->\n", end = "<!-- end of " + name + " -->";
    const auto from = document.find(begin), to = document.find(end);
    if (from == std::string::npos || to == std::string::npos) return {};
    return document.replace(from + begin.size(), to - from - begin.size(), table);
}

TEST(ApiReference, lists_the_routes_that_there_are) {
    const fs::path file = fs::path(PATCHLAB_SOURCE) / "docs/reference/api.md";
    const std::string document = read_file(file);
    const std::string wanted = with_table(with_table(document, "routes", table_of_routes()),
                                          "not offered", table_of_refusals());
    if (std::getenv("PATCHLAB_UPDATE_GOLDEN")) write_file_atomic(file, wanted);
    else EXPECT_EQ(document, wanted);
}

}  // namespace
}  // namespace patchlab::service::api
