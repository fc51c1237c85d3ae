// SPDX-License-Identifier: Apache-2.0
//
// What must not happen, on real hosts: hosts that are off, packages that are not what was ordered,
// changes beyond the order.
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
    const catalog::ExactPackage tool =
        build("tool", "1.0");  // once: a package built in another second has another sum
    order_.hosts = {
        {"web-5", {tool}, {}, false}, {"web-6", {tool}, {}, false}, {"nobody", {tool}, {}, false}};
    const Answers answers = carry_out(order_);
    EXPECT_EQ(answers.at("web-5").answer, Answer::done) << answers.at("web-5").detail;
    EXPECT_EQ(answers.at("web-6").answer, Answer::unreachable) << answers.at("web-6").detail;
    EXPECT_FALSE(answers.at("web-6").installed) << "what was not observed";
    EXPECT_EQ(answers.at("nobody").answer, Answer::unreachable);
    power("on", "web-6");
    const Observation later = carry_out_on("web-6", order_, order_.hosts[1]);
    EXPECT_EQ(later.answer, Answer::done) << later.detail;
}

TEST_F(
    PushTrouble,
    packages_that_are_not_what_was_ordered_and_changes_beyond_the_order_are_refused_and_nothing_is_done) {
    const catalog::ExactPackage right = build("tool", "2.0");
    catalog::ExactPackage other_bytes = right;
    other_bytes.sha256 = std::string(64, '0');
    catalog::ExactPackage other_version = right;
    other_version.version = "3.0";
    const std::map<std::string, std::pair<catalog::ExactPackage, std::string>> wrong{
        {"web-1", {other_bytes, "has not the sha256"}},
        {"web-2", {other_version, "is not tool 3.0"}},
        {"web-3", {build("tool", "4.0", "Conflicts: nginx\n"), "apt would also remove nginx"}},
        {"web-4", {build("tool", "5.0", "Depends: not-to-be-had\n"), "apt cannot do it"}}};
    std::map<std::string, std::string> logs;
    for (const auto& [host, what] : wrong) {
        order_.hosts.push_back({host, {what.first}, {}, false});
        logs[host] = on(host, "cat /var/log/dpkg.log 2>/dev/null || true");
    }
    for (const auto& [host, seen] : carry_out(order_)) {
        EXPECT_EQ(seen.answer, Answer::failed) << host;
        EXPECT_THAT(seen.detail, HasSubstr(wrong.at(host).second)) << host;
        ASSERT_TRUE(seen.installed) << host;
        EXPECT_EQ(seen.installed->at("tool"), "") << host;
        EXPECT_EQ(on(host, "cat /var/log/dpkg.log 2>/dev/null || true; systemctl is-active nginx"),
                  logs[host] + (logs[host].empty() ? "" : "\n") + "active")
            << host;
    }
}

TEST_F(PushTrouble, a_package_whose_script_fails_is_told_with_its_state_and_can_be_taken_back) {
    order_.hosts = {{"web-4",
                     {build("tool", "6.0", "", {{"postinst", "echo the disk is odd >&2; exit 7"}})},
                     {},
                     false}};
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
