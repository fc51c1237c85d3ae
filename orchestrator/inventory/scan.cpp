// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/scan.hpp"

#include <algorithm>

#include "orchestrator/families/package_family.hpp"
#include "platform/core/json.hpp"

namespace patchlab::inventory {

namespace {

/// "6.1.0-32" of "6.1.0-32-cloud-amd64": what of a release counts as its version. Flavours are not
/// newer or older than each other.
std::string version_part(const std::string& release) {
    std::string part = release.substr(0, release.find_first_not_of("0123456789.-"));
    while (!part.empty() && (part.back() == '-' || part.back() == '.')) part.pop_back();
    return part;
}

/// The family whose order the host's kernels follow: that of its packages.
const families::PackageFamily& family_of(const Scan& scan) {
    return families::family(scan.packages.empty() ? "deb" : scan.packages[0].format);
}

/// The same release may be installed in a newer build: the running one is then older, though both
/// are called alike.
std::string newer_build(const Scan& scan) {
    const families::PackageFamily& family = family_of(scan);
    const auto running = family.running_kernel(scan.kernel, scan.kernel_build);
    if (!running) return {};
    for (const InstalledPackage& package : scan.packages)
        if (package.format == family.name() && package.name == running->name &&
            family.compare_versions(running->version, package.version) < 0)
            return package.version;
    return {};
}

}  // namespace

std::string_view name(Reboot reboot) {
    switch (reboot) {
        case Reboot::not_needed: return "not-needed";
        case Reboot::needed: return "needed";
        case Reboot::unknown: return "unknown";
    }
    return "unknown";
}

RebootAnswer reboot_of(const Scan& scan) {
    if (scan.reboot_required) {
        std::string packages;
        for (const std::string& package : scan.reboot_packages)
            packages += (packages.empty() ? " for " : ", ") + package;
        return {Reboot::needed, "the host asks for it" + packages};
    }
    const families::PackageFamily& family = family_of(scan);
    const std::string running = version_part(scan.kernel);
    std::string newest;
    for (const std::string& release : scan.kernels) {
        const std::string version = version_part(release);
        if (version.empty() || release.starts_with("0-rescue") ||
            family.compare_versions(version, running) <= 0)
            continue;
        if (newest.empty() || family.compare_versions(version_part(newest), version) < 0)
            newest = release;
    }
    if (!newest.empty())
        return {Reboot::needed, "kernel " + newest + " is installed, " + scan.kernel + " runs"};
    if (const std::string build = newer_build(scan); !build.empty())
        return {Reboot::needed, "kernel package " + build + " is installed, an older build of " +
                                    scan.kernel + " runs"};
    if (scan.kernels.empty()) return {Reboot::unknown, "the host has no kernel of its own"};
    return {Reboot::not_needed, ""};
}

Json facts_of(const Scan& scan) {
    Json ports = Json::array(), unseen = Json::array();
    for (const ListeningPort& port : scan.ports)
        ports.push_back({{"protocol", port.protocol},
                         {"address", port.address},
                         {"port", port.port},
                         {"process", port.process}});
    for (const auto& [what, why] : scan.unseen) unseen.push_back({{"what", what}, {"why", why}});
    const RebootAnswer reboot = reboot_of(scan);
    return {{"os", scan.os},
            {"os_version", scan.os_version},
            {"os_name", scan.os_name},
            {"kernel", scan.kernel},
            {"kernel_build", scan.kernel_build},
            {"kernels", scan.kernels},
            {"architecture", scan.architecture},
            {"memory_kib", scan.memory_kib},
            {"boot_id", scan.boot_id},
            {"machine_id", scan.machine_id},
            {"image", scan.image},
            {"uptime_seconds", scan.uptime_seconds},
            {"reboot_required", scan.reboot_required},
            {"reboot_packages", scan.reboot_packages},
            {"reboot", std::string(name(reboot.reboot))},
            {"reboot_why", reboot.why},
            {"addresses", scan.addresses},
            {"services", scan.services},
            {"ports", ports},
            {"unseen", unseen}};
}

}  // namespace patchlab::inventory
