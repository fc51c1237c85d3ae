// SPDX-License-Identifier: Apache-2.0
//
// Where a rollout, a ring and a host can be, every move from there, and where each that is found in
// a state after a crash goes on. The name of a state is stored before its work starts. Nothing
// moves in another way: the store refuses a move that is not in here. Values; thread-safe as such.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace patchlab::rollout {

///   planned      stored, nothing was done anywhere
///   running      goes through its rings
///   catching_up  every ring is through; hosts that were off are tried again
///   paused       a person stopped it between two batches; goes on when a person says so
///   halting      too much failed: what failed is going back
///   halted       for good; nothing goes forward any more
///   aborting     a person ended it: what was begun is being looked at
///   aborted      for good
///   backing_out  every host that was patched is going back
///   backed_out   that is over
///   finished     every host is in a final state
enum class RolloutState {
    planned,
    running,
    catching_up,
    paused,
    halting,
    halted,
    aborting,
    aborted,
    backing_out,
    backed_out,
    finished
};

///   waiting         not reached yet
///   waiting_window  its turn has come, and no window is open long enough
///   running         hosts are being patched
///   waiting_proof   all that can be reached are through, and too few of them prove anything: those
///                   that are off are tried again
///   soaking         it is watched
///   testing         its checks run once more
///   passed, failed  for good
enum class RingState {
    waiting,
    waiting_window,
    running,
    waiting_proof,
    soaking,
    testing,
    passed,
    failed
};

///   planned          not touched
///   inspecting       it is looked at: versions, boot id, checks
///   following        (pull) the way it was is recorded; it takes the packages from its channel by
///                    itself
///   installing       the deployer was asked to install
///   testing          it has, or may have, what was installed: looked at and judged
///   done             has exactly the tested versions, and nothing that worked before has stopped
///                    working
///   failed           the installation or a check failed
///   backing_out      the deployer was asked for the exact old versions
///   offline          did not answer; nothing was done; tried again later
///   backed_out       has exactly the versions from before, and what worked before works
///   back_out_failed  a person must look at it
///   skipped          left as it was, for the reason that is told
///   not_needed       has these versions already, or none of the packages
///   missed           never answered within the time to catch up
///   not_reached      the rollout ended before its turn came
enum class HostState {
    planned,
    inspecting,
    following,
    installing,
    testing,
    done,
    failed,
    backing_out,
    offline,
    backed_out,
    back_out_failed,
    skipped,
    not_needed,
    missed,
    not_reached
};

inline constexpr std::array all_rollout_states{
    RolloutState::planned,    RolloutState::running, RolloutState::catching_up,
    RolloutState::paused,     RolloutState::halting, RolloutState::halted,
    RolloutState::aborting,   RolloutState::aborted, RolloutState::backing_out,
    RolloutState::backed_out, RolloutState::finished};
inline constexpr std::array all_ring_states{
    RingState::waiting, RingState::waiting_window, RingState::running, RingState::waiting_proof,
    RingState::soaking, RingState::testing,        RingState::passed,  RingState::failed};
inline constexpr std::array all_host_states{
    HostState::planned,    HostState::inspecting,      HostState::following,
    HostState::installing, HostState::testing,         HostState::done,
    HostState::failed,     HostState::backing_out,     HostState::offline,
    HostState::backed_out, HostState::back_out_failed, HostState::skipped,
    HostState::not_needed, HostState::missed,          HostState::not_reached};

std::string_view name(RolloutState state);
std::string_view name(RingState state);
std::string_view name(HostState state);
// Error(invalid) for an unknown word.
RolloutState rollout_state_from(std::string_view word);
RingState ring_state_from(std::string_view word);
HostState host_state_from(std::string_view word);

template <typename State>
struct Move {
    State from;
    State to;
};

/// Every move of a rollout.
inline constexpr auto rollout_moves = std::to_array<Move<RolloutState>>({
    {RolloutState::planned, RolloutState::running},
    {RolloutState::planned, RolloutState::aborting},
    {RolloutState::running, RolloutState::catching_up},
    {RolloutState::running, RolloutState::paused},
    {RolloutState::running, RolloutState::halting},
    {RolloutState::running, RolloutState::aborting},
    {RolloutState::running, RolloutState::finished},
    {RolloutState::catching_up, RolloutState::paused},
    {RolloutState::catching_up, RolloutState::halting},
    {RolloutState::catching_up, RolloutState::aborting},
    {RolloutState::catching_up, RolloutState::finished},
    {RolloutState::paused, RolloutState::running},
    {RolloutState::paused, RolloutState::aborting},
    {RolloutState::paused, RolloutState::backing_out},
    {RolloutState::halting, RolloutState::halted},
    {RolloutState::aborting, RolloutState::aborted},
    {RolloutState::halted, RolloutState::backing_out},
    {RolloutState::aborted, RolloutState::backing_out},
    {RolloutState::finished, RolloutState::backing_out},
    {RolloutState::backing_out, RolloutState::backed_out},
    {RolloutState::backed_out,
     RolloutState::backing_out},                    // once more, for the hosts that did not go back
    {RolloutState::paused, RolloutState::halting},  // the chain no longer holds when it shall go on
});

