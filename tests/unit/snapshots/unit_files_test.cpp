// SPDX-License-Identifier: Apache-2.0
//
// The capture reads by itself which units start by themselves, because systemd takes seconds for
// the answer in an emulated machine. It must say what `systemctl list-unit-files` says: of a folder
// with every kind of unit, and of this machine.
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "platform/core/files.hpp"
#include "platform/process/command.hpp"

namespace patchlab::snapshots {
namespace {

using States = std::map<std::string, std::string>;

States states_from(const std::string& program, const std::vector<std::string>& words,
                   const std::string& input = {}) {
    process::CommandSpec spec;
    spec.program = program;
    spec.args = words;
    spec.purpose = "reading which units start by themselves";
    spec.input = input;
    States states;
    std::istringstream in(process::SystemCommandRunner().require(spec).out);
    for (std::string unit, state, rest; in >> unit >> state; std::getline(in, rest))
        states[unit] = state;
    return states;
}

States ours(const fs::path& root) {
    const fs::path scripts(CAPTURE_SCRIPT);
    return states_from("perl", {"-", root.string()},
                       read_file(scripts / "records.pl") + read_file(scripts / "unit_files.pl") +
                           "my %states = unit_file_states($ARGV[0] eq '/' ? '' : $ARGV[0]); print "
                           "\"$_ $states{$_}\\n\" for keys %states;\n");
}

States of_systemd(const fs::path& root) {
    return states_from("systemctl",
                       {"--root=" + root.string(), "list-unit-files", "*.service", "*.socket",
                        "*.path", "*.timer", "--no-legend", "--no-pager", "--full"});
}

bool there_is_systemctl() { return process::find_program("systemctl").has_value(); }

const std::string vendor = "/usr/lib/systemd/system/", administrators = "/etc/systemd/system/",
                  runtime = "/run/systemd/system/";

/// A machine with one unit of each kind.
class Machine {
  public:
    Machine() {
        fs::create_directories(root() / "usr/lib");
        fs::create_symlink("usr/lib", root() / "lib");
    }
    const fs::path& root() const { return folder_.path(); }
    void unit(const std::string& path, const std::string& install = {}) {
        const std::string text = "[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n" +
                                 (install.empty() ? "" : "[Install]\n" + install + "\n");
        fs::create_directories(at(path).parent_path());
        write_file_atomic(at(path), text);
    }
    void empty(const std::string& path) {
        fs::create_directories(at(path).parent_path());
        write_file_atomic(at(path), "");
    }
    void link(const std::string& path, const std::string& to) {
        fs::create_directories(at(path).parent_path());
        fs::create_symlink(to, at(path));
    }
    /// A unit of the vendor's that the given folder of links turns on.
    void turned_on(const std::string& name, const std::string& folder,
                   const std::string& install = "WantedBy=multi-user.target") {
        unit(vendor + name, install);
        link(folder + name, vendor + name);
    }

