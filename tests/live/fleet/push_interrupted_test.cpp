// SPDX-License-Identifier: Apache-2.0
//
// A controller that is killed, a connection that is lost, a host that loses its power, each in the
// middle of an installation: the same order given again ends well.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "tests/live/fleet/fleet_fixture.hpp"

namespace patchlab::rollout {
namespace {

class PushInterrupted : public Fleet {
  protected:
    /// Its installation stands in the middle until /run/patchlab-go is there.
    catalog::ExactPackage slow(const std::string& version) {
        return build("slow", version, "",
                     {{"postinst",
                       "for i in $(seq 600); do [ ! -e /run/patchlab-go ] || exit 0; sleep 0.1; "
                       "done; exit 1"}});
    }
    static void wait_until_in_the_middle(const std::string& host) {
        on(host,
           "for i in $(seq 300); do dpkg-query -W -f '${db:Status-Status}' slow 2>/dev/null | grep "
           "-q half-configured && exit 0; sleep "
           "0.1; done; exit 1");
    }
    /// A process of its own that carries the order out.
    pid_t controller(const Order& order) {
        const pid_t child = ::fork();
        if (child == 0) {
            deployer_.carry_out(order, [](const std::string&, const Observation&) {});
            ::_exit(0);
        }
        return child;
    }
    static void kill(pid_t child) {
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
};

TEST_F(PushInterrupted, a_killed_controller_is_repeated_and_the_host_is_patched_once) {
    Order order;
    order.step = Step::install;
    order.packages = {"slow"};
    order.hosts = {{"web-2", {slow("1.0")}, {}, false}};
    const pid_t child = controller(order);
    wait_until_in_the_middle("web-2");
    kill(child);
    EXPECT_EQ(on("web-2", "pgrep -cf 'host.sh job'"), "1")
        << "the installation goes on without its controller";
    on("web-2", "touch /run/patchlab-go");
    const Observation seen = carry_out(order).at("web-2");
    ASSERT_EQ(seen.answer, Answer::done) << seen.detail;
    EXPECT_EQ(seen.installed->at("slow"), "1.0");
    EXPECT_EQ(unpacked("web-2", "slow"), "1");
    EXPECT_EQ(on("web-2",
                 "grep -c ' begin .*slow=1.0' /var/lib/patchlab-host/history; grep -c ' end 0' "
                 "/var/lib/patchlab-host/history; dpkg --audit"),
              "1\n" + on("web-2", "grep -c ' begin ' /var/lib/patchlab-host/history"));
}

TEST_F(PushInterrupted,
       a_connection_lost_in_the_middle_is_unknown_and_the_same_order_takes_the_end) {
    Order order;
    order.step = Step::install;
    order.packages = {"slow"};
    order.hosts = {{"web-1", {slow("1.0")}, {}, false}};
    std::thread cutter([] {
        wait_until_in_the_middle("web-1");
        on("web-1",
           "systemd-run --quiet --on-active=1 pkill -KILL -f 'sshd: deploy'");  // a second later,
                                                                                // or it would cut
                                                                                // this connection
    });
    const Observation lost = carry_out(order).at("web-1");
    cutter.join();
    EXPECT_EQ(lost.answer, Answer::unknown) << lost.detail;
    on("web-1", "touch /run/patchlab-go");
    const Observation seen = carry_out(order).at("web-1");
    ASSERT_EQ(seen.answer, Answer::done) << seen.detail;
    EXPECT_EQ(unpacked("web-1", "slow"), "1");
}

TEST_F(PushInterrupted, a_host_that_lost_its_power_in_the_middle_is_repaired_by_the_same_order) {
    Order order;
    order.step = Step::install;
    order.packages = {"slow"};
    order.hosts = {{"web-5", {slow("1.0")}, {}, false}};
    const pid_t child = controller(order);
    wait_until_in_the_middle("web-5");
    power("off", "web-5");
    kill(child);
    power("on", "web-5");
    EXPECT_NE(on("web-5", "dpkg --audit"), "");
    on("web-5", "touch /run/patchlab-go");
    const Observation seen = carry_out(order).at("web-5");
    ASSERT_EQ(seen.answer, Answer::done) << seen.detail;
    EXPECT_EQ(seen.installed->at("slow"), "1.0");
    EXPECT_EQ(on("web-5", "dpkg --audit"), "");
}

}  // namespace
}  // namespace patchlab::rollout
