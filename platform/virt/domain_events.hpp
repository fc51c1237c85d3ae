// SPDX-License-Identifier: Apache-2.0
//
// What libvirt tells about machines by itself: that one ended (and how), that a device left it.
// Private to this folder. Ownership: registered on a connection that must outlive it. Thread
// safety: full; libvirt's event thread writes, callers wait.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/core/clock.hpp"
#include "platform/virt/handles.hpp"
#include "platform/virt/hypervisor.hpp"

namespace patchlab::virt {

class DomainEvents {
  public:
    explicit DomainEvents(_virConnect* connection);
    ~DomainEvents();
    DomainEvents(const DomainEvents&) = delete;
    DomainEvents& operator=(const DomainEvents&) = delete;

    /// Forgets what is known of an earlier machine of that name.
    void expect(const std::string& machine);
    /// stopped or crashed once the machine has ended.
    std::optional<MachineState> ended(const std::string& machine);
    bool wait_until_ended(const std::string& machine, Seconds deadline);
    /// Whether the device went away since it was last waited for: another one may bear its name
    /// next.
    bool wait_until_removed(const std::string& machine, const std::string& device,
                            Seconds deadline);

    /// Shared with libvirt, which may still be inside a callback when this object goes.
    struct State;

  private:
    _virConnect* connection_;
    std::vector<int> callbacks_;
    std::shared_ptr<State> state_;
};

}  // namespace patchlab::virt
