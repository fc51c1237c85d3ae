// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/store/states.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "platform/core/error.hpp"

namespace patchlab::rollout {
namespace {

template <typename State, typename Moves>
std::set<State> reachable(State from, const Moves& moves) {
    std::set<State> seen{from};
    for (bool more = true; more;) {
        more = false;
        for (const auto& move : moves)
            if (seen.contains(move.from)) more = seen.insert(move.to).second || more;
    }
    return seen;
}

TEST(RolloutStates, every_state_is_reached_from_the_first) {
    EXPECT_EQ(reachable(RolloutState::planned, rollout_moves).size(), all_rollout_states.size());
    EXPECT_EQ(reachable(RingState::waiting, ring_moves).size(), all_ring_states.size());
    EXPECT_EQ(reachable(HostState::planned, host_moves).size(), all_host_states.size());
}

TEST(RolloutStates, no_move_is_listed_twice) {
    const auto once = [](const auto& moves) {
        std::set<std::pair<int, int>> seen;
        for (const auto& move : moves)
            EXPECT_TRUE(
                seen.insert({static_cast<int>(move.from), static_cast<int>(move.to)}).second)
                << name(move.from) << " to " << name(move.to);
    };
    once(rollout_moves);
    once(ring_moves);
    once(host_moves);
}

TEST(RolloutStates, a_host_that_is_not_through_can_always_get_through) {
    for (const HostState state : all_host_states) {
        if (is_final(state)) continue;
        bool ends = false;
        for (const HostState to : reachable(state, host_moves)) ends = ends || is_final(to);
        EXPECT_TRUE(ends) << name(state);
    }
}

TEST(RolloutStates, a_final_host_moves_only_on_its_way_back_or_by_being_watched) {
    for (const auto& move : host_moves)
        if (is_final(move.from) && move.from != move.to) {
            EXPECT_TRUE(move.to == HostState::backing_out ||
                        move.to == HostState::back_out_failed ||
                        (move.from == HostState::done && move.to == HostState::failed))
                << name(move.from) << " to " << name(move.to);
        }
}

TEST(RolloutStates, a_halted_or_aborted_rollout_never_goes_forward_again) {
    for (const RolloutState from :
         {RolloutState::halting, RolloutState::halted, RolloutState::aborting,
          RolloutState::aborted, RolloutState::backing_out, RolloutState::backed_out,
          RolloutState::finished})
        EXPECT_FALSE(reachable(from, rollout_moves).contains(RolloutState::running)) << name(from);
}

TEST(RolloutStates, names_are_read_back_and_others_are_refused) {
    for (const RolloutState state : all_rollout_states)
        EXPECT_EQ(rollout_state_from(name(state)), state);
    for (const RingState state : all_ring_states) EXPECT_EQ(ring_state_from(name(state)), state);
    for (const HostState state : all_host_states) EXPECT_EQ(host_state_from(name(state)), state);
    EXPECT_THROW(host_state_from("7"), Error);
}

TEST(RolloutStates, a_host_that_may_have_been_touched_is_looked_at_before_anything_else) {
    EXPECT_EQ(resume_point(HostState::installing), HostState::testing);
    EXPECT_EQ(resume_point(HostState::testing), HostState::testing);
    EXPECT_EQ(resume_point(HostState::inspecting), HostState::planned);
    EXPECT_EQ(resume_point(HostState::backing_out), HostState::backing_out);
    for (const HostState state : all_host_states)
        if (is_final(state)) {
            EXPECT_EQ(resume_point(state), state) << name(state);
        }
}

TEST(RolloutStates, a_process_that_takes_over_does_what_the_state_asks_for) {
    EXPECT_EQ(resume_point(RolloutState::catching_up), Duty::go_forward);
    EXPECT_EQ(resume_point(RolloutState::halting), Duty::settle_halt);
    EXPECT_EQ(resume_point(RolloutState::aborting), Duty::settle_abort);
    EXPECT_EQ(resume_point(RolloutState::backing_out), Duty::go_back);
    EXPECT_EQ(resume_point(RolloutState::paused), Duty::nothing);
    EXPECT_FALSE(is_over(RolloutState::paused));
    EXPECT_TRUE(is_over(RolloutState::halted));
    EXPECT_EQ(resume_point(RingState::waiting_proof), RingState::running);
    EXPECT_EQ(resume_point(RingState::soaking), RingState::soaking);
}

}  // namespace
}  // namespace patchlab::rollout
