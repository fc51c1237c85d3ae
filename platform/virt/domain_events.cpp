// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/domain_events.hpp"

#include <libvirt/libvirt.h>

namespace patchlab::virt {

namespace {

int lifecycle(virConnectPtr, virDomainPtr domain, int event, int detail, void* self) {
    if (event != VIR_DOMAIN_EVENT_STOPPED) return 0;
    const bool crashed = detail == VIR_DOMAIN_EVENT_STOPPED_CRASHED || detail == VIR_DOMAIN_EVENT_STOPPED_FAILED;
    static_cast<DomainEvents*>(self)->on_ended(virDomainGetName(domain), crashed ? MachineState::crashed : MachineState::stopped);
    return 0;
}

void device_removed(virConnectPtr, virDomainPtr domain, const char* device, void* self) {
    static_cast<DomainEvents*>(self)->on_removed(virDomainGetName(domain), device);
}

}  // namespace

DomainEvents::DomainEvents(_virConnect* connection) : connection_(connection) {
    callbacks_.push_back(virConnectDomainEventRegisterAny(connection, nullptr, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                                          VIR_DOMAIN_EVENT_CALLBACK(&lifecycle), this, nullptr));
    callbacks_.push_back(virConnectDomainEventRegisterAny(connection, nullptr, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
                                                          VIR_DOMAIN_EVENT_CALLBACK(&device_removed), this, nullptr));
    for (const int id : callbacks_)
        if (id < 0) fail("cannot listen to libvirt's events");
}

DomainEvents::~DomainEvents() {
    for (const int id : callbacks_) virConnectDomainEventDeregisterAny(connection_, id);
}

void DomainEvents::expect(const std::string& machine) {
    const std::lock_guard lock(mutex_);
    machines_[machine] = {};
}

std::optional<MachineState> DomainEvents::ended(const std::string& machine) {
    const std::lock_guard lock(mutex_);
    return machines_[machine].ended;
}

bool DomainEvents::wait_until_ended(const std::string& machine, Seconds deadline) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, deadline, [&] { return machines_[machine].ended.has_value(); });
}

bool DomainEvents::wait_until_removed(const std::string& machine, const std::string& device, Seconds deadline) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, deadline, [&] { return machines_[machine].removed.contains(device); });
}

void DomainEvents::on_ended(const std::string& machine, MachineState how) {
    const std::lock_guard lock(mutex_);
    machines_[machine].ended = how;
    changed_.notify_all();
}

void DomainEvents::on_removed(const std::string& machine, const std::string& device) {
    const std::lock_guard lock(mutex_);
    machines_[machine].removed.insert(device);
    changed_.notify_all();
}

}  // namespace patchlab::virt
