// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/libvirt_hypervisor.hpp"

#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <mutex>

#include "platform/core/digest.hpp"
#include "platform/core/files.hpp"
#include "platform/core/log.hpp"
#include "platform/process/command.hpp"
#include "platform/virt/connection.hpp"
#include "platform/virt/libvirt_machine.hpp"
#include "platform/virt/machine_files.hpp"
#include "platform/virt/run_uid.hpp"

namespace patchlab::virt {

namespace {

using MachinePtr = std::shared_ptr<LibvirtMachine>;

std::string random_uuid() {
    std::string hex = random_hex(16);
    hex[12] = '4';
    hex[16] = '8';
    for (const std::size_t at : {8U, 13U, 18U, 23U}) hex.insert(at, "-");
    return hex;
}

std::filesystem::path find_emulator() {
    if (const auto path = process::find_program("qemu-system-x86_64")) return *path;
    throw Error(ErrorCode::lab, "qemu-system-x86_64 is not installed",
                "install it with: apt-get install qemu-system-x86");
}

void choose_firmware(DomainPlan& plan) {
    static constexpr std::array<std::pair<const char*, const char*>, 2> known = {{
        {"/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"},
        {"/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"},
    }};
    for (const auto& [code, variables] : known) {
        if (!std::filesystem::exists(code) || !std::filesystem::exists(variables)) continue;
        plan.firmware = code;
        plan.firmware_variables = variables;
        return;
    }
    throw Error(ErrorCode::lab,
                "machine '" + plan.spec.name + "' needs UEFI firmware, which is not installed",
                "install it with: apt-get install ovmf");
}

/// Data that the checkpoint's name promises must not vanish with the host's power.
void sync_file(const std::filesystem::path& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0) throw Error(ErrorCode::lab, "cannot sync " + path.string());
}

class LibvirtHypervisor final : public Hypervisor {
  public:
    explicit LibvirtHypervisor(const LibvirtOptions& options)
        : options_(options),
          emulator_(find_emulator()),
          user_(qemu_user(options.acceleration, options.state)),
          run_uid_(own_uid(user_, options.acceleration)),
          connection_(connect_embedded({options.root, options.capability_cache, user_})),
          events_(connection_.get()) {
        if (!user_.separate) log_warning("QEMU runs as the calling user");
        make_folder(sockets(), 0700);
        hand_over(sockets(), user_, 0700);
        unsigned long version = 0;
        if (virConnectGetVersion(connection_.get(), &version) < 0)
            fail("cannot ask for QEMU's version");
        emulator_version_ = version;
    }

    std::vector<CheckpointKind> checkpoint_kinds() override {
        return {CheckpointKind::mapped, CheckpointKind::saved};
    }

    void start(const MachineSpec& spec) override {
        const MachinePtr machine = admit(plan_for(spec, random_uuid()));
        keep_or_forget(machine, [&] {
            prepare_disk_and_log(spec, user_);
            if (spec.memory_file) create_memory_file(spec, user_);
            machine->boot();
        });
        save_capabilities({options_.root, options_.capability_cache, user_});
    }

    void checkpoint(const std::vector<std::string>& names,
                    const std::vector<CheckpointFiles>& files, CheckpointKind kind) override {
        if (names.size() != files.size())
            throw Error(ErrorCode::internal, "one set of files for each machine");
        std::vector<MachinePtr> machines;
        for (const std::string& each : names) machines.push_back(get(each));
        try {
            for (const MachinePtr& machine : machines) require_checkpointable(*machine, kind);
            for (const MachinePtr& machine : machines)
                if (machine->state() != MachineState::paused) machine->pause();
            for (std::size_t i = 0; i < machines.size(); ++i)
                write_checkpoint(*machines[i], files[i], kind);
        } catch (...) {
            for (std::size_t i = 0; i < machines.size(); ++i) discard(names[i], files[i]);
            throw;
        }
        for (const std::string& each : names) forget(each);
    }

