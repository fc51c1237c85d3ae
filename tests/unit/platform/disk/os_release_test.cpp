// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/image/libguestfs_disk.hpp"

#include <gtest/gtest.h>

namespace patchlab::disk {
namespace {

TEST(OsRelease, names_the_system_and_leaves_alone_what_it_does_not_say) {
    OsInspection os;
    os.distro = "unknown";
    os.version = "12.5";
    apply_os_release(
        "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n# "
        "x\nVERSION_CODENAME='bookworm'\nVERSION_ID=\njunk\n",
        os);
    EXPECT_EQ(os.product, "Debian GNU/Linux 12 (bookworm)");
    EXPECT_EQ(os.distro, "debian");
    EXPECT_EQ(os.codename, "bookworm");
    EXPECT_EQ(os.version, "12.5");
}

TEST(OsRelease, what_a_guest_says_is_bounded_and_printable) {
    OsInspection os;
    apply_os_release("PRETTY_NAME=\"a\x1b[31m" + std::string(5000, 'x') + "\"\n", os);
    EXPECT_EQ(os.product.size(), 200U);
    EXPECT_EQ(os.product.substr(0, 6), "a?[31m");
}

}  // namespace
}  // namespace patchlab::disk
