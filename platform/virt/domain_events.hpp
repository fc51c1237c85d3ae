// SPDX-License-Identifier: Apache-2.0
//
// What libvirt tells about machines by itself: that one ended (and how), that a device left it. Private to this folder.
// Ownership: registered on a connection that must outlive it. Thread safety: full; libvirt's event thread writes, callers wait.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
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
    bool wait_until_removed(const std::string& machine, const std::string& device, Seconds deadline);

    // called by libvirt's event thread
    void on_ended(const std::string& machine, MachineState how);
    void on_removed(const std::string& machine, const std::string& device);

  private:
    struct Known {
        std::optional<MachineState> ended;
        std::set<std::string> removed;
    };
    _virConnect* connection_;
    std::vector<int> callbacks_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, Known> machines_;
};

}  // namespace patchlab::virt
