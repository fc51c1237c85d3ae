// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/images/builder.hpp"

#include <gmock/gmock.h>

#include "orchestrator/images/boot_disk.hpp"
#include "orchestrator/images/importer.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::images {
namespace {

using ::testing::HasSubstr;

class BuildRequestTest : public ::testing::Test {
  protected:
    BuildRequestTest() {
        write_file_atomic(folder_.path() / "sources.list",
                          "deb https://deb.example.org/debian bookworm main\n");
        request_.name = "web";
        request_.suites = {"bookworm"};
        request_.packages = {"nginx=1.22.1-9"};
        request_.etc_apt = folder_.path();
    }
    std::string refusal() const {
        try {
            check_request(request_);
        } catch (const Error& error) {
            return error.what() + std::string(" | ") + error.advice();
        }
        return "accepted";
    }
    TempFolder folder_{fs::temp_directory_path(), "build-request"};
    BuildRequest request_;
};

TEST_F(BuildRequestTest, mistakes_are_found_before_anything_is_done) {
    EXPECT_EQ(refusal(), "accepted");
    request_.suites = {"trixie"};
    EXPECT_THAT(refusal(), HasSubstr("no suite 'trixie'"));
    EXPECT_THAT(refusal(), HasSubstr("suites there: bookworm"));
    request_.suites = {"bookworm"};
    for (const char* bad :
         {"--force-yes", "nginx;reboot", "nginx=", "/tmp/x.deb", "nginx,redis", "~o"}) {
        request_.packages = {bad};
        EXPECT_THAT(refusal(), HasSubstr("not a package")) << bad;
    }
    request_.packages = {};
    EXPECT_THAT(refusal(), HasSubstr("no packages"));
    request_.family = "ebuild";
    EXPECT_THAT(refusal(), HasSubstr("families: deb, rpm"));
    request_.family = "rpm";
    request_.host = {{"nginx", "1.22.1-9", ""}};
    EXPECT_THAT(refusal(), HasSubstr("cannot be built from a host's list"));
}

TEST(DiskSize, is_read_with_its_unit) {
    EXPECT_EQ(parse_size("3G"), 3ULL << 30);
    EXPECT_EQ(parse_size("4096M"), 4ULL << 30);
    for (const char* bad : {"", "3", "G", "-3G", "3T", "99999999999999999999G", "3 G"})
        EXPECT_THROW(parse_size(bad), Error) << bad;
}

TEST(BootSector, keeps_the_boot_loaders_code_and_describes_the_partition) {
    const std::string boot(512, '\xcc');
    const auto sector = boot_sector(boot, 3ULL << 30, 0x12345678);
    ASSERT_EQ(sector.size(), 512U);
    EXPECT_EQ(sector.substr(0, 440), boot.substr(0, 440));
    EXPECT_EQ(sector.substr(440, 4), "\x78\x56\x34\x12");
    EXPECT_EQ(sector[446], '\x80');
    EXPECT_EQ(sector[450], '\x83');
    EXPECT_EQ(sector.substr(454, 4), std::string("\0\x08\0\0", 4));    // sector 2048
    EXPECT_EQ(sector.substr(458, 4), std::string("\0\xf8\x5f\0", 4));  // 3 GiB - 1 MiB
    EXPECT_EQ(sector.substr(462, 48), std::string(48, '\0'));
    EXPECT_EQ(sector.substr(510), "\x55\xaa");
}

TEST(ConsoleTail, shows_the_last_lines_without_escape_sequences) {
    const TempFolder folder(fs::temp_directory_path(), "console");
    write_file_atomic(folder.path() / "log",
                      "first\n\x1b[0;32m  OK  \x1b[0m Started \x07thing\r\n[ 1.0] Kernel panic\n");
    EXPECT_EQ(console_tail(folder.path() / "log", 2),
              "\n  console:   OK   Started thing\n  console: [ 1.0] Kernel panic");
    EXPECT_EQ(console_tail(folder.path() / "none"), "");
}

TEST(ImportFormat, name_and_content_must_agree_and_nothing_else_may_be_needed) {
    const TempFolder folder(fs::temp_directory_path(), "import-format");
    const auto answer = [&](const char* name, const std::string& bytes, const char* format = "") {
        write_file_atomic(folder.path() / name, bytes);
        try {
            return format_of({"x", folder.path() / name, format});
        } catch (const Error& error) {
            return std::string(error.what());
        }
    };
    std::string qcow2("QFI\xfb\0\0\0\3", 8);
    qcow2.resize(512);
    EXPECT_EQ(answer("a.qcow2", qcow2), "qcow2");
    EXPECT_EQ(answer("a.img", std::string(512, '\0')), "raw");
    EXPECT_EQ(answer("a.bin", std::string(512, '\0'), "raw"), "raw");
    EXPECT_THAT(answer("a.bin", std::string(512, '\0')), HasSubstr("no header"));
    EXPECT_THAT(answer("a.raw", qcow2), HasSubstr("called raw but has the content of qcow2"));
    EXPECT_THAT(answer("a.qcow2", "text"), HasSubstr("called qcow2 but has the content of raw"));
    EXPECT_THAT(answer("a.qcow2", qcow2, "iso"), HasSubstr("not a format"));
    EXPECT_THAT(answer("a.img", std::string("\x1f\x8b\x08", 3)), HasSubstr("packed with gzip"));
    EXPECT_THAT(answer("a.raw.xz", std::string("\xfd"
                                               "7zXZ\0",
                                               6)),
                HasSubstr("packed with xz"));
    EXPECT_THAT(answer("a.zst", "\x28\xb5\x2f\xfd", "raw"), HasSubstr("packed with zstd"));
    EXPECT_THAT(answer("a.vmdk", "PK\x03\x04"), HasSubstr("packed with zip"));
    EXPECT_THAT(answer("box.ova", std::string(257, 'x') + "ustar"), HasSubstr("an OVA is one"));
    EXPECT_THAT(answer("a.img", std::string(512, '\0') + "conectix" + std::string(504, '\0')),
                HasSubstr("format vpc"));
    qcow2[15] = '\x68';  // a backing file's name at 104
    qcow2[19] = '\x0b';
    qcow2.replace(0x68, 11, "/etc/shadow");
    EXPECT_THAT(answer("a.qcow2", qcow2), HasSubstr("backing file '/etc/shadow'"));
}

}  // namespace
}  // namespace patchlab::images