    void restore(const MachineSpec& spec, const CheckpointFiles& files,
                 CheckpointKind kind) override {
        const CheckpointDefinition definition = read_definition(files.definition);
        require_match(definition, spec, files, kind);
        if (definition.emulator != emulator_version_)
            throw Error(ErrorCode::lab, "the checkpoint was made with another version of QEMU",
                        "prepare the lab again");
        DomainPlan plan = plan_for(spec, spec.clone.empty() ? definition.uuid : random_uuid());
        plan.memory = DomainPlan::Memory::anonymous;
        if (kind == CheckpointKind::mapped) {
            plan.spec.memory_file = files.memory.value();
            plan.memory = DomainPlan::Memory::mapped;
            plan.incoming = true;
        }
        const MachinePtr machine = admit(std::move(plan));
        keep_or_forget(machine, [&] {
            prepare_disk_and_log(spec, user_);
            if (files.memory) make_reachable(*files.memory, user_);
            if (kind == CheckpointKind::mapped) machine->restore_mapped(files);
            else machine->restore_saved(files);
        });
    }

    void attach_disk(const std::string& machine, const std::filesystem::path& image,
                     std::string_view serial) override {
        get(machine)->attach_disk(image, std::string(serial));
    }
    void detach_disk(const std::string& machine, std::string_view serial) override {
        get(machine)->detach_disk(std::string(serial));
    }
    MachineState state(const std::string& machine) override {
        const MachinePtr found = find(machine);
        return found ? found->state() : MachineState::stopped;
    }
    bool responds(const std::string& machine, Seconds deadline) override {
        const MachinePtr found = find(machine);
        return found && found->responds(deadline);
    }
    void pause(const std::string& machine) override { get(machine)->pause(); }
    void resume(const std::string& machine) override { get(machine)->resume(); }
    void destroy(const std::string& machine) override {
        if (const MachinePtr found = find(machine)) found->end();
        forget(machine);
    }
    std::optional<int> pid(const std::string& machine) override {
        const MachinePtr found = find(machine);
        return found ? found->pid() : std::nullopt;
    }

  private:
    /// Makes `user` one of this process alone, where the host has a range for that.
    static std::optional<RunUid> own_uid(QemuUser& user, Acceleration acceleration) {
        const auto range = uids_of_runs();
        if (!range || !can_have_own_uid(user, acceleration)) return std::nullopt;
        auto own = RunUid::take(*range);
        if (own) user.uid = own->uid();
        else log_warning("all user ids of runs are taken: QEMU runs as libvirt-qemu");
        return own;
    }

    std::filesystem::path sockets() const { return options_.root / "agents"; }

    DomainPlan plan_for(const MachineSpec& spec, const std::string& uuid) {
        require_sound(spec);
        DomainPlan plan;
        plan.spec = spec;
        plan.uuid = uuid;
        plan.emulator = emulator_;
        plan.memory = spec.memory_file ? DomainPlan::Memory::shared : DomainPlan::Memory::anonymous;
        plan.agent_socket = sockets() / spec.id();
        if (spec.uefi) choose_firmware(plan);
        for (const NicSpec& nic : spec.nics)
            plan.ports[nic.network] = port_of(nic.network + "~" + spec.clone);
        return plan;
    }

    /// The same network has the same port for all machines of this hypervisor, another hypervisor's
    /// most likely another one.
    std::uint16_t port_of(const std::string& network) {
        const std::lock_guard lock(mutex_);
        if (const auto known = ports_.find(network); known != ports_.end()) return known->second;
        constexpr unsigned first = 20000, count = 12000;
        unsigned offset =
            static_cast<unsigned>(std::stoul(
                sha256_hex(options_.root.string() + "/" + network).substr(0, 7), nullptr, 16)) %
            count;
        const auto taken = [&] {
            return std::any_of(ports_.begin(), ports_.end(),
                               [&](const auto& entry) { return entry.second == first + offset; });
        };
        while (taken()) offset = (offset + 1) % count;
        return ports_[network] = static_cast<std::uint16_t>(first + offset);
    }

    MachinePtr admit(DomainPlan plan) {
        const std::string name = plan.spec.id();
        const std::lock_guard lock(mutex_);
        if (machines_.contains(name))
            throw Error(ErrorCode::conflict, "machine '" + name + "' exists already");
        logs_.add(plan.spec.serial_log);
        return machines_[name] = std::make_shared<LibvirtMachine>(
                   Host{options_.root, user_, connection_.get(), &events_, emulator_version_},
                   std::move(plan));
    }

