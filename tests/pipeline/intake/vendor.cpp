// SPDX-License-Identifier: Apache-2.0
#include "tests/pipeline/intake/vendor.hpp"

#include <sys/stat.h>

namespace patchlab::intake::test {

Vendor::Vendor(process::CommandRunner& runner)
    : folder_(fs::temp_directory_path(), "patchlab-vendor"), runner_(runner) {
    ::chmod(folder_.path().c_str(), 0755);  // apt's own user reads the repository
    make_folder(folder_.path() / "gnupg", 0700);
    make_folder(state(), 0711);
    run("gpg",
        {"--quick-gen-key", "--passphrase", "", "vendor@example.org", "ed25519", "sign", "never"});
    write_file_atomic(keyring(), run("gpg", {"--export"}));
}

std::string Vendor::run(const std::string& program, std::vector<std::string> args,
                        const fs::path& folder) {
    process::CommandSpec spec;
    spec.program = program;
    if (program == "gpg")
        args.insert(args.begin(), {"--homedir", (folder_.path() / "gnupg").string(), "--batch",
                                   "--no-tty", "--no-autostart"});
    if (program == "gpg") std::erase(args, "--no-autostart");
    spec.args = std::move(args);
    spec.purpose = "test vendor";
    if (!folder.empty()) spec.folder = folder;
    return runner_.require(spec).out;
}

fs::path Vendor::build(const VendorPackage& package) {
    const fs::path root = folder_.path() / "build" / (package.name + "_" + package.version);
    remove_tree(root);
    make_folder(root / "DEBIAN");
    make_folder(root / "usr/share/doc" / package.name);
    write_file_atomic(root / "usr/share" / package.name, package.name + package.version);
    write_file_atomic(root / "DEBIAN/control", "Package: " + package.name +
                                                   "\nVersion: " + package.version +
                                                   "\nArchitecture: " + package.architecture +
                                                   "\nMaintainer: Vendor <vendor@example.org>\n" +
                                                   package.fields + "Description: a test\n");
    if (!package.changelog.empty()) {
        write_file_atomic(root / "usr/share/doc" / package.name / "changelog.Debian",
                          package.changelog);
        run("gzip", {"-n", (root / "usr/share/doc" / package.name / "changelog.Debian").string()});
    }
    std::string file_version = package.version;
    if (const auto colon = file_version.find(':'); colon != std::string::npos)
        file_version = file_version.substr(colon + 1);
    const fs::path deb = root.parent_path() /
                         (package.name + "_" + file_version + "_" + package.architecture + ".deb");
    run("dpkg-deb", {"--root-owner-group", "-Zgzip", "--build", root.string(), deb.string()});
    return deb;
}

void Vendor::publish(const std::string& suite, const std::vector<VendorPackage>& packages,
                     const std::string& release) {
    const fs::path repo = folder_.path() / "repo";
    make_folder(pool(suite));
    make_folder(suite_folder(suite) / "main/binary-amd64");
    for (const VendorPackage& package : packages) {
        const fs::path deb = build(package);
        fs::copy_file(deb, pool(suite) / deb.filename(), fs::copy_options::overwrite_existing);
    }
    write_file_atomic(suite_folder(suite) / "main/binary-amd64/Packages",
                      run("apt-ftparchive", {"packages", "pool/" + suite}, repo));
    remove_tree(suite_folder(suite) / "Release");
    const std::string text =
        run("apt-ftparchive",
            {"-o", "APT::FTPArchive::Release::Origin=Vendor", "-o",
             "APT::FTPArchive::Release::Codename=" + suite, "-o",
             "APT::FTPArchive::Release::Suite=" + suite, "release", "dists/" + suite},
            repo);
    write_file_atomic(suite_folder(suite) / "Release", release + text);
    sign(suite);
}

void Vendor::sign(const std::string& suite) {
    const fs::path in = suite_folder(suite) / "InRelease";
    remove_tree(in);
    run("gpg", {"--clearsign", "-o", in.string(), (suite_folder(suite) / "Release").string()});
    ::chmod(in.c_str(), 0644);
}

void Vendor::unsign(const std::string& suite) { remove_tree(suite_folder(suite) / "InRelease"); }

void Vendor::sign_file(const fs::path& file) {
    run("gpg", {"--armor", "--detach-sign", "-o", file.string() + ".asc", file.string()});
}

std::string Vendor::sources(const std::vector<std::string>& suites) const {
    return sources_at("file:" + repository().string(), suites);
}

std::string Vendor::sources_at(const std::string& url,
                               const std::vector<std::string>& suites) const {
    std::string text = "Types: deb\nURIs: " + url + "\nSuites:";
    for (const std::string& suite : suites) text += " " + suite;
    return text + "\nComponents: main\nSigned-By: " + keyring().string() + "\n";
}

std::string Vendor::status(const std::vector<VendorPackage>& installed) {
    std::string text;
    std::vector<VendorPackage> all = installed;
    all.push_back({"dpkg", "1.21"});
    for (const VendorPackage& package : all)
        text += "Package: " + package.name +
                "\nStatus: install ok installed\nArchitecture: " + package.architecture +
                "\nMaintainer: Vendor <v@example.org>\nVersion: " + package.version + "\n" +
                package.fields + "Description: a test\n\n";
    return text;
}

}  // namespace patchlab::intake::test
