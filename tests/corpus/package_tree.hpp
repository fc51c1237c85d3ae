// SPDX-License-Identifier: Apache-2.0
//
// What packages of every family are made of: a folder with their files.
#pragma once

#include "tests/corpus/recipe.hpp"

namespace patchlab::corpus {

/// Puts a file of a recipe into the folder that stands for the machine's root.
void put_file(const std::filesystem::path& root, const RecipeFile& file);
/// Files every package of the recipe's own has: a note, and as many small ones as it asks for.
std::vector<RecipeFile> own_files(const Recipe& recipe);
/// Each recipe has versions of its own: packages are known by name and version.
std::string version_part(const Recipe& recipe);

}  // namespace patchlab::corpus
