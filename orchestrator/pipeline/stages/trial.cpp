// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/stages/trial.hpp"

#include <cmath>

#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::pipeline {

fs::path Trial::logs(const std::string& machine) const {
    const fs::path path = folder / "logs" / machine;
    make_folder(path);
    return path;
}

void Trial::add_reason(const Reason& reason) const {
    std::vector<Reason> reasons = read_reasons(folder);
    reasons.push_back(reason);
    write_json(folder / "reasons.json", to_json(reasons));
}

void Trial::add_unsettled(const std::string& machine, const std::string& event) const {
    const std::string waited = std::to_string(std::lround(lab.settling_time().count()));
    add_reason({ReasonKind::health, machine, "service manager",
                "jobs were still running " + waited + " s after " + event, Effect::review});
}

std::vector<Reason> read_reasons(const fs::path& trial_folder) {
    const fs::path file = trial_folder / "reasons.json";
    return fs::exists(file) ? reasons_from_json(read_json(file)) : std::vector<Reason>();
}

}  // namespace patchlab::pipeline
