// SPDX-License-Identifier: Apache-2.0
//
// A reason: one thing that was found and that counts in the verdict. Values; thread-safe as such.
#pragma once

#include <string>
#include <vector>

#include "platform/core/json_fwd.hpp"
#include "reports/reason_kind.hpp"

namespace patchlab::pipeline {

using reports::Effect;
using reports::ReasonKind;

struct Reason {
    ReasonKind kind;
    std::string machine;
    std::string subject;
    std::string detail;
    Effect effect = Effect::rejects;
    bool seen_twice = false;  ///< in two trials or two starts of the patched machine

    // What a document says in `detail`, see told():
    std::string concern{};      ///< of a change: what makes it sensitive
    std::string one_of_two{};   ///< "starts" or "trials", when only one of two showed it
    bool after_reboot = false;  ///< only the machine's next start brought it to light
    // Known to the headline alone:
    std::string service{};  ///< of a failed check that asks whether a service runs: which
    std::string event{};    ///< of a change: what happened, as a clause
};

/// A change that a person has to look at; its detail begins with what happened ("removed: a file
/// of 25 bytes").
constexpr bool is_change(const Reason& reason) {
    return reason.kind == ReasonKind::sensitive_change ||
           reason.kind == ReasonKind::unexplained_change;
}

/// The detail with why it matters and when it was seen: "read by sshd; removed at the next start: a
/// file of 25 bytes", "only after the next reboot: in one of two starts: no answer".
std::string told(const Reason& reason);

/// As a document writes it; what is read back has told() as its detail.
Json to_json(const Reason& reason);
/// Error(invalid) for a kind that this version does not know: what it does to the verdict could
/// only be guessed. An unknown effect is inconclusive.
Reason reason_from_json(const Json& json);

/// A list of them, as a document holds it.
Json to_json(const std::vector<Reason>& reasons);
std::vector<Reason> reasons_from_json(const Json& list);

}  // namespace patchlab::pipeline
