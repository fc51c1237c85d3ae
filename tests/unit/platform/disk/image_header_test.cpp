// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/image/image_header.hpp"

#include <gmock/gmock.h>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/process/command.hpp"

namespace patchlab::disk {
namespace {

using ::testing::HasSubstr;

class ImageHeaderTest : public ::testing::Test {
  protected:
    fs::path make(const char* name, std::vector<std::string> options) {
        const fs::path file = folder_.path() / name;
        options.insert(options.begin(), {"create", "-q"});
        options.insert(options.end(), {file.string()});
        process::CommandSpec spec;
        spec.program = "qemu-img";
        spec.args = options;
        spec.args.emplace_back("1M");
        spec.purpose = "making a test image";
        commands_.require(spec);
        return file;
    }
    fs::path write(const char* name, const std::string& bytes) {
        write_file_atomic(folder_.path() / name, bytes);
        return folder_.path() / name;
    }
    TempFolder folder_{fs::temp_directory_path(), "image-header"};
    process::SystemCommandRunner commands_;
};

TEST_F(ImageHeaderTest, tells_formats_by_content_not_by_name) {
    for (const char* format : {"qcow2", "vmdk", "vhdx", "raw", "vdi", "qed"}) {
        const auto header = read_image_header(make("disk.bin", {"-f", format}));
        EXPECT_EQ(header.format, format);
        EXPECT_EQ(header.refers_to, "") << format;
        fs::remove(folder_.path() / "disk.bin");
    }
}

TEST_F(ImageHeaderTest, sees_a_backing_file_without_opening_it) {
    write("secret", "root:x:");
    const auto file = make("evil.qcow2", {"-f", "qcow2", "-u", "-b", "/etc/shadow", "-F", "raw"});
    EXPECT_EQ(read_image_header(file).refers_to, "backing file '/etc/shadow'");
}

TEST_F(ImageHeaderTest, sees_a_backing_file_whose_name_was_moved_out_of_reach) {
    auto bytes =
        read_file(make("evil.qcow2", {"-f", "qcow2", "-u", "-b", "/etc/shadow", "-F", "raw"}));
    bytes[8 + 3] = '\x7f';  // far beyond what is read
    EXPECT_THAT(read_image_header(write("moved.qcow2", bytes)).refers_to,
                HasSubstr("backing file"));
}

TEST_F(ImageHeaderTest, sees_an_external_data_file) {
    const auto file = make(
        "evil.qcow2", {"-f", "qcow2", "-o", "data_file=" + (folder_.path() / "data").string()});
    EXPECT_EQ(read_image_header(file).refers_to, "an external data file");
}

TEST_F(ImageHeaderTest, sees_extents_and_parents_of_vmdk) {
    const auto flat = make("flat.vmdk", {"-f", "vmdk", "-o", "subformat=monolithicFlat"});
    EXPECT_THAT(read_image_header(flat).refers_to, HasSubstr("extents"));

    make("parent.vmdk", {"-f", "vmdk"});
    const auto child =
        make("child.vmdk",
             {"-f", "vmdk", "-b", (folder_.path() / "parent.vmdk").string(), "-F", "vmdk"});
    EXPECT_EQ(read_image_header(child).refers_to, "a parent disk");

    auto bytes = read_file(make("sparse.vmdk", {"-f", "vmdk"}));
    bytes.replace(12, 8, 8, '\0');  // capacity 0 makes readers follow the embedded descriptor
    EXPECT_THAT(read_image_header(write("zero.vmdk", bytes)).refers_to, HasSubstr("extents"));
}

TEST_F(ImageHeaderTest, what_is_not_a_file_is_not_a_disk) {
    EXPECT_THROW(read_image_header(folder_.path()), Error);
    EXPECT_THROW(read_image_header("/dev/zero"), Error);
    EXPECT_THROW(read_image_header(folder_.path() / "none"), Error);
    EXPECT_EQ(read_image_header(write("empty", "")).format, "raw");
    EXPECT_EQ(read_image_header(write("short.qcow2", std::string("QFI\xfb\0\0\0\3", 8))).refers_to,
              "");
}

}  // namespace
}  // namespace patchlab::disk
