// SPDX-License-Identifier: Apache-2.0
//
// The parts of the capture script that tell what starts by itself, how units run, and which files
// stand before others, of a folder that looks like a machine.
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "platform/core/files.hpp"
#include "platform/process/command.hpp"
#include "snapshots/search_paths.hpp"

namespace patchlab::snapshots {
namespace {

using Facts = std::map<std::string, std::string>;

class Startup : public ::testing::Test {
  protected:
    void unit(const std::string& path, const std::string& text) {
        fs::create_directories(at(path).parent_path());
        write_file_atomic(at(path), text);
    }
    void link(const std::string& path, const std::string& to) {
        fs::create_directories(at(path).parent_path());
        fs::create_symlink(to, at(path));
    }
    fs::path at(const std::string& path) const { return folder_.path() / path.substr(1); }

    /// What `code` says with fact(), after the parts of the script.
    Facts facts(const std::string& code, const std::vector<SearchPath>& search_paths = {}) const {
        const fs::path scripts(CAPTURE_SCRIPT);
        process::CommandSpec spec;
        spec.program = "perl";
        spec.args = {"-", folder_.path().string()};
        spec.purpose = "reading a folder that looks like a machine";
        spec.input = "$main::search_paths = '" + search_paths_for_script(search_paths) + "';\n";
        for (const char* part : {"records.pl", "search_paths.pl", "unit_files.pl", "startup.pl"})
            spec.input += read_file(scripts / part);
        spec.input += code + "\nprint \"$_\\t$facts{$_}\\n\" for keys %facts;\n";
        Facts found;
        std::istringstream in(process::SystemCommandRunner().require(spec).out);
        for (std::string line; std::getline(in, line);)
            found[line.substr(0, line.find('\t'))] = line.substr(line.find('\t') + 1);
        return found;
    }
    Facts starts() const {
        return facts(
            "my $read = read_unit_folders($ARGV[0], @unit_folders);\n"
            "my %starts = what_starts($read, 'boot'); fact($_, $starts{$_}) for keys %starts;");
    }
    TempFolder folder_{fs::temp_directory_path(), "startup"};
};

const std::string shipped_units = "/usr/lib/systemd/system/", local_units = "/etc/systemd/system/";
const std::string plain_service = "[Service]\nExecStart=/bin/true\n";

TEST_F(Startup, follows_links_in_packages_and_lines_of_units_from_the_default_target) {
    unit(shipped_units + "multi-user.target", "[Unit]\nRequires=basic.target\n");
    unit(shipped_units + "basic.target", "[Unit]\nWants=timers.target\n");
    unit(shipped_units + "timers.target", "[Unit]\n");
    link(shipped_units + "default.target", "multi-user.target");
    for (const char* name : {"linked", "off", "masked", "enabled", "wanted", "dropped", "rung",
                             "real", "answer@", "late"})
        unit(shipped_units + name + ".service", plain_service);
    link(shipped_units + "multi-user.target.wants/linked.service", "../linked.service");
    link(shipped_units + "multi-user.target.wants/masked.service", "../masked.service");
    link(local_units + "masked.service", "/dev/null");
    link(local_units + "multi-user.target.wants/enabled.service",
         shipped_units + "enabled.service");
    unit(shipped_units + "enabled.service", "[Unit]\nWants=wanted.service\n" + plain_service);
    unit("/run/systemd/system/basic.target.d/x.conf", "[Unit]\nWants=dropped.service\n");
    unit(shipped_units + "bell.timer", "[Timer]\nOnBootSec=1\nUnit=rung.service\n");
    link(shipped_units + "timers.target.wants/bell.timer", "../bell.timer");
    unit(shipped_units + "answer.socket", "[Socket]\nListenStream=1\nAccept=yes\n");
    link(local_units + "default.target.wants/answer.socket", shipped_units + "answer.socket");
    link(local_units + "nick.service", shipped_units + "real.service");
    link(shipped_units + "basic.target.wants/nick.service", "../real.service");
    unit(shipped_units + "reboot.target", "[Unit]\n");
    link(shipped_units + "reboot.target.requires/late.service", "../late.service");
    const Facts found = starts();
    for (const char* name : {"linked", "enabled", "wanted", "dropped", "real"})
        EXPECT_EQ(found.count(std::string(name) + ".service")
                      ? found.at(std::string(name) + ".service")
                      : "",
                  "boot")
            << name;
    EXPECT_EQ(found.at("bell.timer"), "boot");
    EXPECT_EQ(found.at("rung.service"), "event");
    EXPECT_EQ(found.at("answer.socket"), "boot");
    EXPECT_EQ(found.at("answer@.service"), "event");
    EXPECT_EQ(found.at("late.service"), "event");
    EXPECT_FALSE(found.contains("off.service"));
    EXPECT_FALSE(found.contains("masked.service"));
}

TEST_F(Startup, puts_a_unit_together_as_systemd_does) {
    unit(shipped_units + "a-b.service",
         "[Unit]\nDescription=x\n[Service]\nExecStart=/bin/one \\\n  two\nUser=one\n"
         "LimitNOFILE=1\nNoNewPrivileges=yes\n");
    unit(shipped_units + "service.d/all.conf", "[Service]\nNice=5\n");
    unit(shipped_units + "a-.service.d/some.conf", "[Service]\nUser=two\n");
    unit(shipped_units + "a-b.service.d/x.conf", "[Service]\nLimitNOFILE=2\n");
    unit(local_units + "a-b.service.d/x.conf",
         "[Service]\nLimitNOFILE=3\nExecStart=\nExecStart=/bin/three\n");
    const Facts found = facts(
        "my $read = read_unit_folders($ARGV[0], @unit_folders);\n"
        "my ($unit, $path) = unit_of_name($read, 'a-b.service');\n"
        "settings_of_unit($unit, unit_in_effect($read, $unit, $path));");
    EXPECT_EQ(found.at("a-b.service: commands"), "ExecStart=/bin/three");
    EXPECT_EQ(found.at("a-b.service: rights"), "NoNewPrivileges=yes | User=two");
    EXPECT_EQ(found.at("a-b.service: limits"), "LimitNOFILE=3 | Nice=5");
}

TEST_F(Startup, tells_which_files_of_a_search_path_stand_before_others) {
    unit("/etc/x.d/a.conf", "");
    unit("/lib/x.d/a.conf", "");
    unit("/lib/x.d/b.conf", "");
    unit("/lib/x.d/a.txt", "");
    unit("/etc/x.d/a.txt", "");
    unit("/etc/x.d/b.service.d/c.conf", "");
    unit("/lib/x.d/b.service.d/c.conf", "");
    unit("/lib/y1/deep/d.conf", "");
    unit("/etc/x.d/deep/d.conf", "");
    link("/etc/x.d/e.conf", at("/lib/x.d/e.conf").string());
    unit("/lib/x.d/e.conf", "");
    SearchPath family;
    family.family = "things";
    family.names = "*.conf";
    family.first_wins = true;
    family.has_drop_ins = true;
    family.depth = 1;
    for (const char* folder : {"/etc/x.d", "/nowhere", "/lib/x.d", "/lib/y[0-9]"})
        family.folders.push_back(folder_.path().string() + folder);
    SearchPath other = family;
    other.first_wins = false;
    const auto say = [&](const char* path) { return at(path).string() + ": things"; };
    const Facts found = facts("search_paths();", {family, other});
    EXPECT_EQ(found.size(), 3U);
    EXPECT_EQ(found.at(say("/etc/x.d/a.conf")), "before " + at("/lib/x.d/a.conf").string());
    EXPECT_EQ(found.at(say("/etc/x.d/b.service.d/c.conf")),
              "before " + at("/lib/x.d/b.service.d/c.conf").string());
    EXPECT_EQ(found.at(say("/etc/x.d/deep/d.conf")),
              "before " + at("/lib/y1/deep/d.conf").string());
}

}  // namespace
}  // namespace patchlab::snapshots
