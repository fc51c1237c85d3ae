// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/push/noting_deployer.hpp"

#include "platform/core/error.hpp"
#include "platform/core/log.hpp"

namespace patchlab::rollout {

namespace {

using Wanted = std::map<std::string, catalog::ExactPackage>;

/// "1.2 (unpacked)" is how an observation tells of a package that is neither installed nor gone.
inventory::InstalledPackage seen_package(const std::string& name, const std::string& version,
                                         const Wanted& wanted) {
    inventory::InstalledPackage package{name, "", version, "deb", ""};
    if (const auto found = wanted.find(name); found != wanted.end()) {
        package.architecture = found->second.architecture;
        package.format = found->second.format;
    }
    if (const auto state = version.find(" (");
        state != std::string::npos && version.ends_with(')')) {
        package.version = version.substr(0, state);
        package.state = version.substr(state + 2, version.size() - state - 3);
    }
    return package;
}

}  // namespace

void NotingDeployer::carry_out(const Order& order, const HostAnswered& answered) {
    std::map<std::string, Wanted> wanted;
    for (const HostOrder& host : order.hosts)
        for (const catalog::ExactPackage& package : host.packages)
            wanted[host.host].emplace(package.name, package);
    inner_->carry_out(order, [&](const std::string& host, const Observation& seen) {
        if (seen.installed) {
            std::vector<inventory::InstalledPackage> packages;
            for (const auto& [name, version] : *seen.installed)
                packages.push_back(seen_package(name, version, wanted[host]));
            try {
                scans_.note(host, packages);
            } catch (const Error& error) {
                log_error("what was seen of host '" + host +
                          "' could not be noted in the inventory: " + error.what());
            }
        }
        answered(host, seen);
    });
}

}  // namespace patchlab::rollout
