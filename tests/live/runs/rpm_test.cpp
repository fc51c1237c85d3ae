// SPDX-License-Identifier: Apache-2.0
//
// A guest with rpm and dnf, from its build to a verdict: as `./quickstart --family rpm`.
#include <gmock/gmock.h>

#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "tests/live/images/live_state.hpp"
#include "tests/live/images/rpm_lab.hpp"

namespace patchlab::live {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LiveRpm : public LiveState {};

using LiveRpmPreparation = LiveRpm;

TEST_F(LiveRpmPreparation, the_lab_is_prepared) { EXPECT_NO_THROW(have_rpm_lab(state_)); }

TEST_F(LiveRpm, an_image_with_rpm_in_charge_boots_and_knows_what_is_pending) {
    have_rpm_image(state_);
    const Json image = asked({"image", "show", rpm_image, "--packages", "--json"});
    EXPECT_EQ(image["os"]["package_format"], "rpm");
    EXPECT_EQ(image["os"]["distro"], "synthetic-el");
    EXPECT_THAT(image["warnings"], IsEmpty()) << "no unit failed, and dnf complains of nothing";
    const fs::path pool = state_ / "images" / (image["digest"].get<std::string>() + ".rpms");
    EXPECT_THAT(image["sources"].get<std::string>(), HasSubstr("file://" + pool.string()));
    EXPECT_TRUE(fs::exists(pool / "updates/repodata/repomd.xml"));
    EXPECT_THAT(image["sources"].get<std::string>(), HasSubstr("\ngpgcheck=1\n"));
}

TEST_F(LiveRpm, a_pending_update_is_rehearsed_and_leaves_nothing_unexplained) {
    have_rpm_lab(state_);
    const Json pending =
        asked({"patch", "fetch", "--lab", rpm_lab, "--source", "nginx", "--json"}, Seconds(300));
    ASSERT_FALSE(pending["patches"].empty());
    const std::string id = pending["patches"][0]["id"];
    EXPECT_TRUE(pending["patches"][0]["verified"]) << "each package is signed";
    const auto run = patchlab(state_, {"run", "start", "--lab", rpm_lab, "--patch", id, "--json"},
                              Seconds(1500));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    const Json document = parse_json(run.out, "run start");
    EXPECT_EQ(document["verdict"], "validated") << document["reasons"].dump(1);
}

}  // namespace
}  // namespace patchlab::live
