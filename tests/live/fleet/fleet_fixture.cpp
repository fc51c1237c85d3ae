// SPDX-License-Identifier: Apache-2.0
#include "tests/live/fleet/fleet_fixture.hpp"

#include <cstdlib>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab::rollout {

fs::path fleet_folder() {
    const char* folder = std::getenv("PATCHLAB_FLEET");
    return folder ? folder : "";
}

fs::path vendor_folder() { return fleet_folder().parent_path() / "fleet-packages"; }

process::CommandRunner& Fleet::runner() {
    static process::SystemCommandRunner runner;
    return runner;
}

inventory::AnsibleHost Fleet::connection(const std::string& host) {
    const fs::path folder = fleet_folder();
    const auto address = read_file_if_any(folder / "hosts" / host / "address");
    if (!address) throw Error(ErrorCode::not_found, "there is no host '" + host + "'");
    return {host,
            {{"ansible_host", address->substr(0, address->find('\n'))},
             {"ansible_user", "deploy"},
             {"ansible_become", true},
             {"ansible_python_interpreter", "/usr/bin/python3"},
             {"ansible_ssh_private_key_file", (folder / "key").string()},
             {"ansible_ssh_common_args",
              "-o StrictHostKeyChecking=yes -o IdentitiesOnly=yes -o "
              "GlobalKnownHostsFile=/dev/null -o UserKnownHostsFile=" +
                  (folder / "known_hosts").string()}}};
}

std::string Fleet::on(const std::string& host, const std::string& script) {
    const fs::path folder = fleet_folder();
    process::CommandSpec spec;
    spec.program = "ssh";
    spec.args = {"-q",
                 "-i",
                 (folder / "key").string(),
                 "-o",
                 "BatchMode=yes",
                 "-o",
                 "UserKnownHostsFile=" + (folder / "known_hosts").string(),
                 "deploy@" + connection(host).variables["ansible_host"].get<std::string>(),
                 "sudo",
                 "sh",
                 "-eu"};
    spec.input = script + "\n";
    spec.purpose = "looking at " + host;
    const process::CommandResult result = runner().run(spec);
    EXPECT_EQ(result.exit_code, 0) << host << ": " << script << ": " << result.err;
    std::string text = result.out;
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

void Fleet::power(const std::string& verb, const std::string& host) {
    process::CommandSpec spec;
    spec.program = std::getenv("PATCHLAB_FLEET_PROGRAM");
    spec.args = {verb, fleet_folder().string(), host};
    spec.purpose = "fleet " + verb + " " + host;
    runner().require(spec);
}

Fleet::Answers Fleet::carry_out(const Order& order) {
    Answers answers;
    deployer_.carry_out(order, [&](const std::string& host, const Observation& seen) {
        EXPECT_TRUE(answers.emplace(host, seen).second) << host << " answered twice";
    });
    EXPECT_EQ(answers.size(), order.hosts.size());
    return answers;
}

Observation Fleet::carry_out_on(const std::string& host, Order order, HostOrder what) {
    what.host = host;
    order.hosts = {what};
    return carry_out(order)[host];
}

catalog::ExactPackage Fleet::build(const std::string& name, const std::string& version,
                                   const std::string& more,
                                   const std::map<std::string, std::string>& scripts) {
    const fs::path root = scratch_.path() / (name + "-" + version);
    make_folder(root / "DEBIAN");
    make_folder(root / "usr/share" / name);
    write_file_atomic(root / "usr/share" / name / "version", version + "\n");
    write_file_atomic(root / "DEBIAN/control",
                      "Package: " + name + "\nVersion: " + version +
                          "\nArchitecture: all\nMaintainer: Test <test@example.org>\n" + more +
                          "Description: a test\n");
    for (const auto& [script, text] : scripts)
        write_file_atomic(root / "DEBIAN" / script, "#!/bin/sh\nset -e\n" + text + "\n", 0755);
    const fs::path deb = scratch_.path() / (name + "_" + version + ".deb");
    process::CommandSpec spec;
    spec.program = "dpkg-deb";
    spec.args = {"--root-owner-group", "--build", "-Znone", root.string(), deb.string()};
    spec.purpose = "building a package";
    runner().require(spec);
    return {name, "all", "deb", version, sha256_file(deb), deb};
}

std::vector<catalog::ExactPackage> Fleet::vendor(const std::string& which) {
    std::vector<catalog::ExactPackage> packages;
    const Json told = read_json(vendor_folder() / "packages.json");
    for (const Json& one : told.at(which))
        packages.push_back({one["name"], one["architecture"], "deb", one["version"], one["sha256"],
                            vendor_folder() / which / one["file"].get<std::string>()});
    return packages;
}

std::string Fleet::unpacked(const std::string& host, const std::string& package) {
    return on(host, "grep -cE ' (install|upgrade) " + package + ":' /var/log/dpkg.log || true");
}

}  // namespace patchlab::rollout
