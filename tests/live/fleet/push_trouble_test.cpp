// SPDX-License-Identifier: Apache-2.0
//
// What must not happen, on real hosts: hosts that are off, packages that are not what was ordered, changes beyond the order.
#include "tests/live/fleet/fleet_fixture.hpp"

namespace patchlab::rollout {
namespace {

using ::testing::HasSubstr;

class PushTrouble : public Fleet {
  protected:
    Order order_ = [] {
        Order order;
        order.step = Step::install;
        order.packages = {"tool"};
        return order;
    }();
};

TEST_F(PushTrouble, a_host_that_is_off_is_unreachable_and_the_others_are_served) {
    power("off", "web-6");
    order_.hosts = {{"web-5", {build("tool", "1.0")}, {}, false}, {"web-6", {build("tool", "1.0")}, {}, false}, {"nobody", {build("tool", "1.0")}, {}, false}};
    const Answers answers = carry_out(order_);
    EXPECT_EQ(answers.at("web-5").answer, Answer::done) << answers.at("web-5").detail;
    EXPECT_EQ(answers.at("web-6").answer, Answer::unreachable) << answers.at("web-6").detail;
    EXPECT_FALSE(answers.at("web-6").installed) << "what was not observed";
    EXPECT_EQ(answers.at("nobody").answer, Answer::unreachable);
    power("on", "web-6");
    const Observation later = carry_out_on("web-6", order_, order_.hosts[1]);
    EXPECT_EQ(later.answer, Answer::done) << later.detail;
}

TEST_F(PushTrouble, packages_that_are_not_what_was_ordered_are_refused_and_nothing_is_done) {
    catalog::ExactPackage forged = build("tool", "2.0");
    const std::string log = on("web-4", "cat /var/log/dpkg.log 2>/dev/null || true");
    catalog::ExactPackage other_bytes = forged;
    other_bytes.sha256 = std::string(64, '0');
    catalog::ExactPackage other_version = forged;
    other_version.version = "3.0";
    // two orders that differ by more than the name of the host, at once on two hosts
    order_.hosts = {{"web-4", {other_bytes}, {}, false}, {"web-5", {other_version}, {}, false}};
    const Answers answers = carry_out(order_);
    EXPECT_EQ(answers.at("web-4").answer, Answer::failed);
    EXPECT_THAT(answers.at("web-4").detail, HasSubstr("sha256"));
    EXPECT_EQ(answers.at("web-5").answer, Answer::failed);
    EXPECT_THAT(answers.at("web-5").detail, HasSubstr("is not tool 3.0"));
    EXPECT_EQ(on("web-4", "cat /var/log/dpkg.log 2>/dev/null || true"), log);
}

TEST_F(PushTrouble, what_apt_would_change_beyond_the_order_is_refused_and_nothing_is_done) {
    order_.hosts = {{"web-4", {build("tool", "4.0", "Conflicts: nginx\n")}, {}, false}, {"web-5", {build("tool", "5.0", "Depends: not-to-be-had\n")}, {}, false}};
    const Answers answers = carry_out(order_);
    EXPECT_EQ(answers.at("web-4").answer, Answer::failed);
    EXPECT_THAT(answers.at("web-4").detail, HasSubstr("apt would also remove nginx"));
    EXPECT_EQ(answers.at("web-4").installed->at("tool"), "");
    EXPECT_EQ(answers.at("web-5").answer, Answer::failed);
    EXPECT_THAT(answers.at("web-5").detail, HasSubstr("apt cannot do it"));
    EXPECT_EQ(on("web-4", "systemctl is-active nginx"), "active");
}

TEST_F(PushTrouble, a_package_whose_script_fails_is_told_with_its_state_and_can_be_taken_back) {
    order_.hosts = {{"web-4", {build("tool", "6.0", "", {{"postinst", "echo the disk is odd >&2; exit 7"}})}, {}, false}};
    const Observation failed = carry_out(order_).at("web-4");
    EXPECT_EQ(failed.answer, Answer::failed);
    EXPECT_THAT(failed.detail, HasSubstr("apt-get failed"));
    EXPECT_EQ(failed.installed->at("tool"), "6.0 (half-configured)");
    order_.step = Step::back_out;
    const Observation back = carry_out_on("web-4", order_, {"", {}, {"tool"}, false});
    EXPECT_EQ(back.answer, Answer::done) << back.detail;
    EXPECT_EQ(on("web-4", "dpkg --audit"), "");
}

}  // namespace
}  // namespace patchlab::rollout
