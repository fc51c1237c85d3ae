// SPDX-License-Identifier: Apache-2.0
#include "snapshots/state.hpp"

#include <gtest/gtest.h>

#include "platform/core/files.hpp"
#include "snapshots/capture_parse.hpp"
#include "tests/unit/snapshots/changes.hpp"

namespace patchlab::snapshots {
namespace {

using namespace testing;

std::string text_of(const disk::FileState& state) { return to_text(file_state(state)); }

TEST(State, of_a_file_is_written_as_documents_have_it) {
    const std::string digest(64, 'a');
    EXPECT_EQ(text_of(file()), "file mode=0644 owner=0:0 size=10 sha256=" + digest);
    disk::FileState folder;
    folder.type = 'd';
    folder.mode = 040755;
    folder.size = 4096;
    EXPECT_EQ(text_of(folder), "directory mode=0755 owner=0:0");
    EXPECT_EQ(text_of(link("/usr/bin/x")), "symlink owner=0:0 -> /usr/bin/x");
    disk::FileState device;
    device.type = 'b';
    device.mode = 0600;
    device.gid = 6;
    device.content = "254:0";
    EXPECT_EQ(text_of(device), "block-device mode=0600 owner=0:6 254:0");
    disk::FileState capable = file(04755, digest, 33);
    capable.flags = "immutable";
    capable.xattrs = {{"security.capability", "01"}, {"user.x", "02"}};
    EXPECT_EQ(text_of(capable),
              "file mode=4755 owner=33:0 flags=immutable security.capability=01 user.x=02 size=10 "
              "sha256=" +
                  digest);
    disk::FileState odd;
    odd.type = '?';
    EXPECT_EQ(text_of(odd), "unknown mode=0000 owner=0:0");
}

TEST(State, of_a_file_is_the_same_whatever_is_not_compared_of_it) {
    disk::FileState before = file();
    disk::FileState after = before;
    after.mtime = 5;
    after.links = 2;
    EXPECT_EQ(file_state(before), file_state(after));
    after.content = std::string(64, 'b');
    EXPECT_NE(file_state(before), file_state(after));
    EXPECT_TRUE(same_attributes(file_state(before), file_state(after)));
    after.gid = 1;
    EXPECT_FALSE(same_attributes(file_state(before), file_state(after)));
}

TEST(State, of_an_access_list_is_what_its_mask_leaves) {
    disk::FileState before = file();
    disk::FileState after = before;
    const std::string start =
        "01000000"
        "01000600"
        "04000500";
    before.xattrs["system.posix_acl_access"] = start +
                                               "0800040004000000"
                                               "10000400"
                                               "20000000";
    after.xattrs["system.posix_acl_access"] = start +
                                              "0800050004000000"
                                              "10000400"
                                              "20000000";
    EXPECT_TRUE(same_attributes(file_state(before), file_state(after)));
    after.xattrs["system.posix_acl_access"] = start +
                                              "0800060004000000"
                                              "10000600"
                                              "20000000";
    EXPECT_FALSE(same_attributes(file_state(before), file_state(after)));
    after.xattrs["system.posix_acl_access"] = start +
                                              "0800040021000000"
                                              "10000400"
                                              "20000000";
    EXPECT_FALSE(same_attributes(file_state(before), file_state(after)));
    for (const char* odd : {"", "01", "0100000001", "zz000000", "010000000800", "020000000100"})
        EXPECT_EQ(effective_access(odd), odd);
}

template <typename Kind>
Kind read(ChangeClass cls, const std::string& subject, const std::string& value) {
    const State state = fact_state(cls, fact_subject(cls, subject, value), value);
    EXPECT_EQ(to_text(state), value);
    EXPECT_TRUE(std::holds_alternative<Kind>(state)) << subject << " " << value;
    return std::holds_alternative<Kind>(state) ? std::get<Kind>(state) : Kind{};
}

TEST(State, of_a_fact_is_taken_apart) {
    const auto held =
        read<PackageState>(ChangeClass::package, "x:amd64", "1:2-3 config-files hold");
    EXPECT_EQ(held.version, "1:2-3");
    EXPECT_EQ(held.status, PackageStatus::config_files);
    EXPECT_TRUE(held.hold);
    EXPECT_EQ(read<PackageState>(ChangeClass::package, "x:amd64", "1 installed reinstreq").error,
              "reinstreq");
    EXPECT_EQ(read<UnitState>(ChangeClass::unit, "x.service", "enabled-runtime/failed"),
              (UnitState{"enabled-runtime", "failed"}));
    EXPECT_EQ(read<PortState>(ChangeClass::port, "tcp/80", "nginx, python3.11 in x.service"),
              (PortState{{{"nginx"}, {"python3.11", "x.service"}}}));
    EXPECT_EQ(read<ProcessCount>(ChangeClass::process, "root /x", "12").count, 12);
    EXPECT_EQ(
        read<ProcessTerms>(ChangeClass::process, "root /x: terms", "nice 5, capabilities 3f | a"),
        (ProcessTerms{{{"nice 5", "capabilities 3f"}, {"a"}}}));
    EXPECT_EQ(read<AlternativeState>(ChangeClass::alternative, "/etc/alternatives/x: alternative",
                                     "auto -> /usr/bin/x -> y"),
              (AlternativeState{"auto", "/usr/bin/x -> y"}));
    EXPECT_EQ(read<DiversionState>(ChangeClass::alternative, "/usr/bin/x: diversion",
                                   "to /usr/bin/x by y by acme"),
              (DiversionState{"/usr/bin/x by y", "acme"}));
    EXPECT_EQ(read<LibraryFiles>(ChangeClass::library, "libz.so.1 (libc6)", "/a /b").paths,
              (std::vector<std::string>{"/a", "/b"}));
}

TEST(State, of_a_fact_that_is_not_written_as_its_kind_stays_plain) {
    const std::pair<ChangeClass, const char*> odd[] = {{ChangeClass::package, "1"},
                                                       {ChangeClass::package, "1 eaten"},
                                                       {ChangeClass::package, "1 installed  "},
                                                       {ChangeClass::package, "1 installed a b"},
                                                       {ChangeClass::unit, "enabled"},
                                                       {ChangeClass::unit, "a/b/c"},
                                                       {ChangeClass::unit, "Enabled/x"},
                                                       {ChangeClass::process, "007"},
                                                       {ChangeClass::process, ""},
                                                       {ChangeClass::process, "2 | 3"}};
    for (const auto& [cls, value] : odd) read<PlainState>(cls, "x", value);
    read<PlainState>(ChangeClass::alternative, "/usr/bin/x: program", "after y");
    read<PlainState>(ChangeClass::unit, "/run/systemd/system/x: for this boot", "a/b");
}

TEST(State, of_every_fact_of_a_real_capture_is_written_as_it_was_read) {
    const fs::path folder = GOLDEN_CAPTURES;
    const Capture capture = parse_capture(read_file(folder / "small.records"), "0123456789abcdef");
    ASSERT_FALSE(capture.facts.empty());
    for (const auto& [cls, facts] : capture.facts)
        for (const auto& [subject, value] : facts)
            EXPECT_EQ(to_text(fact_state(cls, fact_subject(cls, subject, value), value)), value)
                << subject;
}

TEST(Subject, of_a_fact_is_taken_apart) {
    const auto process = [](const char* text, const char* value) {
        return fact_subject(ChangeClass::process, text, value);
    };
    EXPECT_EQ(std::get<ProcessName>(process("root /usr/bin/sh in x.service", "1")),
              (ProcessName{"root", "/usr/bin/sh", "x.service"}));
    EXPECT_EQ(std::get<ProcessName>(process("root /usr/bin/nc in x.service", "1")),
              (ProcessName{"root", "/usr/bin/nc in x.service"}));
    EXPECT_EQ(std::get<TermsOf>(process("root /x: terms", "nice 5")).process,
              (ProcessName{"root", "/x"}));
    EXPECT_EQ(std::get<ProcessName>(process("root /x: terms", "5")).program, "/x: terms");
    const auto line = std::get<FileFact>(
        fact_subject(ChangeClass::cron, "/etc/cron.d/x: * * * * * root y: z", "present"));
    EXPECT_EQ(line.path, "/etc/cron.d/x");
    EXPECT_EQ(line.line, "* * * * * root y: z");
    EXPECT_EQ(std::get<FileFact>(
                  fact_subject(ChangeClass::alternative, "/usr/bin/x: y: diversion", "to a by b"))
                  .path,
              "/usr/bin/x: y");
    EXPECT_EQ(std::get<PackageName>(fact_subject(ChangeClass::package, "x:amd64", "")).name, "x");
    EXPECT_EQ(std::get<AccountName>(fact_subject(ChangeClass::user, "x password", "")).name, "x");
    EXPECT_TRUE(std::holds_alternative<PlainSubject>(
        fact_subject(ChangeClass::mount, "/mnt/x", "ext4 /dev/x rw")));
}

}  // namespace
}  // namespace patchlab::snapshots
