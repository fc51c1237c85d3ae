// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/intake/patch_disk.hpp"

#include <sys/stat.h>

#include <map>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::intake {

namespace {

// Fixed, so that the same patches give the same bytes.
constexpr const char* volume_id = "7061746c-6162-4000-8000-000000000001";
constexpr const char* hash_seed = "7061746c-6162-4000-8000-000000000002";
constexpr const char* moment = "1700000000";

struct RepoFile {
    std::string family;
    fs::path path;
    std::string sha256;
};

std::map<std::string, RepoFile> files_of(const std::vector<const Patch*>& patches,
                                         bool old_versions) {
    std::map<std::string, RepoFile> files;
    for (const Patch* patch : patches)
        for (const PatchPackage& package : patch->packages) {
            const std::string& name = old_versions ? package.old_file : package.file;
            if (name.empty()) continue;
            const RepoFile file{patch->kind, patch->folder / (old_versions ? "old" : "new") / name,
                                old_versions ? package.old_sha256 : package.sha256};
            const auto [known, added] = files.emplace(name, file);
            if (!added && known->second.sha256 != file.sha256)
                throw Error(ErrorCode::conflict, "two patches bring different files named " + name,
                            "rehearse them one by one");
        }
    return files;
}

std::uint64_t image_bytes(std::uint64_t content, std::size_t files) {
    // Blocks of 4 KiB, an inode and a block's rounding for each file, the file system's own tables,
    // and some slack.
    const std::uint64_t bytes =
        content + content / 50 + (static_cast<std::uint64_t>(files) + 64) * 8192 + (2ULL << 20);
    return (bytes + 0xfffff) & ~0xfffffULL;
}

// mke2fs copies the inode change times of the folder it reads, which nobody can set there; so they
// are set in the image.
void set_times(const fs::path& image, const std::vector<std::string>& paths,
               process::CommandRunner& runner) {
    std::string commands;
    for (const std::string& path : paths)
        for (const char* field : {"atime", "ctime", "mtime", "crtime", "atime_extra", "ctime_extra",
                                  "mtime_extra", "crtime_extra"}) {
            const bool extra = std::string(field).find("extra") != std::string::npos;
            commands += "set_inode_field \"" + path + "\" " + field + " " +
                        (extra ? "0" : std::string("@") + moment) + "\n";
        }
    process::CommandSpec spec;
    spec.program = "debugfs";
    spec.args = {"-w", "-f", "-", image.string()};
    spec.input = commands;
    spec.purpose = "settling the times of the patch disk";
    spec.environment = {{"E2FSPROGS_FAKE_TIME", moment}, {"SOURCE_DATE_EPOCH", moment}};
    runner.require(spec);
}

}  // namespace

void make_patch_disk(const std::vector<const Patch*>& patches, bool old_versions,
                     const fs::path& out_image, process::CommandRunner& runner) {
    during("making the patch disk", [&] {
        const auto files = files_of(patches, old_versions);
        // on the way back there may be nothing to install again: a package that was new is only
        // taken away
        if (files.empty() && !old_versions)
            throw Error(ErrorCode::lab, "there is no package in it");
        const TempFolder folder(out_image.parent_path(), "patch-disk");
        const fs::path root = folder.path() / "root";
        make_folder(root / "repo");
        make_folder(root);
        Json manifest{{"schema", "patchlab/patch-disk/v1"},
                      {"old_versions", old_versions},
                      {"patches", Json::array()},
                      {"packages", Json::array()}};
        for (const Patch* patch : patches) manifest["patches"].push_back(patch->id);
        std::map<std::string, std::vector<families::DiskPackage>> by_family;
        for (const Patch* patch : patches) by_family[patch->kind];
        std::uint64_t content = 0;
        std::vector<std::string> paths = {"/", "/lost+found", "/repo", "/manifest.json"};
        for (const auto& [name, file] : files) {
            const fs::path copy = root / "repo" / name;
            fs::copy_file(file.path, copy);
            ::chmod(copy.c_str(), 0644);
            if (sha256_file(copy) != file.sha256)
                throw Error(ErrorCode::lab, file.path.string() + " was altered since it was stored",
                            "remove the patch and fetch it again");
            families::DiskPackage package{families::family(file.family).read_facts(copy), name,
                                          fs::file_size(copy), file.sha256};
            manifest["packages"].push_back({{"name", package.facts.name},
                                            {"version", package.facts.version},
                                            {"architecture", package.facts.architecture},
                                            {"file", "repo/" + name},
                                            {"sha256", file.sha256},
                                            {"bytes", package.bytes}});
            paths.push_back("/repo/" + name);
            content += package.bytes;
            by_family[file.family].push_back(std::move(package));
        }
        for (const auto& [family, packages] : by_family)
            for (const families::DiskFile& file : families::family(family).disk_index(packages)) {
                const fs::path inside = fs::path(file.name).parent_path();
                if (!inside.empty() && !fs::exists(root / "repo" / inside)) {
                    make_folder(root / "repo" / inside);
                    paths.push_back("/repo/" + inside.string());
                }
                write_file_atomic(root / "repo" / file.name, file.text);
                paths.push_back("/repo/" + file.name);
                content += file.text.size();
            }
        write_json(root / "manifest.json", manifest);
        const fs::path image = folder.path() / "disk.img";
        process::CommandSpec spec;
        spec.program = "mke2fs";
        spec.args = {"-q",
                     "-t",
                     "ext4",
                     "-b",
                     "4096",
                     "-m",
                     "0",
                     "-I",
                     "256",
                     "-O",
                     "^has_journal,^metadata_csum,^resize_inode",
                     "-L",
                     "patchlab",
                     "-U",
                     volume_id,
                     "-E",
                     std::string("hash_seed=") + hash_seed + ",root_owner=0:0,lazy_itable_init=0",
                     "-d",
                     root.string(),
                     image.string(),
                     std::to_string(image_bytes(content, files.size()) / 1024) + "k"};
        spec.purpose = "writing its file system";
        spec.deadline = Seconds(300);
        spec.environment = {{"E2FSPROGS_FAKE_TIME", moment}, {"SOURCE_DATE_EPOCH", moment}};
        runner.require(spec);
        set_times(image, paths, runner);
        ::chmod(image.c_str(), 0444);
        std::error_code error;
        fs::rename(image, out_image, error);
        if (error)
            throw Error(ErrorCode::lab,
                        "cannot put it at " + out_image.string() + ": " + error.message());
    });
}

}  // namespace patchlab::intake
