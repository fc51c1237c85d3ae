// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/verdict/blame.hpp"

#include <algorithm>

namespace patchlab::pipeline {

namespace {

std::string how(Silence silence) {
    switch (silence) {
        case Silence::crashed: return "its kernel crashed";
        case Silence::powered_off: return "it switched itself off";
        case Silence::silent: return "it runs but does not answer";
        case Silence::lab: return "its emulator is gone";
    }
    return "";
}

}  // namespace

bool may_be_the_patch(Stage stage) { return stage >= Stage::apply && stage <= Stage::endure; }

std::optional<Suspicion> suspicion_of_silence(const std::vector<SilentMachine>& machines,
                                              bool rebooting, const std::string& what) {
    const SilentMachine* worst = nullptr;
    for (const SilentMachine& machine : machines) {
        if (machine.silence == Silence::lab) return std::nullopt;
        if (!worst || machine.silence != Silence::silent) worst = &machine;
    }
    if (!worst) return std::nullopt;
    return Suspicion{rebooting ? ReasonKind::did_not_boot : ReasonKind::channel_lost, worst->name,
                     what + "; " + how(worst->silence)};
}

Reason confirmed(const Suspicion& suspicion, Stage stage, Sight sight) {
    const char* seen = sight == Sight::two_starts ? ", at two starts from the same disk"
                                                  : ", in two trials from the same checkpoint";
    return {
        suspicion.kind,           suspicion.machine,
        std::string(name(stage)), suspicion.what + seen + ", while unpatched clones stayed well",
        Effect::rejects,          true};
}

}  // namespace patchlab::pipeline
