// SPDX-License-Identifier: Apache-2.0
//
// What goes well: looking at all hosts, a real update of the vendor and the way back, a reboot.
#include "tests/live/fleet/fleet_fixture.hpp"
#include "testsuites/loader.hpp"

namespace patchlab::rollout {
namespace {

using ::testing::SizeIs;

class Push : public Fleet {
  protected:
    static std::vector<std::string> names_of(const std::vector<catalog::ExactPackage>& packages) {
        std::vector<std::string> names;
        for (const auto& package : packages) names.push_back(package.name);
        return names;
    }
    static void expect_versions(const Observation& seen,
                                const std::vector<catalog::ExactPackage>& packages) {
        ASSERT_TRUE(seen.installed);
        for (const auto& package : packages)
            EXPECT_EQ(seen.installed->at(package.name), package.version);
    }
};

TEST_F(Push, six_hosts_are_looked_at_and_every_check_of_the_lab_passes_on_them) {
    Order order;
    for (int i = 1; i <= 6; ++i) order.hosts.push_back({"web-" + std::to_string(i), {}, {}, false});
    order.packages = {"nginx", "nginx-common", "no-such-package"};
    order.suites = {testsuites::builtin_suite("base"), testsuites::builtin_suite("nginx")};
    const Answers answers = carry_out(order);
    std::set<std::string> boots;
    for (const auto& [host, seen] : answers) {
        ASSERT_EQ(seen.answer, Answer::done) << host << ": " << seen.detail;
        EXPECT_NE(seen.installed->at("nginx"), "");
        EXPECT_EQ(seen.installed->at("no-such-package"), "");
        EXPECT_FALSE(seen.reboot_required);
        boots.insert(seen.boot_id);
        EXPECT_THAT(seen.checks,
                    SizeIs(order.suites[0].checks.size() + order.suites[1].checks.size()));
        for (const auto& check : seen.checks)
            EXPECT_EQ(check.outcome, testsuites::Outcome::pass)
                << host << ": " << check.suite << "/" << check.name << ": " << check.detail
                << ::testing::PrintToString(check.lines);
    }
    EXPECT_EQ(boots.size(), 6U);
    EXPECT_EQ(on("web-1", "ls /var/lib/patchlab-host 2>/dev/null || true"), "")
        << "looking leaves nothing";
}

TEST_F(Push, a_play_of_facts_reaches_six_hosts_and_each_tells_its_own) {
    inventory::AnsiblePlay play;
    play.purpose = "asking six hosts for facts";
    for (int i = 1; i <= 6; ++i) play.hosts.push_back(connection("web-" + std::to_string(i)));
    play.tasks =
        "- ansible.builtin.setup: {gather_subset: [min]}\n  register: patchlab_result_facts\n";
    int heard = 0;
    inventory::run_play(
        runner(), play, [&](const std::string& host, const inventory::AnsibleResult& result) {
            ASSERT_EQ(result.end, inventory::AnsibleEnd::ok) << result.detail;
            EXPECT_EQ(result.result["facts"]["ansible_facts"]["ansible_hostname"], host);
            ++heard;
        });
    EXPECT_EQ(heard, 6);
}

TEST_F(Push, a_real_update_is_installed_once_by_exact_version_and_taken_back_exactly) {
    if (!fs::exists(vendor_folder() / "packages.json"))
        GTEST_SKIP() << "the vendor has nothing pending for nginx";
    const auto fresh = vendor("new"), old = vendor("old");
    on("web-1", "apt-mark auto nginx-common; apt-mark hold nginx");
    Order order;
    order.step = Step::install;
    order.hosts = {{"web-1", fresh, {}, false}, {"web-2", fresh, {}, false}};
    order.packages = names_of(fresh);
    order.suites = {testsuites::builtin_suite("nginx")};
    for (const auto& [host, seen] : carry_out(order)) {
        ASSERT_EQ(seen.answer, Answer::done) << host << ": " << seen.detail;
        expect_versions(seen, fresh);
        for (const auto& check : seen.checks)
            EXPECT_EQ(check.outcome, testsuites::Outcome::pass)
                << check.name << ": " << check.detail;
        EXPECT_EQ(on(host, "readlink /proc/$(cat /run/nginx.pid)/exe"), "/usr/sbin/nginx")
            << "an old program still runs";
    }
    EXPECT_EQ(on("web-1", "apt-mark showauto nginx-common; apt-mark showhold nginx"),
              "nginx-common\nnginx")
        << "what the owner had marked";

    const std::string log = on("web-1", "cat /var/log/dpkg.log");
    for (const auto& [host, seen] : carry_out(order))
        EXPECT_EQ(seen.answer, Answer::done) << host << ": " << seen.detail;
    EXPECT_EQ(on("web-1", "cat /var/log/dpkg.log"), log)
        << "the same order again changed something";

    order.step = Step::back_out;
    order.hosts = {{"web-1", old, {}, false}};
    const Observation back = carry_out(order).at("web-1");
    ASSERT_EQ(back.answer, Answer::done) << back.detail;
    expect_versions(back, old);
    EXPECT_EQ(unpacked("web-1", "nginx"), "2") << "there and back";
    EXPECT_EQ(on("web-1",
                 "dpkg --audit; ls /var/lib/patchlab-host | grep -vE "
                 "'^(history|lock|[0-9a-f]{20}.boot)$' || true"),
              "");
    on("web-1", "apt-mark unhold nginx");
}

TEST_F(Push, a_new_package_comes_with_a_reboot_proven_by_another_boot_id_and_not_twice) {
    Order order;
    order.step = Step::install;
    order.packages = {"shiny"};
    const HostOrder what{"", {build("shiny", "1.0")}, {}, true};
    const std::string before = on("web-3", "cat /proc/sys/kernel/random/boot_id");
    const Observation first = carry_out_on("web-3", order, what);
    ASSERT_EQ(first.answer, Answer::done) << first.detail;
    EXPECT_NE(first.boot_id, before);
    const Observation again = carry_out_on("web-3", order, what);
    ASSERT_EQ(again.answer, Answer::done) << again.detail;
    EXPECT_EQ(again.boot_id, first.boot_id) << "rebooted again for the same order";

    order.step = Step::back_out;
    const Observation back = carry_out_on("web-3", order, {"", {}, {"shiny"}, false});
    ASSERT_EQ(back.answer, Answer::done) << back.detail;
    EXPECT_EQ(back.installed->at("shiny"), "");
}

}  // namespace
}  // namespace patchlab::rollout
