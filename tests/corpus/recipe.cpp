// SPDX-License-Identifier: Apache-2.0
#include "tests/corpus/recipe.hpp"

#include <algorithm>
#include <set>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/core/yaml.hpp"

namespace patchlab::corpus {

namespace {

std::map<std::string, std::string> texts(const JsonReader& in, const char* key) {
    std::map<std::string, std::string> found;
    if (!in.has(key)) return found;
    const Json object = in.raw(key);
    for (const auto& [name, value] : object.items()) found[name] = value.get<std::string>();
    return found;
}

void refuse_unknown(const JsonReader& in, const Json& document) {
    static const std::set<std::string> known{
        "about",      "family",  "update",         "new",    "vendor", "many_files",
        "control",    "scripts", "files",          "remove", "reboot", "drill",
        "if_pending", "live",    "apply_deadline", "expect"};
    for (const auto& [key, value] : document.items())
        if (!known.contains(key)) in.fail(key, "is not a word of recipes");
}

Recipe read_recipe(const fs::path& path) {
    Diagnostics diagnostics;
    const YamlDocument document =
        parse_yaml(read_file(path), path.filename().string(), diagnostics);
    diagnostics.throw_if_any("recipe");
    const JsonReader in(document.value, path.filename().string());
    refuse_unknown(in, document.value);
    Recipe recipe;
    recipe.name = path.stem().string();
    recipe.about = in.string("about");
    recipe.family = in.string_or("family", "deb");
    if (recipe.family != "deb" && recipe.family != "rpm")
        in.fail("family", "is neither deb nor rpm");
    recipe.update = in.string_or("update", "");
    recipe.fresh = in.string_or("new", "");
    recipe.vendor = in.string_or("vendor", "");
    if (!recipe.update.empty() + !recipe.fresh.empty() + !recipe.vendor.empty() != 1)
        in.fail("update", "exactly one of update, new and vendor is wanted");
    recipe.many_files = static_cast<int>(in.integer_or("many_files", 0));
    recipe.control = texts(in, "control");
    recipe.scripts = texts(in, "scripts");
    if (in.has("files"))
        for (const JsonReader& file : in.objects("files"))
            recipe.files.push_back(
                {file.string("path"),
                 static_cast<unsigned>(std::stoul(file.string_or("mode", "0644"), nullptr, 8)),
                 file.string_or("content", ""), file.string_or("link", ""),
                 file.string_or("config", ""), file.string_or("capabilities", "")});
    recipe.removed = in.strings_or_empty("remove");
    recipe.reboot = in.boolean_or("reboot", false);
    recipe.drill = in.boolean_or("drill", false);
    recipe.if_pending = in.boolean_or("if_pending", false);
    recipe.live = in.boolean_or("live", false);
    recipe.apply_deadline = static_cast<int>(in.integer_or("apply_deadline", 0));
    const JsonReader expect = in.object("expect");
    recipe.verdicts = expect.strings_or_empty("verdict");
    recipe.reasons = expect.strings_or_empty("reason");
    recipe.subject = expect.string_or("subject", "");
    if (recipe.verdicts.empty()) expect.fail("verdict", "is missing");
    return recipe;
}

}  // namespace

std::vector<Recipe> read_recipes(const fs::path& folder) {
    std::vector<Recipe> recipes;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
        if (entry.path().extension() == ".yaml")
            recipes.push_back(during("reading recipe " + entry.path().string(),
                                     [&] { return read_recipe(entry.path()); }));
    std::sort(recipes.begin(), recipes.end(),
              [](const Recipe& a, const Recipe& b) { return a.name < b.name; });
    return recipes;
}

}  // namespace patchlab::corpus