  private:
    fs::path at(const std::string& path) const { return root() / path.substr(1); }
    TempFolder folder_{fs::temp_directory_path(), "machine"};
};

TEST(UnitFiles, each_kind_is_called_what_systemd_calls_it) {
    if (!there_is_systemctl()) GTEST_SKIP() << "there is no systemctl to compare with";
    Machine machine;
    const std::string wanted = "WantedBy=multi-user.target", wants = "multi-user.target.wants/";
    machine.unit(vendor + "plain.service");
    machine.unit(vendor + "off.service", wanted);
    machine.unit(vendor + "also.service", "Also=off.service");
    machine.unit(vendor + "empty-value.service", "WantedBy=");
    machine.unit(vendor + "comment.service", "#" + wanted);
    machine.unit(vendor + "blanks.service", " WantedBy = multi-user.target");
    machine.turned_on("on.service", administrators + wants);
    machine.turned_on("required.service", administrators + "x.service.requires/",
                      "RequiredBy=x.service");
    machine.turned_on("for-this-boot.service", runtime + wants);
    machine.turned_on("both.service", administrators + wants);
    machine.link(runtime + wants + "both.service", vendor + "both.service");
    machine.turned_on("no-install.service", administrators + wants, "");
    machine.turned_on("by-the-vendor.service", vendor + "sysinit.target.wants/");
    machine.unit(vendor + "relative.service", wanted);
    machine.link(administrators + wants + "relative.service",
                 "../../../../usr/lib/systemd/system/relative.service");
    machine.link(administrators + wants + "gone.service", vendor + "gone.service");
    machine.unit(vendor + "masked.service");
    machine.link(administrators + "masked.service", "/dev/null");
    machine.unit(vendor + "masked-for-this-boot.timer");
    machine.link(runtime + "masked-for-this-boot.timer", "/dev/null");
    machine.unit(vendor + "masked-by-nothing.service");
    machine.empty(administrators + "masked-by-nothing.service");
    machine.link(vendor + "masked-by-the-vendor.socket", "/dev/null");
    machine.unit(vendor + "real.service", "Alias=nick.service");
    machine.link(administrators + "nick.service", vendor + "real.service");
    machine.unit(vendor + "nickless.service", "Alias=other.service");
    machine.link(vendor + "vendors-alias.service", "plain.service");
    machine.unit(vendor + "getty@.service", "WantedBy=getty.target\nDefaultInstance=tty1");
    machine.link(administrators + "getty.target.wants/getty@tty1.service",
                 vendor + "getty@.service");
    machine.unit(vendor + "unused@.service", "WantedBy=getty.target\nDefaultInstance=tty1");
    machine.unit(vendor + "terminal@.service", "WantedBy=getty.target\nDefaultInstance=tty1");
    machine.link(administrators + "getty.target.wants/terminal@tty2.service",
                 vendor + "terminal@.service");
    machine.unit(vendor + "database@.service");
    machine.link("/run/systemd/generator/database.service.wants/database@main.service",
                 vendor + "database@.service");
    machine.turned_on("by-a-generator.service", "/run/systemd/generator/local-fs.target.wants/",
                      "");
    machine.turned_on("by-a-late-one.service",
                      "/run/systemd/generator.late/local-fs.target.wants/");
    machine.unit(vendor + "known.service", wanted);
    machine.link(administrators + "by-a-name-it-does-not-give.service", vendor + "known.service");
    machine.unit(administrators + "own.service", wanted);
    machine.unit(vendor + "overridden.service", wanted);
    machine.unit(administrators + "overridden.service");
    machine.unit("/opt/linked.service", wanted);
    machine.link(administrators + "linked.service", "/opt/linked.service");
    machine.link(administrators + "dangling.service", "/nowhere/dangling.service");
    machine.unit("/run/systemd/generator/made.service");
    machine.unit("/run/systemd/generator.late/late.service");
    machine.unit("/run/systemd/generator.early/early.path");
    machine.unit("/run/systemd/transient/transient.service");
    machine.unit(vendor + "made-over.service");
    machine.unit("/run/systemd/generator/made-over.service");
    machine.unit("/usr/local/lib/systemd/system/local.socket", "WantedBy=sockets.target");
    machine.unit("/etc/systemd/system.control/control.service");
    machine.unit("/etc/systemd/system.attached/attached.service", wanted);
    machine.unit(vendor + "escaped\\x2dname.service", wanted);
    const States expected = of_systemd(machine.root());
    ASSERT_GT(expected.size(), 30U);
    EXPECT_EQ(ours(machine.root()), expected);
}

TEST(UnitFiles, this_machine_is_read_as_systemd_reads_it) {
    if (!there_is_systemctl()) GTEST_SKIP() << "there is no systemctl to compare with";
    EXPECT_EQ(ours("/"), of_systemd("/"));
}

}  // namespace
}  // namespace patchlab::snapshots
