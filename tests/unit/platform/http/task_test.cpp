// SPDX-License-Identifier: Apache-2.0
#include "platform/http/task.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

#include "platform/http/loop.hpp"

namespace patchlab::http {
namespace {

Task<int> one() { co_return 1; }
Task<int> failing() {
    throw std::runtime_error("no");
    co_return 0;
}

Task<void> count(int times, int& sum) {
    for (int i = 0; i < times; ++i) sum += co_await one();
}

TEST(Task, that_never_pauses_needs_no_deeper_stack) {
    Loop loop;
    int sum = 0;
    loop.spawn(count(200'000, sum));
    EXPECT_EQ(sum, 200'000);
    EXPECT_EQ(loop.spawned(), 0U);
}

Task<void> tell_failure(std::string& what) {
    try {
        co_await failing();
    } catch (const std::runtime_error& error) {
        what = error.what();
    }
}

TEST(Task, hands_its_exception_to_who_waits) {
    Loop loop;
    std::string what;
    loop.spawn(tell_failure(what));
    EXPECT_EQ(what, "no");
}

Task<void> wait_at(Socket& socket, Seconds time, Wake& wake) {
    wake = co_await socket.readable(Deadline(time));
}

struct Pair {
    UniqueFd ours, theirs;
};
Pair make_pair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        throw std::runtime_error("socketpair");
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

TEST(Socket, a_pause_ends_for_its_reason) {
    Loop loop;
    Pair quiet = make_pair(), loud = make_pair(), woken = make_pair(), closed = make_pair();
    Socket at_quiet(loop, std::move(quiet.ours)), at_loud(loop, std::move(loud.ours));
    Socket at_woken(loop, std::move(woken.ours)), at_closed(loop, std::move(closed.ours));
    Wake results[4] = {Wake::ready, Wake::closed, Wake::closed, Wake::ready};
    loop.spawn(wait_at(at_quiet, Seconds(0.05), results[0]));
    loop.spawn(wait_at(at_loud, Seconds(20), results[1]));
    loop.spawn(wait_at(at_woken, Seconds(20), results[2]));
    loop.spawn(wait_at(at_closed, Seconds(20), results[3]));
    ASSERT_EQ(::write(loud.theirs.get(), "x", 1), 1);
    at_woken.wake();
    at_closed.close();
    loop.run();
    EXPECT_EQ(results[0], Wake::timeout);
    EXPECT_EQ(results[1], Wake::ready);
    EXPECT_EQ(results[2], Wake::woken);
    EXPECT_EQ(results[3], Wake::closed);
}

Task<void> wait_for(Signal& signal, Seconds time, Wake& wake) {
    wake = co_await signal.wait(Deadline(time));
}

TEST(Signal, wakes_one_or_all_and_the_others_in_time) {
    Loop loop;
    Signal signal(loop);
    Wake first = Wake::ready, second = Wake::ready;
    loop.spawn(wait_for(signal, Seconds(20), first));
    loop.spawn(wait_for(signal, Seconds(0.05), second));
    signal.wake_one();
    loop.run();
    EXPECT_EQ(first, Wake::woken);
    EXPECT_EQ(second, Wake::timeout);
}

}  // namespace
}  // namespace patchlab::http
