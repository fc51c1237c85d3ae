// SPDX-License-Identifier: Apache-2.0
//
// Imports through the command line, with a real libguestfs appliance. The disks hold just enough of
// a Debian system to be one.
#include <gmock/gmock.h>
#include <unistd.h>

#include "platform/core/digest.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "tests/live/images/patchlab_program.hpp"

namespace patchlab::live {
namespace {

using ::testing::HasSubstr;

class LiveImageImport : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root";
        folder_ = std::make_unique<TempFolder>(fs::temp_directory_path(), "live-import");
        const fs::path root = at("root");
        for (const char* sub :
             {"etc", "bin", "boot", "usr/bin", "usr/sbin", "var/lib/dpkg", "root", "home", "tmp"})
            make_folder(root / sub);
        write_file_atomic(root / "etc/os-release",
                          "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12 "
                          "(bookworm)\"\nVERSION_CODENAME=bookworm\n");
        write_file_atomic(root / "etc/debian_version", "12.5\n");
        write_file_atomic(root / "etc/hostname", "shop-1\n");
        write_file_atomic(root / "etc/fstab", "/dev/vda / ext4 defaults 0 1\n");
        write_file_atomic(root / "var/lib/dpkg/status",
                          "Package: nginx\nStatus: install ok installed\nArchitecture: "
                          "amd64\nVersion: 1.22.1-9\n\n"
                          "Package: redis\nStatus: install ok installed\nArchitecture: "
                          "amd64\nVersion: 5:7.0.15-1\n");
        fs::copy_file("/bin/ls", root / "bin/ls");  // tells the architecture
        raw_ = disk("shop.raw", root);
    }
    static void TearDownTestSuite() { folder_.reset(); }

    static fs::path at(const std::string& name) { return folder_->path() / name; }
    static fs::path disk(const std::string& name, const fs::path& root) {
        host("truncate", {"-s", "64M", at(name).string()});
        host("mke2fs", {"-q", "-F", "-t", "ext4", "-d", root.string(), at(name).string()});
        return at(name);
    }
    static fs::path converted(const std::string& format) {
        const fs::path file = at("shop." + format);
        if (!fs::exists(file))
            host("qemu-img", {"convert", "-f", "raw", "-O", format, raw_.string(), file.string()});
        return file;
    }
    /// Imports and expects the refusal to leave no image behind.
    static std::string refusal(const fs::path& file, int exit_code) {
        const auto result = patchlab(at("state"), {"image", "import", "bad", file.string()});
        EXPECT_EQ(result.exit_code, exit_code) << result.err;
        EXPECT_NE(patchlab(at("state"), {"image", "show", "bad"}).exit_code, 0);
        return result.err;
    }

    static inline std::unique_ptr<TempFolder> folder_;
    static inline fs::path raw_;
};

TEST_F(LiveImageImport, takes_every_format_and_alters_no_source) {
    for (const char* format : {"raw", "qcow2", "vmdk", "vhdx"}) {
        const fs::path source = converted(format);
        const std::string before = sha256_file(source);
        const auto time = fs::last_write_time(source);
        const auto result =
            patchlab(at("state"),
                     {"image", "import", std::string("shop-") + format, source.string(), "--json"},
                     Seconds(900));
        ASSERT_TRUE(result.ok()) << format << ": " << result.err;
        const Json image = parse_json(result.out, "image import");
        EXPECT_EQ(image["os"]["distro"], "debian");
        EXPECT_EQ(image["os"]["version"], "12");
        EXPECT_EQ(image["os"]["codename"], "bookworm");
        EXPECT_EQ(image["os"]["architecture"], "x86_64");
        EXPECT_EQ(image["os"]["hostname"], "shop-1");
        EXPECT_EQ(image["os"]["boot_mode"], "bios");
        EXPECT_EQ(image["os"]["filesystems"][0]["type"], "ext4");
        EXPECT_EQ(image["package_count"], 2);
        EXPECT_FALSE(image["os"]["guest_agent"].get<bool>());
        EXPECT_THAT(result.err, HasSubstr("no guest agent"));
        EXPECT_EQ(sha256_file(source), before) << format;
        EXPECT_EQ(fs::last_write_time(source), time) << format;
    }
}

TEST_F(LiveImageImport, a_disk_without_a_system_is_refused_with_the_reason) {
    make_folder(at("nothing"));
    EXPECT_THAT(refusal(disk("data.raw", at("nothing")), 2), HasSubstr("no operating system"));
}

TEST_F(LiveImageImport, a_damaged_disk_is_refused) {
    auto bytes = read_file(converted("qcow2"), 1ULL << 30);
    for (std::size_t i = 65536; i < 3 * 65536; ++i) bytes[i] = '\xff';
    write_file_atomic(at("broken.qcow2"), bytes);
    EXPECT_THAT(refusal(at("broken.qcow2"), 2), HasSubstr("damaged"));
}

TEST_F(LiveImageImport, a_disk_that_would_read_other_files_of_the_host_is_refused) {
    host("qemu-img", {"create", "-q", "-f", "qcow2", "-u", "-b", "/etc/shadow", "-F", "raw",
                      at("evil.qcow2").string(), "1M"});
    EXPECT_THAT(refusal(at("evil.qcow2"), 2), HasSubstr("/etc/shadow"));
}

}  // namespace
}  // namespace patchlab::live
