// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/libvirt_machine.hpp"

#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <signal.h>
#include <unistd.h>

#include <charconv>

#include "platform/core/files.hpp"
#include "platform/core/log.hpp"
#include "platform/virt/connection.hpp"
#include "platform/virt/machine_files.hpp"

namespace patchlab::virt {

namespace {

constexpr Seconds start_deadline(120);   // libvirt starting QEMU on a busy host
constexpr Seconds control_deadline(20);  // one word with QEMU's monitor
constexpr Seconds quit_deadline(3);      // QEMU's own end, before it is killed
constexpr Seconds kill_deadline(10);

std::string named(const DomainPlan& plan) { return "machine '" + plan.spec.id() + "'"; }

}  // namespace

LibvirtMachine::LibvirtMachine(const Host& host, DomainPlan plan)
    : host_(host), plan_(std::move(plan)) {
    host_.events->expect(plan_.spec.id());
}

LibvirtMachine::~LibvirtMachine() {
    try {
        end();
    } catch (const Error& error) {
        log_error(error.what());
        // Its calls hang in a library we cannot leave: giving up their threads is all that is left.
        static_cast<void>(calls_.release());
    }
}

void LibvirtMachine::create(bool paused) {
    const std::string xml = domain_xml(plan_);
    log_debug("starting " + named(plan_) + ":\n" + xml);
    const unsigned flags = paused ? static_cast<unsigned>(VIR_DOMAIN_START_PAUSED) : 0U;
    const std::string what = "cannot start " + named(plan_);
    domain_ = calls_->call(start_deadline, what, [connection = host_.connection, xml, flags, what] {
        return own(virDomainCreateXML(connection, xml.c_str(), flags), what);
    });
    settle();
}

void LibvirtMachine::settle() {
    place_socket(plan_.agent_socket, plan_.spec.agent_socket);
    place_socket(bell_socket(plan_.agent_socket), bell_socket(plan_.spec.agent_socket));
}

void LibvirtMachine::boot() { create(false); }

void LibvirtMachine::restore_mapped(const CheckpointFiles& files) {
    create(true);
    auto state = std::make_shared<UniqueFd>(::open(files.state.c_str(), O_RDONLY | O_CLOEXEC));
    if (!*state)
        throw Error(ErrorCode::lab, "cannot open the checkpoint's state " + files.state.string());
    calls_->call(start_deadline, "restoring " + named(plan_), [domain = domain_, state] {
        give_descriptor(domain, "checkpoint", state->get());
        ignore_shared_memory(domain);
        monitor_command(domain, "migrate-incoming", {{"uri", "fd:checkpoint"}});
        wait_for_incoming(domain);
    });
    resume();
}

void LibvirtMachine::restore_saved(const CheckpointFiles& files) {
    const std::string xml = domain_xml(plan_);
    const std::string what = "cannot restore " + named(plan_);
    domain_ = calls_->call(
        start_deadline, what,
        [connection = host_.connection, xml, what, file = files.state, name = plan_.spec.id()] {
            if (virDomainRestoreFlags(connection, file.c_str(), xml.c_str(),
                                      VIR_DOMAIN_SAVE_RUNNING) < 0)
                fail(what);
            return own(virDomainLookupByName(connection, name.c_str()), what);
        });
    settle();
}

void LibvirtMachine::write_mapped(const CheckpointFiles& files) {
    auto state = std::make_shared<UniqueFd>(
        ::open(files.state.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!*state)
        throw Error(ErrorCode::lab, "cannot create the checkpoint's state " + files.state.string());
    calls_->call(start_deadline, "writing the checkpoint of " + named(plan_),
                 [domain = domain_, state] {
                     give_descriptor(domain, "checkpoint", state->get());
                     ignore_shared_memory(domain);
                     monitor_command(domain, "migrate", {{"uri", "fd:checkpoint"}});
                     wait_for_migration(domain);
                 });
    end();
    if (::fsync(state->get()) != 0)
        throw Error(ErrorCode::lab, "cannot sync the checkpoint's state " + files.state.string());
}

void LibvirtMachine::write_saved(const CheckpointFiles& files) {
    const std::string what = "cannot save " + named(plan_);
    calls_->call(start_deadline, what, [domain = domain_, file = files.state, what] {
        if (virDomainSaveFlags(domain.get(), file.c_str(), nullptr, VIR_DOMAIN_SAVE_RUNNING) < 0)
            fail(what);
    });
    end();
}

void LibvirtMachine::attach_disk(const std::filesystem::path& image, const std::string& serial) {
    if (disks_.contains(serial))
        throw Error(ErrorCode::conflict, named(plan_) + " has a disk '" + serial + "' already");
    std::string target = "vdb";
    for (const auto& disk : disks_)
        if (disk.second >= target)
            target = "vd" + std::string(1, static_cast<char>(disk.second.back() + 1));
    if (target > "vdz") throw Error(ErrorCode::conflict, named(plan_) + " has too many disks");
    make_reachable(image, host_.user);
    const std::string what = "cannot attach " + image.string() + " to " + named(plan_);
    calls_->call(
        control_deadline, what, [domain = domain_, xml = disk_xml(image, target, serial), what] {
            if (virDomainAttachDeviceFlags(domain.get(), xml.c_str(), VIR_DOMAIN_AFFECT_LIVE) < 0)
                fail(what);
        });
    disks_[serial] = target;
}

void LibvirtMachine::detach_disk(const std::string& serial) {
    const auto disk = disks_.find(serial);
    if (disk == disks_.end())
        throw Error(ErrorCode::not_found, named(plan_) + " has no disk '" + serial + "'");
    const std::string what = "cannot detach disk '" + serial + "' of " + named(plan_);
    const std::string alias = "ua-" + disk->second;
    calls_->call(control_deadline, what, [domain = domain_, alias, what] {
        if (virDomainDetachDeviceAlias(domain.get(), alias.c_str(), VIR_DOMAIN_AFFECT_LIVE) < 0)
            fail(what);
    });
    // the guest must let go of it first
    if (!host_.events->wait_until_removed(plan_.spec.id(), alias, control_deadline))
        throw Error(ErrorCode::timeout, what + ": the guest does not let go of it");
    disks_.erase(disk);
}

MachineState LibvirtMachine::state() {
    if (const auto how = host_.events->ended(plan_.spec.id())) return *how;
    if (!domain_) return MachineState::unknown;
    try {
        const int state = calls_->call(
            control_deadline, "asking for the state of " + named(plan_), [domain = domain_] {
                int now = VIR_DOMAIN_NOSTATE;
                if (virDomainGetState(domain.get(), &now, nullptr, 0) < 0) fail("no state");
                return now;
            });
        if (state == VIR_DOMAIN_RUNNING || state == VIR_DOMAIN_BLOCKED)
            return MachineState::running;
        if (state == VIR_DOMAIN_PAUSED || state == VIR_DOMAIN_PMSUSPENDED)
            return MachineState::paused;
        if (state == VIR_DOMAIN_CRASHED) return MachineState::crashed;
        if (state == VIR_DOMAIN_SHUTOFF || state == VIR_DOMAIN_SHUTDOWN)
            return MachineState::stopped;
    } catch (const Error&) {
        if (const auto how = host_.events->ended(plan_.spec.id())) return *how;
    }
    return MachineState::unknown;
}

bool LibvirtMachine::responds(Seconds deadline) {
    if (!domain_ || ended()) return false;
    try {
        calls_->call(deadline, "asking " + named(plan_),
                     [domain = domain_] { monitor_command(domain, "query-status"); });
        return true;
    } catch (const Error&) {
        return false;
    }
}

void LibvirtMachine::pause() {
    const std::string what = "cannot pause " + named(plan_);
    calls_->call(control_deadline, what, [domain = domain_, what] {
        if (virDomainSuspend(domain.get()) < 0) fail(what);
    });
}

void LibvirtMachine::resume() {
    const std::string what = "cannot resume " + named(plan_);
    calls_->call(control_deadline, what, [domain = domain_, what] {
        if (virDomainResume(domain.get()) < 0) fail(what);
    });
}

bool LibvirtMachine::ended() const { return host_.events->ended(plan_.spec.id()).has_value(); }

std::optional<int> LibvirtMachine::pid() const {
    const auto text =
        read_file_if_any(host_.root / "run" / "qemu" / (plan_.spec.id() + ".pid"), 64);
    int number = 0;
    if (!text ||
        std::from_chars(text->data(), text->data() + text->size(), number).ec != std::errc{} ||
        number <= 1)
        return std::nullopt;
    return number;
}

void LibvirtMachine::kill_emulator() const {
    if (const auto number = pid()) ::kill(*number, SIGKILL);
}

void LibvirtMachine::end() {
    const std::string name = plan_.spec.id();
    if (domain_ && !ended()) {
        // quit lets QEMU write out its cached image metadata; virDomainDestroy does the same but
        // sleeps 200 ms over it
        try {
            calls_->call(quit_deadline, "ending " + named(plan_),
                         [domain = domain_] { monitor_command(domain, "quit"); });
        } catch (const Error&) {
            // it may be gone before it answered; if it hangs, the kernel ends it
        }
        if (!host_.events->wait_until_ended(name, calls_->idle() ? quit_deadline : Seconds(0))) {
            kill_emulator();
            if (!host_.events->wait_until_ended(name, kill_deadline))
                throw Error(ErrorCode::lab,
                            "cannot end " + named(plan_) + ": its QEMU does not die");
        }
    }
    calls_->join_overdue();
    domain_.reset();
    std::error_code ignored;  // the sockets are dead with QEMU; a name left behind is overwritten
                              // by the next machine
    for (const auto& socket : {plan_.spec.agent_socket, bell_socket(plan_.spec.agent_socket)})
        std::filesystem::remove(socket, ignored);
}

}  // namespace patchlab::virt
