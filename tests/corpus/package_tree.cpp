// SPDX-License-Identifier: Apache-2.0
#include "tests/corpus/package_tree.hpp"

#include <sys/stat.h>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::corpus {

void put_file(const fs::path& root, const RecipeFile& file) {
    const fs::path path = root / fs::path(file.path).relative_path();
    fs::create_directories(path.parent_path());
    if (!file.link.empty()) return fs::create_symlink(file.link, path);
    write_file_atomic(path, file.content);
    if (::chmod(path.c_str(), file.mode) != 0)
        throw Error(ErrorCode::lab, "cannot set the mode of " + path.string());
}

std::vector<RecipeFile> own_files(const Recipe& recipe) {
    std::vector<RecipeFile> files{
        {"/usr/share/doc/" + recipe.fresh + "/copyright", 0644, "A package of a test.\n"}};
    for (int i = 0; i < recipe.many_files; ++i)
        files.push_back(
            {"/usr/share/" + recipe.fresh + "/" + std::to_string(i % 40) + "/" + std::to_string(i),
             0644, std::to_string(i) + "\n"});
    return files;
}

std::string version_part(const Recipe& recipe) {
    std::string part = recipe.name;
    std::erase(part, '-');
    return part;
}

}  // namespace patchlab::corpus
