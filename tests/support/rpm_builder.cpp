// SPDX-License-Identifier: Apache-2.0
#include "tests/support/rpm_builder.hpp"

#include "platform/core/files.hpp"

namespace patchlab::test {

namespace {

std::string lines_of(const char* key, const std::vector<std::string>& values) {
    std::string text;
    for (const std::string& value : values) text += std::string(key) + ": " + value + "\n";
    return text;
}

/// The spec file. Where the source has another name, the package is a subpackage of it.
std::string spec_of(const RpmRecipe& recipe) {
    const bool own = recipe.source.empty();
    const std::string main = own ? recipe.name : recipe.source;
    const std::string sub = own ? "" : " -n " + recipe.name;
    std::string text = "Name: " + main + "\nVersion: " + recipe.version +
                       "\nRelease: " + recipe.release + "\nSummary: A package\nLicense: MIT\n" +
                       (recipe.epoch > 0 ? "Epoch: " + std::to_string(recipe.epoch) + "\n" : "");
    const std::string relations = lines_of("Requires", recipe.requirements) +
                                  lines_of("Provides", recipe.provided) +
                                  lines_of("Conflicts", recipe.conflicts);
    if (own) text += relations;
    text += "AutoReqProv: no\n%description\nA package.\n";
    if (!own)
        text += "%package" + sub + "\nSummary: A package\nAutoReqProv: no\n" + relations +
                "%description" + sub + "\nA package.\n";
    const std::string& name = recipe.name;
    text += "%install\nmkdir -p %{buildroot}/usr/share/" + name +
            " %{buildroot}/usr/bin %{buildroot}/etc %{buildroot}/usr/lib/systemd/system\n" +
            "echo " + recipe.version + "-" + recipe.release + " > %{buildroot}/usr/share/" + name +
            "/version\n" + "printf '#!/bin/sh\\necho " + recipe.version +
            "\\n' > %{buildroot}/usr/bin/" + name + "\nchmod 755 %{buildroot}/usr/bin/" + name +
            "\necho x=1 > %{buildroot}/etc/" + name + ".conf\n" +
            "printf '[Service]\\nExecStart=/usr/bin/" + name +
            "\\n' > %{buildroot}/usr/lib/systemd/system/" + name + ".service\n";
    text += recipe.prepare + recipe.scripts + "\n%files" + sub + "\n/usr/share/" + name +
            "\n/usr/bin/" + name + "\n%config(noreplace) /etc/" + name +
            ".conf\n/usr/lib/systemd/system/" + name + ".service\n" + recipe.files;
    if (!recipe.changelog.empty()) text += "\n%changelog\n" + recipe.changelog + "\n";
    return text;
}

}  // namespace

RpmBuilder::RpmBuilder(fs::path folder) : folder_(std::move(folder)) { make_folder(folder_); }

process::CommandResult RpmBuilder::run(const std::string& program, std::vector<std::string> args) {
    process::CommandSpec spec;
    spec.program = program;
    spec.args = std::move(args);
    spec.purpose = "making rpm packages to try";
    spec.environment = {{"GNUPGHOME", (folder_ / "gnupg").string()}, {"LC_ALL", "C.UTF-8"}};
    return runner_.require(spec);
}

fs::path RpmBuilder::build(const RpmRecipe& recipe) {
    const std::string file = recipe.name + "-" + recipe.version + "-" + recipe.release + "." +
                             recipe.architecture + ".rpm";
    const fs::path top = folder_ / "top", spec = folder_ / (file + ".spec");
    write_file_atomic(spec, spec_of(recipe));
    run("rpmbuild",
        {"-bb", "--quiet", "--nodebuginfo", "--target", recipe.architecture, "--define",
         "_topdir " + top.string(), "--define", "_build_id_links none", "--define",
         "__os_install_post %{nil}", "--define", "_binary_payload " + recipe.compression,
         "--define", "_buildhost test", "--define",
         "_rpmfilename %%{NAME}-%%{VERSION}-"
         "%%{RELEASE}.%%{ARCH}.rpm",
         spec.string()});
    return top / "RPMS" / file;
}

fs::path RpmBuilder::repository(const std::string& name, const std::vector<fs::path>& files,
                                const std::string& updateinfo) {
    const fs::path repository = folder_ / name;
    make_folder(repository);
    for (const fs::path& file : files)
        fs::copy_file(file, repository / file.filename(), fs::copy_options::overwrite_existing);
    run("createrepo_c", {"--quiet", "--no-database", "--checksum", "sha256", repository.string()});
    if (!updateinfo.empty()) {
        write_file_atomic(folder_ / "updateinfo.xml", updateinfo);
        run("modifyrepo_c", {"--mdtype=updateinfo", (folder_ / "updateinfo.xml").string(),
                             (repository / "repodata").string()});
    }
    return repository;
}

fs::path RpmBuilder::system(const std::string& name, const std::vector<fs::path>& installed) {
    const fs::path root = folder_ / name;
    make_folder(root / "var/lib/rpm");
    std::vector<std::string> args{"--dbpath",
                                  (root / "var/lib/rpm").string(),
                                  "-i",
                                  "--justdb",
                                  "--nodeps",
                                  "--noscripts",
                                  "--force-debian",
                                  "--nosignature"};
    for (const fs::path& file : installed) args.push_back(file.string());
    run("rpm", std::move(args));
    return root;
}

fs::path RpmBuilder::make_key(const std::string& name) {
    make_folder(folder_ / "gnupg", 0700);
    run("gpg", {"--batch", "--quiet", "--passphrase", "", "--quick-generate-key",
                name + " <" + name + "@example.org>", "rsa2048", "sign", "never"});
    const fs::path key = folder_ / (name + ".asc");
    write_file_atomic(key,
                      run("gpg", {"--batch", "--armor", "--export", name + "@example.org"}).out);
    return key;
}

void RpmBuilder::sign(const fs::path& package, const std::string& key) {
    run("rpmsign", {"--define", "__gpg /usr/bin/gpg", "--define",
                    "_gpg_name " + key + "@example.org", "--addsign", package.string()});
}

void RpmBuilder::sign_index(const fs::path& repository, const std::string& key) {
    const fs::path repomd = repository / "repodata" / "repomd.xml";
    run("gpg", {"--batch", "--yes", "--armor", "--local-user", key + "@example.org",
                "--detach-sign", "--output", repomd.string() + ".asc", repomd.string()});
}

}  // namespace patchlab::test
