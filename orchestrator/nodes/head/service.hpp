// SPDX-License-Identifier: Apache-2.0
//
// The head's end of a link: what a node may ask for, and nothing else. A node gets the request of a
// run that was submitted to lab hosts, what that run needs, and hands in events and evidence, all
// of it for the newest attempt only. It can approve, promote and change nothing. Requests and
// answers: docs/reference/nodes.md. Thread safety: one object a link; several in one process share
// HeadParts, whose functions must bear that.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "orchestrator/nodes/head/delivery.hpp"
#include "orchestrator/nodes/head/registry.hpp"
#include "orchestrator/nodes/link/handshake.hpp"
#include "orchestrator/nodes/materials.hpp"
#include "platform/core/clock.hpp"

namespace patchlab::nodes {

/// What the head's end borrows.
struct HeadParts {
    fs::path state;
    const Clock* clock = nullptr;
    FindNode find;
    std::function<void(const KnownNode&)> seen;
    /// Records the delivery, does `publish`, both or neither as far as a database can.
    /// False when it was recorded before; then nothing was published.
    std::function<bool(const DeliveredRun&, const std::function<void()>& publish)> record;
    /// A run is over: people may be told.
    std::function<void(const pipeline::RunFolder&)> finished;
};

class HeadService {
  public:
    HeadService(const HeadParts& parts, Link& link) : parts_(parts), link_(link) {}
    /// Greets the node and answers until it hangs up. Throws what ended the link.
    void serve();

  private:
    Message answer(const Message& request);
    Message begin(const JsonReader& in);
    Message beat(const JsonReader& in, const std::string& events);
    Message list_materials(const JsonReader& in);
    Message take_contents(const JsonReader& in, const Json& said);
    Message read_material(const JsonReader& in);
    Message begin_delivery(const JsonReader& in);
    Message put(const JsonReader& in, const std::string& bytes);
    Message end_delivery(const JsonReader& in);

    /// The run of a request, and its attempt, which must be the newest of a run that is not over.
    struct Asked {
        pipeline::RunFolder run;
        int attempt;
    };
    Asked asked(const JsonReader& in) const;
    /// The same, and this node has begun it.
    Asked asked_by_holder(const JsonReader& in) const;
    const std::vector<Material>& materials(const pipeline::RunFolder& run);
    void expect_not_revoked() const;
    bool is_renewal_due() const;
    /// The caller holds the lock of the attempts.
    void renew_sometimes(const Asked& what);
    /// A long transfer is a sign of life, too.
    void renew_in_transfer(const Asked& what);
    void begin_anew(const Asked& what);
    Delivery& delivery_of(const Asked& what);
    std::optional<Message> accepted_before(const JsonReader& in) const;
    DeliveredRun delivered(const Asked& what, const std::string& evidence) const;

    const HeadParts& parts_;
    Link& link_;
    std::optional<KnownNode> node_;
    std::map<std::string, std::vector<Material>> materials_;
    std::optional<Delivery> delivery_;
    Stopwatch renewed_;
};

}  // namespace patchlab::nodes
