// SPDX-License-Identifier: Apache-2.0
#include "tests/support/apt_host.hpp"

#include <sys/stat.h>

#include "orchestrator/catalog/access.hpp"

namespace patchlab::tests {

AptHost::AptHost(const std::string& channel, const std::string& url, const fs::path& public_key,
                 bool pin)
    : folder_(fs::temp_directory_path(), "host") {
    const fs::path& root = folder_.path();
    ::chmod(root.c_str(), 0755);
    for (const char* folder : {"etc/apt/sources.list.d", "etc/apt/preferences.d",
                               "etc/apt/apt.conf.d", "etc/apt/keyrings", "etc/apt/trusted.gpg.d",
                               "var/lib/apt/lists/partial", "var/cache/apt/archives/partial",
                               "var/log/apt", "var/lib/dpkg/info", "var/lib/dpkg/updates", "tmp"})
        make_folder(root / folder);
    write_file_atomic(root / "var/lib/dpkg/status", "");
    write_file_atomic(root / "var/lib/dpkg/available", "");
    write_file_atomic(root / "etc/apt/keyrings/patchlab.asc", read_file(public_key));
    follow(channel, url);
    if (pin)
        write_file_atomic(root / "etc/apt/preferences.d/patchlab",
                          catalog::apt_preferences(channel));
    write_file_atomic(
        root / "apt.conf",
        "Dir \"" + root.string() + "\";\nDir::State::status \"" +
            (root / "var/lib/dpkg/status").string() +
            "\";\nDir::Bin::dpkg \"/usr/bin/dpkg\";\nDir::Bin::methods \"/usr/lib/apt/methods\";\n"
            "Dir::Bin::apt-key \"/usr/bin/apt-key\";\nAPT::Architecture "
            "\"amd64\";\nAPT::Architectures { \"amd64\"; };\n"
            "APT::Sandbox::User \"root\";\nAcquire::Languages \"none\";\nDPkg::Options { "
            "\"--root=" +
            root.string() + "\"; \"--force-not-root\"; \"--log=" +
            (root / "var/log/dpkg.log").string() + "\"; };\nAcquire::Retries \"0\";\n");
}

void AptHost::follow(const std::string& channel, const std::string& url) {
    const fs::path etc = folder_.path() / "etc/apt";
    write_file_atomic(etc / "sources.list.d/patchlab.sources",
                      catalog::apt_sources(channel, url, (etc / "keyrings/patchlab.asc").string()));
}

void AptHost::forget_lists() {
    const fs::path lists = folder_.path() / "var/lib/apt/lists";
    remove_tree(lists);
    make_folder(lists / "partial");
}

process::CommandResult AptHost::run(const std::string& program, std::vector<std::string> args) {
    process::CommandSpec spec;
    spec.program = program;
    spec.args = std::move(args);
    spec.purpose = "a host's " + program;
    spec.environment = {{"APT_CONFIG", (folder_.path() / "apt.conf").string()},
                        {"LC_ALL", "C.UTF-8"},
                        {"DEBIAN_FRONTEND", "noninteractive"}};
    return runner_.run(spec);
}

process::CommandResult AptHost::update() {
    return run("apt-get", {"update", "-q", "-o", "APT::Update::Error-Mode=any"});
}

process::CommandResult AptHost::install(const std::vector<std::string>& words) {
    std::vector<std::string> args{"install", "-q", "-y"};
    args.insert(args.end(), words.begin(), words.end());
    return run("apt-get", args);
}

process::CommandResult AptHost::upgrade() {
    return run("apt-get", {"dist-upgrade", "-q", "-y", "--allow-downgrades"});
}

std::string AptHost::installed(const std::string& package) {
    const auto result =
        run("dpkg-query", {"--admindir=" + (folder_.path() / "var/lib/dpkg").string(), "-W", "-f",
                           "${db:Status-Status} ${Version}", package});
    return result.ok() && result.out.starts_with("installed ") ? result.out.substr(10) : "";
}

std::string AptHost::candidate(const std::string& package) {
    const auto result = run("apt-cache", {"policy", package});
    const auto at = result.out.find("Candidate: ");
    if (at == std::string::npos) return "";
    const std::string version = result.out.substr(at + 11, result.out.find('\n', at) - at - 11);
    return version == "(none)" ? "" : version;
}

}  // namespace patchlab::tests