/// Every move of a ring. `failed` stands for "the rollout ended in here": nothing follows it.
inline constexpr auto ring_moves = std::to_array<Move<RingState>>({
    {RingState::waiting, RingState::running},
    {RingState::waiting, RingState::waiting_window},
    {RingState::waiting, RingState::failed},
    {RingState::waiting_window, RingState::running},
    {RingState::waiting_window, RingState::failed},
    {RingState::running, RingState::waiting_window},
    {RingState::running, RingState::waiting_proof},
    {RingState::running, RingState::soaking},
    {RingState::running, RingState::passed},
    {RingState::running, RingState::failed},
    {RingState::waiting_proof, RingState::running},
    {RingState::waiting_proof, RingState::soaking},
    {RingState::waiting_proof, RingState::failed},
    {RingState::soaking, RingState::testing},
    {RingState::soaking, RingState::failed},
    {RingState::testing, RingState::passed},
    {RingState::testing, RingState::failed},
    {RingState::waiting_window, RingState::waiting_proof},
    {RingState::passed, RingState::failed},  // a host of it was caught up, and failed
});

/// Every move of a host.
inline constexpr auto host_moves = std::to_array<Move<HostState>>({
    {HostState::planned, HostState::inspecting},
    {HostState::planned, HostState::not_reached},
    {HostState::inspecting, HostState::installing},
    {HostState::inspecting, HostState::following},
    {HostState::inspecting,
     HostState::planned},  // its window no longer holds long enough; or a crash: nothing was done
    {HostState::inspecting, HostState::offline},
    {HostState::inspecting, HostState::skipped},
    {HostState::inspecting, HostState::not_needed},
    {HostState::inspecting, HostState::not_reached},
    {HostState::following, HostState::testing},
    {HostState::following, HostState::done},
    {HostState::following, HostState::failed},
    {HostState::following, HostState::missed},
    {HostState::following, HostState::not_reached},
    {HostState::installing, HostState::done},
    {HostState::installing, HostState::failed},
    {HostState::installing, HostState::testing},  // begun, and its end was not seen
    {HostState::installing, HostState::offline},  // no connection: nothing was done
    {HostState::testing, HostState::done},
    {HostState::testing, HostState::failed},
    {HostState::testing, HostState::planned},  // found untouched after a crash
    {HostState::testing,
     HostState::installing},  // found half-way after a crash: the same step again completes it
    {HostState::testing, HostState::following},  // (pull) not there yet
    {HostState::testing,
     HostState::not_reached},              // found untouched, and the rollout goes no further
    {HostState::done, HostState::failed},  // while it was watched
    {HostState::done, HostState::backing_out},
    {HostState::failed, HostState::backing_out},
    {HostState::failed, HostState::back_out_failed},  // there is no exact way back
    {HostState::backing_out, HostState::backed_out},
    {HostState::backing_out, HostState::back_out_failed},
    {HostState::back_out_failed, HostState::backing_out},
    {HostState::offline, HostState::inspecting},
    {HostState::offline, HostState::missed},
    {HostState::offline, HostState::not_reached},
    {HostState::done, HostState::back_out_failed},
    // a state that is written again, with more to tell
    {HostState::offline, HostState::offline},
    {HostState::following, HostState::following},
    {HostState::done, HostState::done},
    {HostState::backing_out, HostState::backing_out},
    {HostState::back_out_failed, HostState::back_out_failed},
    {HostState::testing, HostState::testing},
    {HostState::installing, HostState::installing},
    // a pulling host may go on by itself after the rollout ended: what it is found with is told
    {HostState::following, HostState::backing_out},
    {HostState::testing, HostState::backing_out},
    {HostState::installing, HostState::backing_out},
    {HostState::planned, HostState::missed},
});

bool may_move(RolloutState from, RolloutState to);
bool may_move(RingState from, RingState to);
bool may_move(HostState from, HostState to);

/// Nothing more happens to it unless somebody asks for a back-out.
bool is_final(HostState state);
bool is_over(RolloutState state);

/// What a process that takes a rollout over has to do.
enum class Duty { nothing, go_forward, settle_halt, settle_abort, go_back };
Duty resume_point(RolloutState state);
/// Where a ring that is found in `state` after a crash goes on.
RingState resume_point(RingState state);
/// Where a host that is found in `state` after a crash goes on. One that may have been touched is
/// looked at first (`testing`).
HostState resume_point(HostState state);

}  // namespace patchlab::rollout
