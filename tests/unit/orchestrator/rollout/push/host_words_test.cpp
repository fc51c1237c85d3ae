// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/rollout/push/host_answer.hpp"
#include "platform/core/error.hpp"

namespace patchlab::rollout {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::StartsWith;

const std::string sum(64, 'a');

Order install() {
    Order order;
    order.step = Step::install;
    order.packages = {"nginx", "curl"};
    return order;
}

HostOrder nginx() {
    return {"web",
            {{"nginx", "amd64", "deb", "1.22.1-9+deb12u11", sum, "/pool/x.deb"},
             {"nginx-common", "all", "deb", "1:2~rc1", sum, "/pool/y.deb"}},
            {},
            true};
}

TEST(PushWords, say_exactly_what_was_ordered) {
    const HostWords words = words_for(install(), nginx());
    EXPECT_THAT(words.words,
                ElementsAre("order=" + words.order, "reboot=1", "look=curl", "look=nginx",
                            "look=nginx-common",
                            "want=nginx amd64 1.22.1-9+deb12u11 " + sum + " nginx_amd64.deb",
                            "want=nginx-common all 1:2~rc1 " + sum + " nginx-common_all.deb"));
    EXPECT_EQ(
        words.files,
        Json::parse(
            R"([{"from":"/pool/x.deb","file":"nginx_amd64.deb"},{"from":"/pool/y.deb","file":"nginx-common_all.deb"}])"));
}

TEST(PushWords, the_same_order_has_the_same_name_in_whatever_sequence_and_another_one_another) {
    HostOrder turned = nginx();
    std::swap(turned.packages[0], turned.packages[1]);
    EXPECT_EQ(words_for(install(), turned).order, words_for(install(), nginx()).order);
    Order back = install();
    back.step = Step::back_out;
    EXPECT_NE(words_for(back, nginx()).order, words_for(install(), nginx()).order);
    HostOrder other = nginx();
    other.packages[0].sha256 = std::string(64, 'b');
    EXPECT_NE(words_for(install(), other).order, words_for(install(), nginx()).order);
    HostOrder removes = nginx();
    removes.remove = {"x"};
    EXPECT_NE(words_for(install(), removes).order, words_for(install(), nginx()).order);
}

TEST(PushWords, a_look_asks_for_nothing_to_be_changed) {
    Order look = install();
    look.step = Step::inspect;
    const HostWords words = words_for(look, nginx());
    EXPECT_THAT(words.words, Not(Contains(StartsWith("want="))));
    EXPECT_TRUE(words.files.empty());
}

TEST(PushWords, what_is_no_package_is_refused_before_a_shell_can_see_it) {
    const auto refused = [](const std::function<void(Order&, HostOrder&)>& spoil) {
        Order order = install();
        HostOrder host = nginx();
        spoil(order, host);
        EXPECT_THROW(words_for(order, host), Error);
    };
    const std::string evil[] = {
        "a'b", "a b", "a\nb", "$(id)", "", "-o", "A", std::string(200, 'a'), "{{x}}"};
    for (const std::string& word : evil) {
        refused([&](Order&, HostOrder& host) { host.packages[0].name = word; });
        refused([&](Order& order, HostOrder&) { order.packages = {word}; });
        refused([&](Order&, HostOrder& host) { host.remove = {word}; });
        refused([&](Order&, HostOrder& host) { host.packages[0].version = word; });
        refused([&](Order&, HostOrder& host) { host.packages[0].sha256 = word; });
        refused([&](Order&, HostOrder& host) { host.packages[0].architecture = word; });
    }
    refused([](Order&, HostOrder& host) { host.packages[0].format = "rpm"; });
    refused([](Order&, HostOrder& host) {
        host.packages[0].file = "/pool/{{ lookup('pipe', 'id') }}";
    });
    refused([](Order&, HostOrder& host) { host.packages.push_back(host.packages[0]); });
}

}  // namespace
}  // namespace patchlab::rollout
