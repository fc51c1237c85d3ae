// SPDX-License-Identifier: Apache-2.0
//
// The capture script against this very machine (Debian has perl-base everywhere), through a channel that runs it locally.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "platform/core/files.hpp"
#include "snapshots/capture.hpp"

namespace patchlab::snapshots {
namespace {

class LocalChannel final : public guest::GuestChannel {
  public:
    explicit LocalChannel(std::string spoil = {}) : spoil_(std::move(spoil)) {}
    void wait_until_ready(Seconds) override {}
    void freeze() override {}
    void thaw() override {}
    void set_time(TimePoint) override {}

    guest::GuestResult run(const guest::GuestCommand& command) override {
        const TempFolder folder(fs::temp_directory_path(), "capture");
        write_file_atomic(folder.path() / "script", command.input + spoil_);
        std::string line = "LC_ALL=C";
        for (const std::string& word : command.argv) line += " " + word;
        guest::GuestResult result;
        FILE* pipe = popen((line + " < " + (folder.path() / "script").string() + " 2>/dev/null").c_str(), "r");
        std::string buffer(1 << 16, '\0');
        for (std::size_t got = 0; (got = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) result.out.append(buffer, 0, got);
        result.exit_code = WEXITSTATUS(pclose(pipe));
        return result;
    }

  private:
    std::string spoil_;
};

TEST(CaptureScript, reads_this_machine) {
    LocalChannel channel;
    const Capture capture = capture_live(channel);
    EXPECT_FALSE(capture.kernel.empty());
    EXPECT_FALSE(capture.boot_id.empty());
    EXPECT_TRUE(capture.facts.at(ChangeClass::user).contains("root"));
    EXPECT_TRUE(capture.facts.at(ChangeClass::sysctl).contains("kernel.ostype"));
    EXPECT_FALSE(capture.facts.at(ChangeClass::mount).empty());
    EXPECT_TRUE(capture.facts.at(ChangeClass::network).contains("lo: interface"));
    for (const ChangeClass cls : live_classes()) EXPECT_TRUE(capture.facts.contains(cls) != capture.unreadable.contains(cls)) << name(cls);
}

TEST(CaptureScript, never_carries_a_password_hash_out_of_the_machine_as_it_is) {
    LocalChannel channel;
    const Capture capture = capture_live(channel);
    const auto users = capture.facts.find(ChangeClass::user);
    if (users == capture.facts.end()) GTEST_SKIP() << "needs root to read the accounts";
    for (const auto& [subject, value] : users->second) EXPECT_EQ(value.find('$'), std::string::npos) << subject;
}

TEST(CaptureScript, that_dies_leaves_every_class_unreadable_with_the_reason) {
    LocalChannel channel("\nthis is not perl at all {");
    const Capture capture = capture_live(channel);
    EXPECT_EQ(capture.unreadable.size(), live_classes().size());
    EXPECT_TRUE(capture.facts.empty());
    EXPECT_NE(capture.unreadable.at(ChangeClass::port).find("the capture script ended with"), std::string::npos);
}

}  // namespace
}  // namespace patchlab::snapshots
