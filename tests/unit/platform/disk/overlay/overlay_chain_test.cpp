// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/disk/image/qemu_img.hpp"
#include "platform/disk/overlay/block_difference.hpp"

namespace patchlab::disk {
namespace {

class OverlayChain : public ::testing::Test {
  protected:
    OverlayChain() {
        process::CommandSpec create;
        create.program = "qemu-img";
        create.args = {"create", "-q", "-f", "qcow2", base_.string(), "1M"};
        create.purpose = "making a base";
        commands_.require(create);
        ImageTool(commands_).create_overlay(base_, "qcow2", overlay_);
    }
    /// Sets a bit of the incompatible features in the overlay's header.
    void set_feature(unsigned bit) {
        std::fstream file(overlay_, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(79 - bit / 8);
        const char byte = static_cast<char>(1U << bit % 8);
        file.write(&byte, 1);
    }
    std::string refusal() {
        try {
            chain_between(overlay_, base_);
        } catch (const Error& error) {
            return error.message();
        }
        return {};
    }

    process::SystemCommandRunner commands_;
    TempFolder folder_{fs::temp_directory_path(), "chain"};
    const fs::path base_ = folder_.path() / "base.qcow2";
    const fs::path overlay_ = folder_.path() / "overlay.qcow2";
};

TEST_F(OverlayChain, leads_from_an_overlay_to_its_base) {
    EXPECT_EQ(chain_between(overlay_, base_).size(), 2U);
}

TEST_F(OverlayChain, opens_no_external_data_file_that_a_guest_wrote_into_the_header) {
    set_feature(2);
    EXPECT_THAT(refusal(), ::testing::HasSubstr("names an external data file"));
}

TEST_F(OverlayChain, uses_no_feature_that_is_not_known) {
    set_feature(9);
    EXPECT_THAT(refusal(), ::testing::HasSubstr("not known"));
}

}  // namespace
}  // namespace patchlab::disk