    template <typename Work>
    void keep_or_forget(const MachinePtr& machine, Work&& work) {
        try {
            work();
        } catch (...) {
            forget(machine->plan().spec.id());
            throw;
        }
    }

    MachinePtr find(const std::string& name) {
        const std::lock_guard lock(mutex_);
        const auto found = machines_.find(name);
        return found == machines_.end() ? nullptr : found->second;
    }

    MachinePtr get(const std::string& name) {
        if (MachinePtr machine = find(name)) return machine;
        throw Error(ErrorCode::not_found, "there is no machine '" + name + "'");
    }

    void forget(const std::string& name) {
        MachinePtr machine;  // ends outside the lock
        const std::lock_guard lock(mutex_);
        const auto found = machines_.find(name);
        if (found == machines_.end()) return;
        machine = std::move(found->second);
        machines_.erase(found);
        logs_.remove(machine->plan().spec.serial_log);
    }

    static void require_checkpointable(const LibvirtMachine& machine, CheckpointKind kind) {
        const MachineSpec& spec = machine.plan().spec;
        if (machine.has_extra_disks())
            throw Error(ErrorCode::conflict,
                        "machine '" + spec.name +
                            "' has hot-plugged disks; detach them before the checkpoint");
        if (kind == CheckpointKind::mapped && machine.plan().memory != DomainPlan::Memory::shared)
            throw Error(ErrorCode::conflict, "machine '" + spec.name +
                                                 "' was not started with a memory file of its own");
    }

    void write_checkpoint(LibvirtMachine& machine, const CheckpointFiles& files,
                          CheckpointKind kind) {
        const MachineSpec spec = machine.plan().spec;
        CheckpointDefinition definition{kind, machine.plan().uuid, spec, emulator_version_, {}};
        if (kind == CheckpointKind::mapped) machine.write_mapped(files);
        else machine.write_saved(files);
        take_back(spec.disk, user_, 0440);
        take_back(files.state, user_, 0440);
        sync_file(spec.disk);
        sync_file(files.state);
        if (kind == CheckpointKind::mapped) {
            const auto& memory = files.memory.value();
            if (memory != spec.memory_file.value())
                std::filesystem::rename(spec.memory_file.value(), memory);
            sync_file(memory);
            take_back(memory, user_, 0660);
            definition.memory_mark = mark_of(memory);
        }
        write_definition(files.definition, definition);
    }

    void discard(const std::string& name, const CheckpointFiles& files) {
        const MachinePtr machine = find(name);
        std::error_code ignored;  // the error that led here is the one to report
        std::filesystem::remove(files.definition, ignored);
        std::filesystem::remove(files.state, ignored);
        if (files.memory) std::filesystem::remove(*files.memory, ignored);
        if (machine && machine->plan().spec.memory_file)
            std::filesystem::remove(*machine->plan().spec.memory_file, ignored);
        forget(name);
    }

    LibvirtOptions options_;
    std::filesystem::path emulator_;
    QemuUser user_;
    std::optional<RunUid> run_uid_;
    Connection connection_;
    DomainEvents events_;
    LogKeeper logs_;
    std::uint64_t emulator_version_ = 0;
    std::mutex mutex_;
    std::map<std::string, MachinePtr> machines_;
    std::map<std::string, std::uint16_t> ports_;
};

}  // namespace

std::unique_ptr<Hypervisor> open_libvirt(const LibvirtOptions& options) {
    return std::make_unique<LibvirtHypervisor>(options);
}

void keep_libvirt_off_the_terminal(char** argv) {
    constexpr const char* outputs = "LIBVIRT_LOG_OUTPUTS";
    if (std::getenv(outputs)) return;
    ::setenv(outputs, "4:file:/dev/null", 0);
    ::execv("/proc/self/exe", argv);
    ::unsetenv(outputs);  // it could not: libvirt's words are a blemish, and no reason to stop
}

}  // namespace patchlab::virt
