// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/domain_events.hpp"

#include <libvirt/libvirt.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

namespace patchlab::virt {

struct DomainEvents::State {
    struct Known {
        std::optional<MachineState> ended;
        std::set<std::string> removed;
    };
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::string, Known> machines;
};

namespace {

using StatePtr = std::shared_ptr<DomainEvents::State>;

template <typename Change>
void note(void* state, virDomainPtr domain, Change change) {
    DomainEvents::State& known = **static_cast<StatePtr*>(state);
    const std::lock_guard lock(known.mutex);
    change(known.machines[virDomainGetName(domain)]);
    known.changed.notify_all();
}

int lifecycle(virConnectPtr, virDomainPtr domain, int event, int detail, void* state) {
    if (event != VIR_DOMAIN_EVENT_STOPPED) return 0;
    const bool crashed =
        detail == VIR_DOMAIN_EVENT_STOPPED_CRASHED || detail == VIR_DOMAIN_EVENT_STOPPED_FAILED;
    note(state, domain, [&](auto& machine) {
        machine.ended = crashed ? MachineState::crashed : MachineState::stopped;
    });
    return 0;
}

void device_removed(virConnectPtr, virDomainPtr domain, const char* device, void* state) {
    note(state, domain, [&](auto& machine) { machine.removed.insert(device); });
}

void release(void* state) { delete static_cast<StatePtr*>(state); }

}  // namespace

DomainEvents::DomainEvents(_virConnect* connection)
    : connection_(connection), state_(std::make_shared<State>()) {
    const auto listen = [&](int event, virConnectDomainEventGenericCallback callback) {
        const int id = virConnectDomainEventRegisterAny(connection, nullptr, event, callback,
                                                        new StatePtr(state_), &release);
        if (id < 0) fail("cannot listen to libvirt's events");
        callbacks_.push_back(id);
    };
    listen(VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(&lifecycle));
    listen(VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, VIR_DOMAIN_EVENT_CALLBACK(&device_removed));
}

DomainEvents::~DomainEvents() {
    for (const int id : callbacks_) virConnectDomainEventDeregisterAny(connection_, id);
}

void DomainEvents::expect(const std::string& machine) {
    const std::lock_guard lock(state_->mutex);
    state_->machines[machine] = {};
}

std::optional<MachineState> DomainEvents::ended(const std::string& machine) {
    const std::lock_guard lock(state_->mutex);
    return state_->machines[machine].ended;
}

bool DomainEvents::wait_until_ended(const std::string& machine, Seconds deadline) {
    std::unique_lock lock(state_->mutex);
    return state_->changed.wait_for(lock, deadline,
                                    [&] { return state_->machines[machine].ended.has_value(); });
}

bool DomainEvents::wait_until_removed(const std::string& machine, const std::string& device,
                                      Seconds deadline) {
    std::unique_lock lock(state_->mutex);
    return state_->changed.wait_for(
        lock, deadline, [&] { return state_->machines[machine].removed.erase(device) > 0; });
}

}  // namespace patchlab::virt
