// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/store/states.hpp"

#include <algorithm>
#include <string>

#include "platform/core/error.hpp"

namespace patchlab::rollout {

namespace {

template <typename State, std::size_t count>
State from_word(const std::array<State, count>& all, std::string_view word, const char* what) {
    for (const State state : all)
        if (name(state) == word) return state;
    throw Error(ErrorCode::invalid,
                "there is no state '" + std::string(word.substr(0, 60)) + "' of a " + what);
}

template <typename State, std::size_t count>
bool listed(const std::array<Move<State>, count>& moves, State from, State to) {
    return std::any_of(moves.begin(), moves.end(),
                       [&](const Move<State>& move) { return move.from == from && move.to == to; });
}

}  // namespace

std::string_view name(RolloutState state) {
    switch (state) {
        case RolloutState::planned: return "planned";
        case RolloutState::running: return "running";
        case RolloutState::catching_up: return "catching-up";
        case RolloutState::paused: return "paused";
        case RolloutState::halting: return "halting";
        case RolloutState::halted: return "halted";
        case RolloutState::aborting: return "aborting";
        case RolloutState::aborted: return "aborted";
        case RolloutState::backing_out: return "backing-out";
        case RolloutState::backed_out: return "backed-out";
        case RolloutState::finished: return "finished";
    }
    return "halted";
}

std::string_view name(RingState state) {
    switch (state) {
        case RingState::waiting: return "waiting";
        case RingState::waiting_window: return "waiting-window";
        case RingState::running: return "running";
        case RingState::waiting_proof: return "waiting-proof";
        case RingState::soaking: return "soaking";
        case RingState::testing: return "testing";
        case RingState::passed: return "passed";
        case RingState::failed: return "failed";
    }
    return "failed";
}

std::string_view name(HostState state) {
    switch (state) {
        case HostState::planned: return "planned";
        case HostState::inspecting: return "inspecting";
        case HostState::following: return "following";
        case HostState::installing: return "installing";
        case HostState::testing: return "testing";
        case HostState::done: return "done";
        case HostState::failed: return "failed";
        case HostState::backing_out: return "backing-out";
        case HostState::offline: return "offline";
        case HostState::backed_out: return "backed-out";
        case HostState::back_out_failed: return "back-out-failed";
        case HostState::skipped: return "skipped";
        case HostState::not_needed: return "not-needed";
        case HostState::missed: return "missed";
        case HostState::not_reached: return "not-reached";
    }
    return "failed";
}

RolloutState rollout_state_from(std::string_view word) {
    return from_word(all_rollout_states, word, "rollout");
}
RingState ring_state_from(std::string_view word) {
    return from_word(all_ring_states, word, "ring");
}
HostState host_state_from(std::string_view word) {
    return from_word(all_host_states, word, "host");
}

bool may_move(RolloutState from, RolloutState to) { return listed(rollout_moves, from, to); }
bool may_move(RingState from, RingState to) { return listed(ring_moves, from, to); }
bool may_move(HostState from, HostState to) { return listed(host_moves, from, to); }

bool is_final(HostState state) {
    switch (state) {
        case HostState::planned:
        case HostState::inspecting:
        case HostState::following:
        case HostState::installing:
        case HostState::testing:
        case HostState::failed:  // it still goes back
        case HostState::backing_out:
        case HostState::offline: return false;
        case HostState::done:
        case HostState::backed_out:
        case HostState::back_out_failed:
        case HostState::skipped:
        case HostState::not_needed:
        case HostState::missed:
        case HostState::not_reached: return true;
    }
    return false;
}

bool is_over(RolloutState state) {
    return resume_point(state) == Duty::nothing && state != RolloutState::paused;
}

Duty resume_point(RolloutState state) {
    switch (state) {
        case RolloutState::planned:
        case RolloutState::running:
        case RolloutState::catching_up: return Duty::go_forward;
        case RolloutState::halting: return Duty::settle_halt;
        case RolloutState::aborting: return Duty::settle_abort;
        case RolloutState::backing_out: return Duty::go_back;
        case RolloutState::paused:
        case RolloutState::halted:
        case RolloutState::aborted:
        case RolloutState::backed_out:
        case RolloutState::finished: return Duty::nothing;
    }
    return Duty::nothing;
}

RingState resume_point(RingState state) {
    switch (state) {
        case RingState::waiting: return RingState::waiting;
        case RingState::waiting_window:
        case RingState::running:
        case RingState::waiting_proof: return RingState::running;
        case RingState::soaking: return RingState::soaking;
        case RingState::testing: return RingState::testing;
        case RingState::passed: return RingState::passed;
        case RingState::failed: return RingState::failed;
    }
    return RingState::running;
}

HostState resume_point(HostState state) {
    switch (state) {
        case HostState::planned:
        case HostState::inspecting: return HostState::planned;
        case HostState::following: return HostState::following;
        case HostState::installing:
        case HostState::testing: return HostState::testing;
        case HostState::done: return HostState::done;
        case HostState::failed: return HostState::failed;
        case HostState::backing_out: return HostState::backing_out;
        case HostState::offline: return HostState::offline;
        case HostState::backed_out: return HostState::backed_out;
        case HostState::back_out_failed: return HostState::back_out_failed;
        case HostState::skipped: return HostState::skipped;
        case HostState::not_needed: return HostState::not_needed;
        case HostState::missed: return HostState::missed;
        case HostState::not_reached: return HostState::not_reached;
    }
    return HostState::testing;
}

}  // namespace patchlab::rollout
