// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/images/rpm_system.hpp"

#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <thread>

#include "orchestrator/families/package_family.hpp"
#include "orchestrator/images/archive.hpp"
#include "orchestrator/images/root_folder.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "synthetic_scripts.hpp"

namespace patchlab::images {

namespace {

constexpr std::string_view work_folder = ".patchlab";
constexpr std::string_view pool_variable = "$patchlabpool";
constexpr std::size_t max_list_bytes = 8U << 20;
constexpr std::size_t max_database_bytes = 256U << 20;

std::string script(std::string_view name) {
    return std::string(embedded::synthetic_scripts::file(name));
}

std::string conversion_program() {
    std::string text;
    for (const char* part : {"control.pl", "spec.pl", "payload.pl", "advisories.pl", "convert.pl"})
        text += script(part);
    return text;
}

/// What the conversion finds in the system's root folder.
void lay_out(const RpmSystemRequest& request, const fs::path& work,
             process::CommandRunner& commands) {
    make_folder(work);
    if (::chown(work.c_str(), request.ids.first, request.ids.first) != 0)
        throw Error(ErrorCode::lab, "cannot give a folder to the builder of the system");
    move_packages(request.root / "var/cache/apt/archives", work / "debs", ".deb");
    const fs::path look = work.parent_path().parent_path() / "pending";
    request.progress("looking for pending updates");
    download_pending(request.sources, request.root / "var/lib/dpkg/status", look, commands);
    move_packages(look / "cache/archives", work / "updates", ".deb");
    remove_tree(look);
    write_file_atomic(work / "convert.pl", conversion_program());
    for (const char* name : {"take_over.sh", "boot_menu.sh"})
        write_file_atomic(work / name, script(name));
}

/// Counts what is converted, and tells now and then.
class Counter {
  public:
    Counter(std::size_t all, std::function<void(std::string_view)> progress)
        : all_(all), progress_(std::move(progress)) {}
    void hear(std::string_view line) {
        if (!line.starts_with("converted ") || ++done_ % 40 != 0) return;
        progress_("converting packages (" + std::to_string(done_) + " of " + std::to_string(all_) +
                  ")");
    }

  private:
    std::size_t all_;
    std::size_t done_ = 0;
    std::function<void(std::string_view)> progress_;
};

std::size_t files_in(const fs::path& folder) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

void convert(const RpmSystemRequest& request, const fs::path& work,
             process::CommandRunner& commands) {
    Counter counter(files_in(work / "debs") + files_in(work / "updates"), request.progress);
    request.progress("converting packages");
    process::CommandSpec spec;
    spec.program = "sh";
    spec.purpose = "converting the packages";
    spec.deadline = Seconds(3600);
    spec.environment = {{"HOME", "/"}, {"LC_ALL", "C.UTF-8"}};
    spec.input = script("enter.sh");
    const unsigned jobs = std::clamp(std::thread::hardware_concurrency(), 1U, 8U);
    spec.args = {"-s", "--", request.root.string(), std::to_string(jobs)};
    spec.on_output_line = [&](std::string_view line) { counter.hear(line); };
    process::run_with_own_ids(request.ids, [&] { commands.require(spec); });
}

}  // namespace

std::vector<disk::InstalledPackage> read_rpm_list(std::string_view text) {
    const families::PackageFamily& family = families::family("rpm");
    std::vector<disk::InstalledPackage> packages;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        disk::InstalledPackage package;
        std::getline(words, package.name, '\t');
        std::getline(words, package.version, '\t');
        std::getline(words, package.architecture);
        if (!family.valid_name(package.name) || !family.valid_version(package.version) ||
            !family.valid_architecture(package.architecture))
            throw Error(ErrorCode::lab,
                        "rpm lists '" + line.substr(0, 200) + "', which is no package");
        packages.push_back(std::move(package));
    }
    if (packages.empty()) throw Error(ErrorCode::lab, "rpm lists no package in the new system");
    return packages;
}

RpmSystem make_rpm_system(const RpmSystemRequest& request, process::CommandRunner& commands) {
    const fs::path work = request.root / work_folder;
    lay_out(request, work, commands);
    convert(request, work, commands);
    process::give_to_meant_ids(request.root, request.ids);
    move_packages(work / "rpms", request.packages, ".rpm");
    fs::rename(work / "updates-rpms", request.packages / "updates");
    RpmSystem system{read_rpm_list(read_file(work / "packages", max_list_bytes)),
                     read_file(work / "database", max_database_bytes)};
    remove_tree(work);
    return system;
}

std::string synthetic_repositories() {
    return "[updates]\nname=Updates\nbaseurl=" + std::string(pool_variable) +
           "/updates\nenabled=1\ngpgcheck=1\nrepo_gpgcheck=1\ngpgkey=" +
           std::string(pool_variable) + "/updates/RPM-GPG-KEY-synthetic\n";
}

std::string with_pool(std::string repositories, const fs::path& packages) {
    const std::string address = "file://" + packages.string();
    for (auto at = repositories.find(pool_variable); at != std::string::npos;
         at = repositories.find(pool_variable, at + address.size()))
        repositories.replace(at, pool_variable.size(), address);
    return repositories;
}

}  // namespace patchlab::images
