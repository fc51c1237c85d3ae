// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/images/image.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/pipeline/lab/prepared_lab.hpp"

namespace patchlab::operations {

namespace {

Outcome list_snapshots(Call& call, const JsonReader&) {
    Json items = Json::array();
    for (const pipeline::PreparedSnapshot& snapshot :
         pipeline::list_snapshots(call.session.state(), call.session.database()))
        items.push_back({{"digest", snapshot.digest},
                         {"lab", snapshot.lab},
                         {"checkpoint", snapshot.checkpoint},
                         {"bytes", snapshot.bytes},
                         {"current", snapshot.current},
                         {"in_use", snapshot.in_use}});
    return {{{"schema", "patchlab/snapshots/v1"}, {"snapshots", items}}};
}

Outcome prune_snapshots(Call& call, const JsonReader&) {
    images::ImageStore images(call.session.state(), call.session.database());
    Json items = Json::array();
    std::uint64_t freed = 0;
    for (const pipeline::PreparedSnapshot& snapshot :
         pipeline::prune_snapshots(call.session.state(), call.session.database())) {
        images.remove_reference("prepared lab " + snapshot.digest.substr(0, 12));
        items.push_back(snapshot.digest);
        freed += snapshot.bytes;
    }
    const Json document{{"schema", "patchlab/pruned/v1"}, {"snapshots", items}, {"bytes", freed}};
    return {document, 0, Audit{"", {{"snapshots", items}}}};
}

}  // namespace

std::vector<Operation> snapshot_operations() {
    return {
        {"snapshot.list", "List the checkpoints of prepared labs", Kind::read, anyone(),
         list_snapshots},
        {"snapshot.prune", "Remove the checkpoints that no lab of today would use", Kind::write,
         lab_staff("remove checkpoints"), prune_snapshots},
    };
}

}  // namespace patchlab::operations
