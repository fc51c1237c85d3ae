// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/fake_hypervisor.hpp"

#include "platform/core/digest.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/virt/checkpoint_definition.hpp"
#include "platform/virt/machine_files.hpp"

namespace patchlab::virt {

namespace {

/// In the shape in which a kernel tells its boot id.
std::string new_uuid() {
    const std::string hex = random_hex(16);
    return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
           hex.substr(16, 4) + "-" + hex.substr(20);
}

constexpr const char* machine_schema = "patchlab/fake-machine/v1";
constexpr const char* state_schema = "patchlab/fake-state/v1";
constexpr std::uint64_t fake_emulator = 1;

void require_exists(const std::filesystem::path& file) {
    if (!std::filesystem::exists(file))
        throw Error(ErrorCode::lab, "there is no file " + file.string());
}

void remove_checkpoint(const CheckpointFiles& files) {
    std::error_code ignored;  // the error that led here is the one to report
    std::filesystem::remove(files.definition, ignored);
    std::filesystem::remove(files.state, ignored);
    if (files.memory) std::filesystem::remove(*files.memory, ignored);
}

}  // namespace

FakeHypervisor::FakeHypervisor(FakeOptions options) : options_(std::move(options)) {}

FakeHypervisor::~FakeHypervisor() {
    while (!machines_.empty()) end(machines_.begin()->first);
}

void FakeHypervisor::before(std::string_view operation, const std::string& machine) const {
    if (options_.before) options_.before(operation, machine);
}

FakeHypervisor::Machine& FakeHypervisor::get(const std::string& machine) {
    const auto found = machines_.find(machine);
    if (found == machines_.end())
        throw Error(ErrorCode::not_found, "there is no machine '" + machine + "'");
    return found->second;
}

void FakeHypervisor::publish(const Machine& machine) {
    const MachineState state = machine.hangs ? MachineState::unknown : machine.state;
    write_json(machine.spec.agent_socket, {{"schema", machine_schema},
                                           {"machine", machine.spec.id()},
                                           {"boot", machine.boot},
                                           {"state", name(state)},
                                           {"disk", machine.spec.disk.string()}});
}

void FakeHypervisor::admit(const MachineSpec& spec, Machine machine) {
    require_sound(spec);
    require_exists(spec.disk);
    machine.spec = spec;
    const std::lock_guard lock(mutex_);
    if (machines_.contains(spec.id()))
        throw Error(ErrorCode::conflict, "machine '" + spec.id() + "' exists already");
    if (spec.memory_file)
        write_file_atomic(*spec.memory_file, "fake memory of " + spec.id() + "\n");
    append_line_durable(spec.serial_log, "fake console of " + spec.id());
    publish(machine);
    machines_[spec.id()] = std::move(machine);
}

void FakeHypervisor::start(const MachineSpec& spec) {
    before("start", spec.id());
    Machine machine;
    machine.uuid = machine.boot = new_uuid();
    admit(spec, std::move(machine));
}

void FakeHypervisor::write_checkpoint(const Machine& machine, const CheckpointFiles& files,
                                      CheckpointKind kind) {
    CheckpointDefinition definition{kind, machine.uuid, machine.spec, fake_emulator, {}};
    write_json(files.state,
               {{"schema", state_schema}, {"machine", machine.spec.name}, {"boot", machine.boot}},
               0444);
    if (kind == CheckpointKind::mapped) {
        const auto& memory = files.memory.value();
        if (memory != *machine.spec.memory_file)
            std::filesystem::rename(*machine.spec.memory_file, memory);
        std::filesystem::permissions(memory, std::filesystem::perms(0440));
        definition.memory_mark = mark_of(memory);
    }
    std::filesystem::permissions(machine.spec.disk, std::filesystem::perms(0440));
    write_definition(files.definition, definition);
}

void FakeHypervisor::checkpoint(const std::vector<std::string>& machines,
                                const std::vector<CheckpointFiles>& files, CheckpointKind kind) {
    if (machines.size() != files.size())
        throw Error(ErrorCode::internal, "one set of files for each machine");
    {
        const std::lock_guard lock(mutex_);
        for (const std::string& machine : machines) get(machine);
    }
    try {
        for (std::size_t i = 0; i < machines.size(); ++i) {
            before("checkpoint", machines[i]);
            const std::lock_guard lock(mutex_);
            const Machine& machine = get(machines[i]);
            if (!machine.disks.empty())
                throw Error(ErrorCode::conflict,
                            "machine '" + machines[i] +
                                "' has hot-plugged disks; detach them before the checkpoint");
            if (kind == CheckpointKind::mapped && !machine.spec.memory_file)
                throw Error(
                    ErrorCode::conflict,
                    "machine '" + machines[i] + "' was not started with a memory file of its own");
            write_checkpoint(machine, files[i], kind);
        }
    } catch (...) {
        for (const CheckpointFiles& each : files) remove_checkpoint(each);
        for (const std::string& machine : machines) end(machine);
        throw;
    }
    for (const std::string& machine : machines) end(machine);
}

void FakeHypervisor::restore(const MachineSpec& spec, const CheckpointFiles& files,
                             CheckpointKind kind) {
    before("restore", spec.id());
    const CheckpointDefinition definition = read_definition(files.definition);
    require_match(definition, spec, files, kind);
    const Json document = read_json(files.state, 4096);
    const JsonReader state(document, files.state.string());
    state.expect_schema(state_schema);
    Machine machine;
    machine.uuid = definition.uuid;
    machine.boot = state.string("boot");
    MachineSpec clone = spec;
    clone.memory_file.reset();  // it maps the checkpoint's
    admit(clone, std::move(machine));
}

void FakeHypervisor::attach_disk(const std::string& machine, const std::filesystem::path& image,
                                 std::string_view serial) {
    before("attach_disk", machine);
    require_exists(image);
    {
        const std::lock_guard lock(mutex_);
        if (!get(machine).disks.emplace(serial, image).second)
            throw Error(ErrorCode::conflict, "machine '" + machine + "' has a disk '" +
                                                 std::string(serial) + "' already");
    }
    if (options_.on_attach) options_.on_attach(machine, image);
}

void FakeHypervisor::detach_disk(const std::string& machine, std::string_view serial) {
    before("detach_disk", machine);
    const std::lock_guard lock(mutex_);
    if (get(machine).disks.erase(std::string(serial)) == 0)
        throw Error(ErrorCode::not_found,
                    "machine '" + machine + "' has no disk '" + std::string(serial) + "'");
}

MachineState FakeHypervisor::state(const std::string& machine) {
    before("state", machine);
    const std::lock_guard lock(mutex_);
    const auto found = machines_.find(machine);
    return found == machines_.end() ? MachineState::stopped : found->second.state;
}

bool FakeHypervisor::responds(const std::string& machine, Seconds) {
    before("responds", machine);
    const std::lock_guard lock(mutex_);
    const auto found = machines_.find(machine);
    if (found == machines_.end() || found->second.hangs) return false;
    return found->second.state == MachineState::running ||
           found->second.state == MachineState::paused;
}

void FakeHypervisor::set_state(const std::string& machine, MachineState state) {
    const std::lock_guard lock(mutex_);
    Machine& found = get(machine);
    found.state = state;
    publish(found);
}

void FakeHypervisor::pause(const std::string& machine) {
    before("pause", machine);
    set_state(machine, MachineState::paused);
}

void FakeHypervisor::resume(const std::string& machine) {
    before("resume", machine);
    set_state(machine, MachineState::running);
}

void FakeHypervisor::destroy(const std::string& machine) {
    before("destroy", machine);
    end(machine);
}

void FakeHypervisor::end(const std::string& machine) {
    const std::lock_guard lock(mutex_);
    const auto found = machines_.find(machine);
    if (found == machines_.end()) return;
    std::error_code ignored;  // a name left behind is overwritten by the next machine
    std::filesystem::remove(found->second.spec.agent_socket, ignored);
    machines_.erase(found);
}

void FakeHypervisor::crash(const std::string& machine) {
    set_state(machine, MachineState::crashed);
}
void FakeHypervisor::power_off(const std::string& machine) {
    set_state(machine, MachineState::stopped);
}

void FakeHypervisor::reboot(const std::string& machine) {
    const std::lock_guard lock(mutex_);
    Machine& found = get(machine);
    found.boot = new_uuid();
    publish(found);
}

void FakeHypervisor::say(const std::string& machine, const std::string& line) {
    const std::lock_guard lock(mutex_);
    append_line_durable(get(machine).spec.serial_log, line);
}

void FakeHypervisor::hang(const std::string& machine) {
    const std::lock_guard lock(mutex_);
    Machine& found = get(machine);
    found.hangs = true;
    publish(found);
}

}  // namespace patchlab::virt
