// SPDX-License-Identifier: Apache-2.0
//
// Builds the image of the live tests through the command line, as quickstart does. What makes it
// more than a file is proven by the build itself: it booted from its own disk, its agent answered,
// it shut down cleanly.
#include <gmock/gmock.h>

#include <algorithm>

#include "platform/core/digest.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "tests/live/images/live_state.hpp"

namespace patchlab::live {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto image_name = "debian-12-web";

class LiveImageBuild : public LiveState {
  protected:
    process::CommandResult build() {
        std::vector<std::string> words{"image", "build", image_name, "--suite", "bookworm"};
        for (const char* package :
             {"nginx", "openssh-server", "openssl", "postgresql", "redis-server"})
            words.insert(words.end(), {"--package", package});
        return patchlab(state_, words, Seconds(1700));
    }
    Json show() {
        const auto result = patchlab(state_, {"image", "show", image_name, "--packages", "--json"});
        EXPECT_TRUE(result.ok()) << result.err;
        return parse_json(result.out, "image show");
    }
};

TEST_F(LiveImageBuild, an_image_behind_its_patches_boots_from_its_own_disk_with_an_agent) {
    if (!patchlab(state_, {"image", "show", image_name}).ok()) {
        const auto built = build();
        ASSERT_TRUE(built.ok()) << built.err;
    }
    const Json image = show();
    EXPECT_EQ(image["schema"], "patchlab/image/v1");
    EXPECT_THAT(image["kernel"].get<std::string>(), HasSubstr("6.1."))
        << "uname -r of the first boot";
    EXPECT_TRUE(image["os"]["guest_agent"].get<bool>());
    EXPECT_EQ(image["os"]["codename"], "bookworm");
    EXPECT_THAT(image["warnings"], IsEmpty());

    std::vector<std::string> packages;
    for (const auto& package : image["packages"]) packages.push_back(package["name"]);
    for (const char* wanted :
         {"nginx", "openssh-server", "postgresql", "redis-server", "grub-pc", "qemu-guest-agent"})
        EXPECT_THAT(packages, Contains(wanted));

    const fs::path file = image["file"].get<std::string>();
    EXPECT_EQ(fs::status(file).permissions(), static_cast<fs::perms>(0440));
    EXPECT_EQ(sha256_file(file), image["digest"].get<std::string>());
    const fs::path pool = file.parent_path() / (image["digest"].get<std::string>() + ".debs");
    EXPECT_GE(std::distance(fs::directory_iterator(pool), fs::directory_iterator()), 100)
        << "the packages for the way back";
}

TEST_F(LiveImageBuild, a_taken_name_is_refused_before_any_work_and_nothing_is_left) {
    const Stopwatch watch;
    const auto again = build();
    EXPECT_EQ(again.exit_code, 2) << again.err;
    EXPECT_THAT(again.err, HasSubstr("debian-12-web"));
    EXPECT_LT(watch.seconds(), 20);
    for (const auto& entry : fs::directory_iterator(state_ / "tmp"))
        EXPECT_FALSE(entry.path().filename().string().starts_with("image-"));
}

}  // namespace
}  // namespace patchlab::live
