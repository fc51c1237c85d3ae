// SPDX-License-Identifier: Apache-2.0
//
// A guest that starts by UEFI: what its firmware starts is seen, and an update that breaks it is
// rejected (as BootHole's fix was, which broke only machines of this kind).
#include <gmock/gmock.h>

#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "tests/live/images/live_state.hpp"

namespace patchlab::live {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto uefi_image = "debian-12-uefi";
constexpr auto uefi_lab = "live-uefi";
constexpr auto uefi_definition =
    "schema: patchlab/lab/v1\n"
    "name: live-uefi\n"
    "machines:\n"
    "  web: { image: debian-12-uefi, vcpus: 2, memory: 768M, suites: [base, nginx, openssh] }\n";

class LiveUefi : public LiveState {
  protected:
    /// A package whose script runs these lines, as a patch; its id.
    std::string patch_with(const std::string& name, const std::string& lines) {
        const fs::path root = folder_.path() / name;
        make_folder(root / "DEBIAN");
        write_file_atomic(root / "DEBIAN/control",
                          "Package: " + name +
                              "\nVersion: 1.0\nArchitecture: amd64\nMaintainer: Acme "
                              "<support@example.org>\nDescription: a package of a test\n");
        write_file_atomic(root / "DEBIAN/postinst", "#!/bin/sh\nset -e\n" + lines, 0755);
        const fs::path deb = folder_.path() / (name + ".deb");
        host("dpkg-deb", {"--root-owner-group", "--build", root.string(), deb.string()});
        patchlab(state_, {"patch", "remove", name + "_1.0"});  // of an interrupted test
        return asked({"patch", "add", "--json", deb.string()})["patches"][0]["id"];
    }
    Json rehearsed(const std::string& patch) {
        const auto run = patchlab(
            state_, {"run", "start", "--json", "--no-drill", "--lab", uefi_lab, "--patch", patch},
            Seconds(1500));
        EXPECT_NE(run.out, "") << run.err;
        return run.out.empty() ? Json::object() : parse_json(run.out, "run start");
    }

    const TempFolder folder_{fs::temp_directory_path(), "uefi"};
};

TEST_F(LiveUefi, an_image_boots_by_its_firmware_and_a_lab_of_it_is_prepared) {
    if (!patchlab(state_, {"image", "show", uefi_image}).ok()) {
        const auto built = patchlab(
            state_,
            {"image", "build", uefi_image, "--boot", "uefi", "--suite", "bookworm", "--package",
             "nginx", "--package", "openssh-server", "--package", "openssh-client"},
            Seconds(1700));
        ASSERT_TRUE(built.ok()) << built.err;
    }
    const Json image = asked({"image", "show", uefi_image, "--json"});
    EXPECT_EQ(image["os"]["boot_mode"], "uefi");
    EXPECT_THAT(image["warnings"], IsEmpty());
    const fs::path file = folder_.path() / "lab.yaml";
    write_file_atomic(file, uefi_definition);
    ASSERT_TRUE(patchlab(state_, {"lab", "add", file.string()}).ok());
    const auto prepared = patchlab(state_, {"lab", "prepare", uefi_lab}, Seconds(1100));
    ASSERT_TRUE(prepared.ok()) << prepared.err;
}

TEST_F(LiveUefi, a_package_that_leaves_the_firmware_alone_is_validated) {
    const Json run = rehearsed(patch_with("acme-plain", "true\n"));
    EXPECT_EQ(run["verdict"], "validated") << run["reasons"].dump(1);
}

TEST_F(LiveUefi, an_update_that_breaks_the_loader_is_rejected) {
    const Json run = rehearsed(
        patch_with("acme-loader",
                   "for loader in /boot/efi/EFI/*/*; do head -c 4096 \"$loader\" >/run/loader; cp "
                   "/run/loader \"$loader\"; done\nsync\n"));
    EXPECT_EQ(run["verdict"], "rejected");
    std::vector<std::string> kinds, texts;
    for (const Json& reason : run["reasons"]) {
        kinds.push_back(reason["kind"]);
        texts.push_back(reason["subject"].get<std::string>() + reason["detail"].get<std::string>());
    }
    EXPECT_THAT(kinds, Contains("did-not-boot"));
    EXPECT_THAT(texts, Contains(HasSubstr("/boot/efi/EFI/BOOT/BOOTX64.EFI")))
        << "what was broken is named";
}

}  // namespace
}  // namespace patchlab::live
