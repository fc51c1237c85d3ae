// SPDX-License-Identifier: Apache-2.0
#include "tests/corpus/build_package.hpp"

#include <sys/stat.h>

#include <regex>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "tests/corpus/build_rpm.hpp"
#include "tests/corpus/package_tree.hpp"
#include "tests/live/images/patchlab_program.hpp"

namespace patchlab::corpus {

namespace {

/// The recipe's lines run last, except in a preinst, where they run first: a script that ends early
/// must not hide them.
void add_to_script(const fs::path& script, const std::string& name, const std::string& lines) {
    std::string text = read_file_if_any(script).value_or("#!/bin/sh\nset -e\n");
    if (name == "preinst") {
        const auto after_first_line = text.find('\n') + 1;
        text.insert(after_first_line, lines + "\n");
    } else {
        static const std::regex final_exit(R"(\n\s*exit 0\s*$)");
        text = std::regex_replace(text, final_exit, "\n") + "\n" + lines + "\n";
    }
    write_file_atomic(script, text);
    ::chmod(script.c_str(), 0755);
}

void set_field(std::string& control, const std::string& field, const std::string& value) {
    const std::regex line("(^|\n)" + field + ": [^\n]*");
    const std::string wanted = field + ": " + value;
    if (std::regex_search(control, line))
        control = std::regex_replace(control, line, "$1" + wanted);
    else control = wanted + "\n" + control;
}

void alter(const Recipe& recipe, const fs::path& root) {
    for (const RecipeFile& file : recipe.files) put_file(root, file);
    for (const std::string& path : recipe.removed)
        fs::remove(root / fs::path(path).relative_path());
    for (const auto& [name, lines] : recipe.scripts)
        add_to_script(root / "DEBIAN" / name, name, lines);
    std::string control = read_file(root / "DEBIAN/control");
    for (const auto& [field, value] : recipe.control) set_field(control, field, value);
    write_file_atomic(root / "DEBIAN/control", control);
}

void pack(const fs::path& root, const fs::path& deb) {
    live::host("dpkg-deb",
               {"--root-owner-group", "-Znone", "--build", root.string(), deb.string()});
}

}  // namespace

fs::path build_fresh(const Recipe& recipe, const fs::path& folder) {
    if (recipe.family == "rpm") return build_fresh_rpm(recipe, folder);
    const fs::path root = folder / "tree";
    fs::create_directories(root / "DEBIAN");
    write_file_atomic(
        root / "DEBIAN/control",
        "Package: " + recipe.fresh + "\nVersion: 1.0+" + version_part(recipe) +
            "\nArchitecture: amd64\nMaintainer: Acme <support@example.org>\nDescription: " +
            recipe.about + "\n");
    for (const RecipeFile& file : own_files(recipe)) put_file(root, file);
    alter(recipe, root);
    const fs::path deb = folder / (recipe.fresh + "_1.0.deb");
    pack(root, deb);
    return deb;
}

std::vector<fs::path> build_altered(const Recipe& recipe, const std::vector<fs::path>& packages,
                                    const fs::path& folder) {
    if (recipe.family == "rpm") return build_altered_rpms(recipe, packages, folder);
    std::vector<fs::path> built;
    bool found = false;
    for (const fs::path& deb : packages) {
        const fs::path root = folder / ("tree-" + std::to_string(built.size()));
        live::host("dpkg-deb", {"--raw-extract", deb.string(), root.string()});
        if (deb.filename().string().starts_with(recipe.update + "_")) {
            found = true;
            alter(recipe, root);
        }
        std::string control = read_file(root / "DEBIAN/control");
        std::smatch version;
        if (!std::regex_search(control, version, std::regex("(?:^|\n)Version: ([^\n]+)")))
            throw Error(ErrorCode::invalid, deb.string() + " has no version");
        set_field(control, "Version", version[1].str() + "+corpus." + version_part(recipe));
        write_file_atomic(root / "DEBIAN/control", control);
        built.push_back(folder / ("altered-" + deb.filename().string()));
        pack(root, built.back());
    }
    if (!found)
        throw Error(ErrorCode::not_found, "the update holds no package '" + recipe.update + "'");
    return built;
}

}  // namespace patchlab::corpus
