// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/lab/console_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchlab::pipeline {
namespace {

using testing::HasSubstr;

/// Recorded: a kernel of Debian 12 whose first RAM disk was removed.
const std::string without_initrd =
    "[    2.685227] clocksource: Switched to clocksource tsc\r\n"
    "[    2.790000] /dev/root: Can't open blockdev\r\n"
    "[    2.790496] VFS: Cannot open root device \"UUID=81f09c9b\" or unknown-block(0,0): error "
    "-6\r\n"
    "[    2.790723] Please append a correct \"root=\" boot option; here are the available "
    "partitions:\r\n"
    "[    2.791087] Kernel panic - not syncing: VFS: Unable to mount root fs on "
    "unknown-block(0,0)\r\n"
    "[    2.791412] CPU: 0 PID: 1 Comm: swapper/0 Not tainted 6.1.0-50-cloud-amd64 #1\r\n"
    "[    2.800413] Call Trace:\r\n"
    "[    2.801814]  panic+0x118/0x2f4\r\n"
    "[    2.801906]  mount_block_root+0x14e/0x1e6\r\n"
    "[    2.803183] Kernel Offset: 0x31000000 from 0xffffffff81000000\r\n"
    "[    2.808237] ---[ end Kernel panic - not syncing: VFS: Unable to mount root fs on "
    "unknown-block(0,0) ]---\r\n";

/// Looks every two seconds; the console says its last word at second 10.
std::optional<double> known_after(const std::string& console, double until = 40,
                                  double usual = 20) {
    ConsoleWatch watch(usual);
    for (double now = 0; now <= until; now += 2)
        if (watch.look(now, now < 10 ? "Loading Linux ..." : console)) return now - 10;
    return std::nullopt;
}

TEST(ConsoleWatch, knows_a_kernel_that_panicked_within_ten_seconds) {
    const auto after = known_after(without_initrd);
    ASSERT_TRUE(after);
    EXPECT_LE(*after, 10);
}

TEST(ConsoleWatch, names_what_the_kernel_panicked_of_and_not_its_end_mark) {
    const auto found = standstill_of(without_initrd);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->kind, Standstill::Kind::panic);
    EXPECT_EQ(found->what,
              "its kernel panicked: 'Kernel panic - not syncing: VFS: Unable to mount root fs on "
              "unknown-block(0,0)'");
}

TEST(ConsoleWatch, names_what_the_boot_loader_had_complained_of) {
    const auto found = standstill_of(
        "error: file `/boot/initrd.img-6.1.0-50' not found.\r\n\r\nPress any key to "
        "continue...\r\n" +
        without_initrd);
    ASSERT_TRUE(found);
    EXPECT_THAT(found->what, HasSubstr("before that: error: file `/boot/initrd.img-6.1.0-50' not"));
}

TEST(ConsoleWatch, knows_prompts_at_which_nobody_types_within_ten_seconds) {
    for (const char* console :
         {"error: unknown filesystem.\r\nEntering rescue mode...\r\ngrub rescue> ",
          "GNU GRUB  version 2.06\r\n\r\ngrub> ",
          "Gave up waiting for root file system device.\r\nALERT!  UUID=1 does not exist.  "
          "Dropping "
          "to a shell!\r\n\r\nBusyBox v1.35.0 built-in shell (ash)\r\n\r\n(initramfs) ",
          "(initramfs) \x1b[6n",
          "Entering emergency mode. Exit the shell to continue.\r\ndracut:/# ",
          "You are in emergency mode. After logging in, type \"journalctl -xb\"\r\n\r\nPress Enter "
          "to continue.\r\n",
          "Give root password for maintenance\r\n(or press Control-D to continue): ",
          "[!!!!!!] Failed to mount API filesystems.\r\nsystemd[1]: Freezing execution.\r\n"}) {
        const auto after = known_after(console);
        ASSERT_TRUE(after) << console;
        EXPECT_LE(*after, 10) << console;
    }
}

TEST(ConsoleWatch, waits_for_a_console_that_goes_on) {
    ConsoleWatch watch;
    for (int now = 0; now < 100; now += 2)
        EXPECT_FALSE(watch.look(now, "You are in emergency mode" + std::to_string(now)));
    EXPECT_FALSE(known_after("Welcome to Debian\n"));
    EXPECT_FALSE(known_after("You are in emergency mode" + std::string(1000, '.')))
        << "that was long ago";
    EXPECT_FALSE(known_after("(initramfs) \r\nBegin: Mounting root file system ..."))
        << "it goes on";
}

TEST(ConsoleWatch, waits_for_a_kernel_that_reboots_itself_until_it_panics_again) {
    const std::string once = without_initrd + "[    2.9] Rebooting in 5 seconds..\r\n";
    EXPECT_FALSE(known_after(once));
    EXPECT_TRUE(known_after(once + once));
}

TEST(ConsoleWatch, gives_a_loader_that_goes_on_by_itself_the_time_of_a_silent_boot) {
    const std::string harmless =
        "error: no suitable video mode found.\r\n\r\nPress any key to continue...\r\n";
    EXPECT_FALSE(known_after(harmless, 80, 20));
    EXPECT_TRUE(known_after(harmless, 120, 20));
}

TEST(ConsoleWatch, makes_what_a_guest_says_fit_for_a_line) {
    const auto found =
        standstill_of("Kernel panic - not syncing: \x07\xff" + std::string(900, 'x'));
    ASSERT_TRUE(found);
    EXPECT_LT(found->what.size(), 260U);
    EXPECT_EQ(found->what.find('\x07'), std::string::npos);
}

}  // namespace
}  // namespace patchlab::pipeline
