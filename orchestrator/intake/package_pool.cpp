// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/intake/package_pool.hpp"

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/log.hpp"

namespace patchlab::intake {

namespace {

namespace fs = std::filesystem;

// "1%3a2.0-1" and "2.0-1" are both written for version 1:2.0-1; the package itself is asked before
// it is used.
std::string canonical_name(const std::string& file) {
    const auto underscore = file.find('_');
    const auto epoch = file.find("%3a", underscore == std::string::npos ? 0 : underscore);
    if (underscore == std::string::npos || epoch == std::string::npos) return file;
    return file.substr(0, underscore + 1) + file.substr(epoch + 3);
}

}  // namespace

PackagePool::PackagePool(const families::PackageFamily& family,
                         const std::vector<fs::path>& folders)
    : family_(family) {
    for (const fs::path& folder : folders) {
        std::error_code missing;
        for (const auto& item : fs::directory_iterator(folder, missing))
            if (item.is_regular_file() && item.path().extension() == family.file_ending())
                files_.emplace(canonical_name(item.path().filename().string()), item.path());
    }
}

const fs::path* PackagePool::find(const std::string& name, const std::string& version,
                                  const std::string& architecture) const {
    const auto it = files_.find(family_.file_name(name, version, architecture));
    return it == files_.end() ? nullptr : &it->second;
}

std::optional<OldFile> PackagePool::keep(const std::string& name, const std::string& version,
                                         const std::string& architecture,
                                         const fs::path& folder) const {
    const fs::path* const file = find(name, version, architecture);
    if (!file) return std::nullopt;
    return keep_old(family_, *file, name, version, architecture, folder);
}

std::optional<OldFile> keep_old(const families::PackageFamily& family, const fs::path& from,
                                const std::string& name, const std::string& version,
                                const std::string& architecture, const fs::path& folder) {
    OldFile old{family.file_name(name, version, architecture), ""};
    const fs::path to = folder / old.file;
    fs::copy_file(from, to, fs::copy_options::skip_existing);
    try {
        const families::PackageFacts facts = family.read_facts(to);
        if (facts.name == name && facts.version == version) {
            old.sha256 = sha256_file(to);
            return old;
        }
        log_warning(from.string() + " is not " + name + " " + version);
    } catch (const Error& error) {
        log_warning(std::string("an old package is not usable: ") + error.what());
    }
    fs::remove(to);
    return std::nullopt;
}

}  // namespace patchlab::intake
