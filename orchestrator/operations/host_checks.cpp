// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/host_checks.hpp"

#include <glob.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <sstream>

#include "orchestrator/operations/documents.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/core/text_units.hpp"
#include "platform/process/cell.hpp"
#include "platform/virt/run_uid.hpp"

namespace patchlab::operations {

namespace {

constexpr std::uint64_t gib = 1ULL << 30;
constexpr std::uint64_t wanted_disk = 10 * gib;
constexpr std::uint64_t wanted_memory = 2 * gib;

std::vector<fs::path> matches(const std::string& pattern) {
    glob_t found{};
    std::vector<fs::path> paths;
    if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
        for (std::size_t i = 0; i < found.gl_pathc; ++i) paths.emplace_back(found.gl_pathv[i]);
    ::globfree(&found);
    return paths;
}

/// Package → version of what dpkg has installed; asked once for all, in dpkg's machine-readable
/// form.
std::map<std::string, std::string> installed_versions(process::CommandRunner& runner,
                                                      const std::vector<Requirement>& required) {
    process::CommandSpec spec;
    spec.program = "dpkg-query";
    spec.purpose = "asking dpkg for versions";
    spec.args = {"--show", "--showformat", "${Package}\\t${db:Status-Status}\\t${Version}\\n"};
    for (const Requirement& requirement : required) spec.args.push_back(requirement.package);
    std::map<std::string, std::string> versions;
    std::istringstream lines(
        runner.run(spec)
            .out);  // exits 1 when one of them is not known; the others are listed all the same
    for (std::string line; std::getline(lines, line);) {
        std::istringstream fields(line);
        std::string package;
        std::string status;
        std::string version;
        if (std::getline(fields, package, '\t') && std::getline(fields, status, '\t') &&
            std::getline(fields, version, '\t') && status == "installed")
            versions[package] = version;
    }
    return versions;
}

}  // namespace

Json to_json(const Finding& finding) {
    std::string status = finding.answer == Answer::yes ? "ok" : "fail";
    if (finding.answer == Answer::warn) status = "warn";
    return {{"name", finding.name},
            {"ok", finding.answer != Answer::no},
            {"status", status},
            {"detail", finding.detail},
            {"advice", or_null(finding.advice)}};
}

std::vector<Requirement> requirements() {
    return {
        {"QEMU", "qemu-system-x86", "qemu-system-x86_64", "", "runs the clones"},
        {"libvirt QEMU driver", "libvirt-daemon-driver-qemu", "",
         "/usr/lib/*/libvirt/connection-driver/libvirt_driver_qemu.so",
         "starts and watches the clones"},
        {"qemu-img", "qemu-utils", "qemu-img", "", "makes and checks disks"},
        {"libguestfs appliance", "supermin", "supermin", "",
         "reads and fills images without booting them"},
        {"mmdebstrap", "mmdebstrap", "mmdebstrap", "", "builds images"},
        {"mke2fs", "e2fsprogs", "mke2fs", "",
         "makes images, and the disk on which a patch travels into a clone"},
        {"dpkg-deb", "dpkg", "dpkg-deb", "", "reads packages"},
        {"apt-get", "apt", "apt-get", "", "finds and verifies vendor updates"},
        {"gpgv", "gpgv", "gpgv", "", "verifies the signatures of vendors"},
        {"grub-mkimage", "grub-common", "grub-mkimage", "", "makes images boot by themselves"},
        {"qemu-storage-daemon", "qemu-system-common", "qemu-storage-daemon", "",
         "shows the blocks of a disk while it is compared"},
    };
}

std::vector<Requirement> requirements_of_nodes() {
    static constexpr std::array<std::string_view, 4> for_images_and_vendors{"mmdebstrap", "apt",
                                                                            "gpgv", "grub-common"};
    std::vector<Requirement> needed = requirements();
    std::erase_if(needed, [](const Requirement& one) {
        return std::find(for_images_and_vendors.begin(), for_images_and_vendors.end(),
                         one.package) != for_images_and_vendors.end();
    });
    return needed;
}

std::vector<Finding> check_requirements(process::CommandRunner& runner,
                                        const std::vector<Requirement>& required) {
    std::map<std::string, std::string> versions;
    std::string unknown = "version unknown";
    try {
        versions = installed_versions(runner, required);
    } catch (const Error& error) {
        unknown += std::string(": ") + error.what();  // not Debian: what is there still counts
    }
    std::vector<Finding> findings;
    for (const Requirement& item : required) {
        const auto program =
            item.program.empty() ? std::nullopt : process::find_program(item.program);
        const auto files = item.file.empty() ? std::vector<fs::path>{} : matches(item.file);
        if (!program && files.empty()) {
            findings.push_back({item.name, Answer::no, "missing; it " + item.why,
                                "apt-get install " + item.package});
            continue;
        }
        const auto version = versions.find(item.package);
        findings.push_back(
            {item.name, Answer::yes,
             version == versions.end() ? unknown : item.package + " " + version->second, ""});
    }
    return findings;
}

Finding check_appliance_kernel(const std::filesystem::path& boot,
                               const std::filesystem::path& modules) {
    Finding finding{"kernel for libguestfs", Answer::no,
                    "there is no " + (boot / "vmlinuz-*").string(),
                    "apt-get install linux-image-amd64"};
    for (const fs::path& kernel : matches((boot / "vmlinuz-*").string())) {
        const std::string release =
            kernel.filename().string().substr(std::string("vmlinuz-").size());
        if (::access(kernel.c_str(), R_OK) != 0) {
            finding.detail = kernel.string() + " cannot be read";
            finding.advice = "run patchlab as root, or: chmod 0644 " + kernel.string();
        } else if (!fs::is_directory(modules / release)) {
            finding.detail = kernel.string() + " has no modules in " + (modules / release).string();
            finding.advice = "apt-get install --reinstall linux-image-" + release;
        } else {
            return {finding.name, Answer::yes, release, ""};
        }
    }
    return finding;
}

Finding check_memory(const std::string& meminfo) {
    const std::string key = "MemAvailable:";
    const std::size_t at = meminfo.find(key);
    if (at == std::string::npos)
        return {"memory", Answer::warn, "unknown",
                "see that at least " + size_text(wanted_memory) + " are available"};
    const std::uint64_t available =
        std::strtoull(meminfo.c_str() + at + key.size(), nullptr, 10) * 1024;
    if (available >= wanted_memory)
        return {"memory", Answer::yes, size_text(available) + " available", ""};
    return {"memory", Answer::warn, size_text(available) + " available",
            "labs want " + size_text(wanted_memory) + ": end something, or use smaller machines"};
}

Finding check_disk(const std::filesystem::path& state) {
    try {
        const std::uint64_t free = free_bytes(state);
        if (free >= wanted_disk)
            return {"disk", Answer::yes, size_text(free) + " free for " + state.string(), ""};
        return {"disk", Answer::warn, size_text(free) + " free for " + state.string(),
                "an image and its runs want " + size_text(wanted_disk) +
                    ": free some, or give another --state-dir"};
    } catch (const Error& error) {
        return {"disk", Answer::no, error.what(), "give another --state-dir"};
    }
}

Finding check_user() {
    if (::geteuid() == 0) return {"user", Answer::yes, "root", ""};
    return {"user", Answer::no,
            "user id " + std::to_string(::geteuid()) +
                "; labs need root for their namespaces and disks",
            "sudo patchlab …"};
}

Finding check_qemu_user() {
    // a guest that breaks out of QEMU must not be root on the host
    if (::getpwnam("libvirt-qemu")) return {"user of QEMU", Answer::yes, "libvirt-qemu", ""};
    return {"user of QEMU", Answer::no, "there is no user libvirt-qemu",
            "apt-get install libvirt-daemon-system"};
}

Finding check_run_uids() {
    if (const auto range = virt::uids_of_runs())
        return {"users of runs", Answer::yes,
                "each run has one of " + std::to_string(range->count) + " from " +
                    std::to_string(range->first),
                ""};
    return {"users of runs", Answer::warn,
            "one for all: a guest that breaks out of QEMU reaches the disks of other runs",
            "add this line to /etc/subuid (any free range): patchlab:300000:1000"};
}

Finding check_cells() {
    if (process::cells_available())
        return {"namespaces", Answer::yes, "PID, mount and network", ""};
    return {"namespaces", Answer::warn, "this host lets us create none",
            "run as root, in a container with --privileged; until then a crash may leave "
            "processes, which `patchlab reap` ends"};
}

}  // namespace patchlab::operations
