// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/notify/approval_wanted.hpp"

namespace patchlab::notify {

std::optional<Notice> approval_wanted(const governance::Decision& decision,
                                      const reports::RunDocument& run) {
    const auto open = decision.unsatisfied();
    Json wanted = Json::array();
    for (const governance::Requirement* requirement : open) {
        // time heals what is young or frozen, and people may look at it meanwhile; approve takes
        // their word already
        if (requirement->id.starts_with("rejection:") ||
            governance::precedes_approval(requirement->id))
            return std::nullopt;
        if (requirement->id.starts_with("approval:")) wanted.push_back(requirement->id.substr(9));
    }
    if (wanted.empty()) return std::nullopt;
    std::string patches, roles;
    Json ids = Json::array();
    for (const reports::RunPatch& patch : run.patches) {
        patches += (patches.empty() ? "" : ", ") + patch.id;
        ids.push_back(patch.id);
    }
    for (const Json& role : wanted) roles += (roles.empty() ? "" : ", ") + role.get<std::string>();
    Notice notice;
    notice.kind = NoticeKind::approval_wanted;
    notice.text = "approval wanted of " + roles + ": run " + run.id + " of " + patches +
                  " in lab " + run.lab + " is " + decision.verdict;
    notice.details = {{"run", run.id},
                      {"lab", run.lab},
                      {"verdict", decision.verdict},
                      {"requester", run.requester},
                      {"patches", ids},
                      {"roles", wanted},
                      {"evidence_digest", decision.evidence_digest},
                      {"look", "patchlab change show " + run.id},
                      {"approve", "patchlab approve " + run.id}};
    return notice;
}

}  // namespace patchlab::notify
