// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/image/qemu_img.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::disk {
namespace {

using ::testing::ElementsAre;

class ImageToolTest : public ::testing::Test {
  protected:
    fs::path raw(const char* name, const std::string& start) {
        const fs::path file = folder_.path() / name;
        write_file_atomic(file, start);
        fs::resize_file(file, 4U << 20);
        return file;
    }
    fs::path at(const char* name) const { return folder_.path() / name; }
    TempFolder folder_{fs::temp_directory_path(), "qemu-img"};
    process::SystemCommandRunner commands_;
    ImageTool tool_{commands_};
};

TEST_F(ImageToolTest, converts_and_describes_without_touching_the_source) {
    const auto source = raw("disk.raw", "hello");
    const auto before = fs::last_write_time(source);
    tool_.convert(source, at("disk.qcow2"), {"raw"});
    const auto info = tool_.info(at("disk.qcow2"), "qcow2");
    EXPECT_EQ(info.virtual_bytes, 4U << 20);
    EXPECT_FALSE(info.backing_file);
    EXPECT_EQ(tool_.check(at("disk.qcow2"), "qcow2").state, CheckState::clean);
    EXPECT_EQ(tool_.check(source, "raw").state, CheckState::unsupported);
    EXPECT_EQ(fs::last_write_time(source), before);
    EXPECT_THROW(tool_.convert(source, at("disk.qcow2"), {"raw"}), Error)
        << "an existing file is not written over";
}

TEST_F(ImageToolTest, a_chain_of_overlays_is_listed_from_the_top_down) {
    tool_.convert(raw("base.raw", ""), at("base.qcow2"), {"raw"});
    tool_.create_overlay(at("base.qcow2"), "qcow2", at("a.qcow2"));
    tool_.create_overlay(at("a.qcow2"), "qcow2", at("b.qcow2"), 8U << 20);
    EXPECT_THAT(tool_.backing_chain(at("b.qcow2"), "qcow2"),
                ElementsAre(at("b.qcow2"), at("a.qcow2"), at("base.qcow2")));
    EXPECT_EQ(tool_.info(at("b.qcow2"), "qcow2").virtual_bytes, 8U << 20);
    EXPECT_THROW(tool_.create_overlay(at("base.qcow2"), "qcow2", at("a.qcow2")), Error);
}

TEST_F(ImageToolTest, a_raw_disk_that_begins_like_qcow2_is_still_raw) {
    const auto header = read_file([&] {
        tool_.convert(raw("x.raw", ""), at("x.qcow2"), {"raw"});
        return at("x.qcow2");
    }());
    const auto disk = raw("evil.raw", header.substr(0, 4096));
    EXPECT_EQ(tool_.info(disk, "raw").format, "raw");
    EXPECT_EQ(tool_.info(disk, "raw").virtual_bytes, 4U << 20);
}

TEST_F(ImageToolTest, finds_damage) {
    tool_.convert(raw("disk.raw", std::string(1U << 20, 'x')), at("disk.qcow2"), {"raw"});
    auto bytes = read_file(at("disk.qcow2"));
    std::fill_n(bytes.begin() + 2 * 65536, 65536,
                '\0');  // reference counts: every cluster in use counts as free
    write_file_atomic(at("broken.qcow2"), bytes);
    EXPECT_EQ(tool_.check(at("broken.qcow2"), "qcow2").state, CheckState::corrupt);

    std::fill_n(bytes.begin() + 65536, 2 * 65536,
                '\xff');  // tables too: the check cannot even be done
    write_file_atomic(at("wrecked.qcow2"), bytes);
    EXPECT_THROW(tool_.check(at("wrecked.qcow2"), "qcow2"), Error);
}

TEST_F(ImageToolTest, what_cannot_be_read_is_refused_by_name) {
    EXPECT_THROW(tool_.info(at("none.qcow2"), "qcow2"), Error);
    const auto source = raw("disk.raw", "hello");
    EXPECT_THROW(tool_.info(source, "qcow2"), Error);
    EXPECT_THROW(tool_.convert(source, at("out.qcow2"), {"qcow2"}), Error);
    EXPECT_FALSE(fs::exists(at("out.qcow2")));
    EXPECT_THROW(tool_.check(source, "qcow2"), Error)
        << "a check that was not done is not a clean one";
}

TEST(ImageInfo, refuses_an_answer_that_is_not_one) {
    EXPECT_THROW(parse_image_info("{}", "x"), Error);
    EXPECT_THROW(parse_image_info(R"({"format":"qcow2","virtual-size":-1})", "x"), Error);
    const auto info = parse_image_info(
        R"({"format":"qcow2","virtual-size":1,"backing-filename":"/b","format-specific":{"type":"qcow2","data":{"data-file":"d","corrupt":true}}})",
        "x");
    EXPECT_EQ(info.backing_file, "/b");
    EXPECT_EQ(info.data_file, "d");
    EXPECT_TRUE(info.corrupt);
}

TEST(OverlayArguments, say_both_formats_and_take_absolute_names_alone) {
    EXPECT_THAT(create_overlay_arguments("/s/base.raw", "raw", "/s/./web.qcow2"),
                testing::ElementsAre("create", "-q", "-f", "qcow2", "-b", "/s/base.raw", "-F",
                                     "raw", "/s/web.qcow2"));
    EXPECT_THROW(create_overlay_arguments("nbd:host", "raw", "/s/web.qcow2"), Error);
    EXPECT_THROW(create_overlay_arguments("/s/base.raw", "raw", "web.qcow2"), Error);
}

}  // namespace
}  // namespace patchlab::disk
