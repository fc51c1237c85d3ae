// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/decision_view.hpp"

#include <iostream>

#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

namespace {

const char* paint(governance::RequirementState state) {
    switch (state) {
        case governance::RequirementState::passed: return "\033[32m";
        case governance::RequirementState::waived: return "\033[33m";
        case governance::RequirementState::missing:
        case governance::RequirementState::failed:
        case governance::RequirementState::expired: return "\033[31m";
    }
    return "";
}

void print_requirement(const governance::Requirement& requirement, bool colour) {
    std::string word(governance::name(requirement.state));
    word.resize(8, ' ');
    std::cout << (colour ? paint(requirement.state) : "") << word << (colour ? "\033[0m" : "")
              << " " << one_line(requirement.id) << ": " << one_line(requirement.detail) << "\n";
    if (requirement.satisfied()) return;
    for (const std::string& evidence : requirement.evidence)
        std::cout << "           looked at " << one_line(evidence) << "\n";
}

}  // namespace

void print_decision(Context& context, const governance::Decision& decision) {
    const bool colour = context.colours_on_stdout();
    std::cout << "run " << decision.run << " under policy '" << decision.policy << "' ("
              << decision.policy_digest.substr(0, 16) << ")\n";
    for (const bool satisfied : {false, true})
        for (const governance::Requirement& requirement : decision.requirements)
            if (requirement.satisfied() == satisfied) print_requirement(requirement, colour);
    std::cout << one_line(decision.summary()) << "\n";
}

}  // namespace patchlab::cli
