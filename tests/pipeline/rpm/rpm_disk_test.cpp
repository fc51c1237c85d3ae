// SPDX-License-Identifier: Apache-2.0
//
// The index of a patch disk, as dnf reads it, and what dnf and rpm do with the packages of a disk.
#include <fstream>

#include "orchestrator/families/scripts.hpp"
#include "orchestrator/intake/patch_disk.hpp"
#include "platform/core/digest.hpp"
#include "tests/pipeline/rpm/rpm_store.hpp"

namespace patchlab::intake {
namespace {

using test::RpmRecipe;
using ::testing::HasSubstr;

class RpmDiskTest : public test::RpmStoreTest {
  protected:
    /// What lies on the disk of these packages, in a folder.
    fs::path disk_of(const std::string& name, const std::vector<fs::path>& files) {
        const fs::path folder = folder_.path() / name;
        make_folder(folder);
        std::vector<families::DiskPackage> packages;
        for (const fs::path& file : files) {
            fs::copy_file(file, folder / file.filename());
            packages.push_back({families::family("rpm").read_facts(file), file.filename().string(),
                                fs::file_size(file), sha256_file(file)});
        }
        for (const families::DiskFile& file : families::family("rpm").disk_index(packages)) {
            make_folder((folder / file.name).parent_path());
            write_file_atomic(folder / file.name, file.text);
        }
        return folder;
    }
    /// Runs install_exactly of the family's scripts, on a root folder in the place of a machine.
    process::CommandResult install(const fs::path& disk, const std::vector<std::string>& words) {
        const fs::path root = folder_.path() / "machine", bin = folder_.path() / "bin";
        make_folder(root / "var/lib/rpm");
        make_folder(bin);
        const std::string database = (root / "var/lib/rpm").string();
        // a machine's rpm keeps its database in /var/lib/rpm; this host's may keep it elsewhere
        write_file_atomic(bin / "dnf",
                          "#!/bin/sh\nexec /usr/bin/dnf --installroot=" + root.string() +
                              " --releasever=9 --setopt=tsflags=nodocs \"$@\"\n",
                          0755);
        write_file_atomic(bin / "rpm",
                          "#!/bin/sh\nexec /usr/bin/rpm --root=" + root.string() +
                              " --force-debian --dbpath=/root/.rpmdb \"$@\"\n",
                          0755);
        process::CommandSpec shell;
        shell.program = "/bin/sh";
        shell.args = {"-c",
                      families::script("rpm", "installing.sh") +
                          "install_exactly \"$@\"; code=$?\n"
                          "rpm -qa --qf '%{NAME}-%{EVR}\\n' | sort; exit $code",
                      "sh", (folder_.path() / "work").string(), disk.string()};
        shell.args.insert(shell.args.end(), words.begin(), words.end());
        shell.environment = {{"PATH", bin.string() + ":/usr/bin:/bin"}, {"LC_ALL", "C.UTF-8"}};
        shell.purpose = "installing";
        shell.deadline = Seconds(120);
        remove_tree(folder_.path() / "work");
        return runner_.run(shell);
    }
};

TEST_F(RpmDiskTest, is_the_same_for_the_same_packages_and_says_what_createrepo_says) {
    const fs::path acme = builder_.build({.epoch = 2,
                                          .requirements = {"bash >= 4", "(a or b)"},
                                          .provided = {"api = 3"},
                                          .conflicts = {"old < 2"}});
    const fs::path disk = disk_of("disk", {acme}), again = disk_of("again", {acme});
    EXPECT_EQ(read_file(disk / "repodata/repomd.xml"), read_file(again / "repodata/repomd.xml"));
    const fs::path made = builder_.repository("made", {acme});
    const auto asked = [&](const fs::path& repository) {
        process::CommandSpec dnf;
        dnf.program = "dnf";
        dnf.args = {
            "-q",
            "--disablerepo=*",
            "--repofrompath=one,file://" + repository.string(),
            "--setopt=cachedir=" + (folder_.path() / "cache" / repository.filename()).string(),
            "--installroot=" + (folder_.path() / "empty").string(),
            "--releasever=9",
            "repoquery",
            "--queryformat",
            "%{name} %{evr} %{arch} %{sourcerpm} %{size} %{requires} | %{provides} | "
            "%{conflicts} | %{files}",
            "acme"};
        dnf.purpose = "asking dnf";
        return runner_.require(dnf).out;
    };
    EXPECT_THAT(asked(disk), HasSubstr("acme 2:1.0-1.el9 x86_64 acme-1.0-1.el9.src.rpm"));
    EXPECT_EQ(asked(disk), asked(made));
}

TEST_F(RpmDiskTest, installs_exact_versions_both_ways_and_takes_away_what_is_named) {
    const fs::path old_acme = builder_.build({.epoch = 1, .architecture = "noarch"});
    const fs::path new_acme =
        builder_.build({.version = "1.1", .epoch = 1, .architecture = "noarch"});
    const fs::path newer = builder_.build({.version = "1.2", .epoch = 1, .architecture = "noarch"});
    const fs::path extra = builder_.build({.name = "extra", .architecture = "noarch"});
    const fs::path disk = disk_of("disk", {old_acme, new_acme, newer, extra});
    EXPECT_THAT(install(disk, {"acme=1:1.0-1.el9"}).out, HasSubstr("\nacme-1:1.0-1.el9\n"));
    EXPECT_THAT(install(disk, {"acme=1:1.1-1.el9", "extra.noarch=1.0-1.el9"}).out,
                HasSubstr("\nacme-1:1.1-1.el9\nextra-1.0-1.el9\n"));
    const auto back = install(disk, {"acme=1:1.0-1.el9", "-extra"});
    EXPECT_TRUE(back.ok()) << back.out << back.err;
    EXPECT_TRUE(back.out.ends_with("\nacme-1:1.0-1.el9\n")) << back.out;
    EXPECT_THAT(install(disk, {"acme=1:3-1"}).out, HasSubstr("No match for argument"));
}

TEST_F(RpmDiskTest, a_script_that_failed_is_found_in_what_dnf_printed) {
    const fs::path bad = builder_.build(
        {.architecture = "noarch", .scripts = "%post -p <lua>\nerror(\"no license\")\n"});
    const auto ended = install(disk_of("disk", {bad}), {"acme=1.0-1.el9"});
    EXPECT_TRUE(ended.ok()) << "a failed %post is a warning for rpm";
    write_file_atomic(folder_.path() / "log", ended.out + ended.err);
    process::CommandSpec shell;
    shell.program = "/bin/sh";
    shell.args = {"-c", families::script("rpm", "installing.sh") + "failed_scripts \"$1\"", "sh",
                  (folder_.path() / "log").string()};
    shell.purpose = "reading the log";
    EXPECT_EQ(runner_.require(shell).out, "the POSTIN script of acme failed\n");
}

TEST_F(RpmDiskTest, why_an_installation_failed_is_read_from_what_dnf_printed) {
    const fs::path needs =
        builder_.build({.architecture = "noarch", .requirements = {"libnowhere.so.2"}});
    const auto ended = install(disk_of("disk", {needs}), {"acme=1.0-1.el9"});
    EXPECT_FALSE(ended.ok());
    const fs::path never = builder_.build({.name = "never",
                                           .architecture = "noarch",
                                           .scripts = "%pre -p <lua>\nerror(\"no license\")\n"});
    const auto refused = install(disk_of("disk2", {never}), {"never=1.0-1.el9"});
    EXPECT_FALSE(refused.ok());
    EXPECT_THAT(refused.out + refused.err, HasSubstr("no license"));
}

TEST_F(RpmDiskTest, travels_on_a_disk_whose_file_system_is_sound) {
    const Patch patch =
        add_files({state_, {builder_.build({})}, {}, false, {}}, store_, runner_, clock_).at(0);
    const fs::path image = state_ / "disk.img";
    make_patch_disk({&patch}, false, image, runner_);
    process::CommandSpec spec;
    spec.program = "debugfs";
    spec.args = {"-R", "cat /repo/repodata/primary.xml", image.string()};
    EXPECT_THAT(runner_.require(spec).out, HasSubstr(patch.packages[0].sha256));
    spec.program = "e2fsck";
    spec.args = {"-fn", image.string()};
    EXPECT_EQ(runner_.run(spec).exit_code, 0);
    make_patch_disk({&patch}, false, state_ / "again.img", runner_);
    EXPECT_EQ(sha256_file(image), sha256_file(state_ / "again.img"));
}

}  // namespace
}  // namespace patchlab::intake
