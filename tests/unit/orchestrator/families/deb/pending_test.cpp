// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/family.hpp"

#include <gtest/gtest.h>

#include "orchestrator/families/deb/apt_sources.hpp"
#include "platform/core/error.hpp"

namespace patchlab::families::deb {
namespace {

TEST(Pending, reads_only_what_is_really_installed) {
    const std::string status =
        "Package: dpkg\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.21\n\n"
        "Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1\n\n"
        "Package: kept\nStatus: hold ok installed\nArchitecture: all\nVersion: 2+b1\nSource: src "
        "(2)\n\n"
        "Package: half\nStatus: install ok half-installed\nArchitecture: amd64\nVersion: 1\n";
    const auto packages = read_status(status, "status");
    ASSERT_EQ(packages.size(), 2U);
    EXPECT_TRUE(packages[1].held);
    EXPECT_EQ(packages[1].source_version, "2");
    EXPECT_EQ(native_architecture(packages, "status"), "amd64");
}

TEST(Pending, refuses_a_status_that_names_something_strange) {
    EXPECT_THROW(read_status("", "status"), Error);
    EXPECT_THROW(
        read_status("Package: -o\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n",
                    "status"),
        Error);
    EXPECT_THROW(
        native_architecture(
            read_status(
                "Package: aa\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n",
                "status"),
            "status"),
        Error);
}

TEST(Pending, keeps_the_sources_that_can_serve_the_release) {
    const std::string sources =
        "Types: deb\nURIs: https://deb.example.org/debian\nSuites: bookworm trixie "
        "bookworm-updates\nComponents: main\nSigned-By:\n "
        "-----BEGIN\n .\n key\n\n"
        "Types: deb\nURIs: https://deb.example.org/other\nSuites: trixie-security\nComponents: "
        "main\n\n"
        "Types: deb\nURIs: https://deb.example.org/vendor\nSuites: nodistro\nComponents: main\n";
    const std::string kept = sources_for_release(sources, "bookworm");
    EXPECT_NE(kept.find("Suites: bookworm bookworm-updates\n"), std::string::npos);
    EXPECT_EQ(kept.find("trixie"), std::string::npos);
    EXPECT_NE(kept.find("nodistro"), std::string::npos);
    EXPECT_NE(kept.find(" -----BEGIN\n .\n key\n"), std::string::npos)
        << "an embedded key keeps its lines";
}

}  // namespace
}  // namespace patchlab::families::deb
