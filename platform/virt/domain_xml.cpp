// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/domain_xml.hpp"

#include <pugixml.hpp>
#include <sstream>

#include "platform/core/json.hpp"

namespace patchlab::virt {

namespace {

using pugi::xml_node;

/// Under emulation, the room for translated code. QEMU's own measure (1 GiB) keeps the code of a
/// guest's last life beyond its reboot, and whatever then writes to that memory (the boot loader,
/// the next kernel) goes through all of it at each write: 160 s from restart to kernel were seen.
/// With the first measure a reboot takes what a cold boot takes, and never long; with a third of
/// it, code is translated again and again. What is not rebooted gets the second, which an
/// installation with its tests does not fill.
constexpr unsigned translation_cache_mib = 96;
constexpr unsigned translation_cache_of_one_life_mib = 256;

xml_node child(xml_node parent, const char* name,
               std::initializer_list<std::pair<const char*, std::string>> attributes = {}) {
    xml_node node = parent.append_child(name);
    for (const auto& [key, value] : attributes) node.append_attribute(key).set_value(value.c_str());
    return node;
}

xml_node text(xml_node parent, const char* name, const std::string& value) {
    xml_node node = parent.append_child(name);
    node.text().set(value.c_str());
    return node;
}

std::string print(const pugi::xml_document& document) {
    std::ostringstream out;
    document.save(out, "  ", pugi::format_indent | pugi::format_no_declaration);
    return out.str();
}

void add_system(xml_node domain, const DomainPlan& plan) {
    const MachineSpec& spec = plan.spec;
    text(domain, "name", spec.id());
    text(domain, "uuid", plan.uuid);
    text(domain, "memory", std::to_string(spec.memory_mib)).append_attribute("unit") = "MiB";
    text(domain, "vcpu", std::to_string(spec.vcpus));
    xml_node os = child(domain, "os");
    text(os, "type", "hvm").append_attribute("machine") = "pc";
    if (spec.uefi) {
        text(os, "loader", plan.firmware.string()).append_attribute("type") = "pflash";
        os.child("loader").append_attribute("readonly") = "yes";
        child(os, "nvram", {{"template", plan.firmware_variables.string()}});
    }
    xml_node features = child(domain, "features");
    child(features, "acpi");
    child(features, "apic");
    if (spec.acceleration == Acceleration::tcg)
        text(child(features, "tcg"), "tb-cache",
             std::to_string(spec.reboots ? translation_cache_mib
                                         : translation_cache_of_one_life_mib))
            .append_attribute("unit") = "MiB";
    child(domain, "clock", {{"offset", "utc"}});
    text(domain, "on_poweroff", "destroy");
    text(domain, "on_reboot", "restart");
    text(domain, "on_crash", "preserve");
}

void add_devices(xml_node domain, const DomainPlan& plan) {
    const MachineSpec& spec = plan.spec;
    xml_node devices = child(domain, "devices");
    text(devices, "emulator", plan.emulator.string());
    xml_node disk = child(devices, "disk", {{"type", "file"}, {"device", "disk"}});
    child(
        disk, "driver",
        {{"name", "qemu"}, {"type", spec.disk_format}, {"cache", "unsafe"}, {"discard", "unmap"}});
    child(disk, "source", {{"file", spec.disk.string()}});
    child(disk, "target", {{"dev", "vda"}, {"bus", "virtio"}});
    child(devices, "controller", {{"type", "usb"}, {"model", "none"}});
    child(devices, "controller", {{"type", "virtio-serial"}, {"index", "0"}});
    xml_node serial = child(devices, "serial", {{"type", "file"}});
    child(serial, "source", {{"path", spec.serial_log.string()}, {"append", "on"}});
    child(serial, "target", {{"port", "0"}});
    child(devices, "memballoon", {{"model", "none"}});
    text(child(devices, "rng", {{"model", "virtio"}}), "backend", "/dev/urandom")
        .append_attribute("model") = "random";
    child(devices, "panic", {{"model", "isa"}});
}

void add_arguments(xml_node domain, const DomainPlan& plan) {
    xml_node command = child(domain, "qemu:commandline");
    const auto add = [&](const std::string& option, const std::string& value) {
        child(command, "qemu:arg", {{"value", option}});
        child(command, "qemu:arg", {{"value", value}});
    };
    // Not as <cpu>, which libvirt checks against the real one. Under emulation without five-level
    // page tables, which make each emulated page walk longer for nothing, and without "enhanced rep
    // movsb", which promises a fast copy by bytes and makes the guest copy and clear its pages so:
    // emulated, a byte costs what eight do (a boot takes 12 % longer).
    add("-cpu", plan.spec.acceleration == Acceleration::kvm ? "host,migratable=off"
                                                            : "max,la57=off,erms=off");
    const auto add_port = [&](const std::string& id, int number, const std::string& name,
                              const std::filesystem::path& socket) {
        add("-chardev",
            "socket,id=" + id + "0,server=on,wait=off,path=" + option_value(socket.string()));
        // devices as JSON, as libvirt's are: QEMU creates those in order, and after all plain ones
        add("-device", to_line({{"driver", "virtserialport"},
                                {"bus", "virtio-serial0.0"},
                                {"nr", number},
                                {"chardev", id + "0"},
                                {"name", name},
                                {"id", id + "port0"}}));
    };
    add_port("agent", 1, "org.qemu.guest_agent.0", plan.agent_socket);
    add_port("bell", 2, "org.patchlab.bell.0", bell_socket(plan.agent_socket));
    int slot = 0x1e;  // from the top, where libvirt's own allocation from the bottom (hot-plugged
                      // disks too) does not come
    int number = 0;
    for (const NicSpec& nic : plan.spec.nics) {
        const std::string id = "lab" + std::to_string(number++);
        std::ostringstream address;
        address << "0x" << std::hex << slot--;
        add("-netdev", "socket,id=" + id + ",mcast=230.0.0.1:" +
                           std::to_string(plan.ports.at(nic.network)) + ",localaddr=127.0.0.1");
        add("-device", to_line({{"driver", "virtio-net-pci"},
                                {"netdev", id},
                                {"id", "card-" + id},
                                {"mac", nic.mac},
                                {"romfile", ""},
                                {"bus", "pci.0"},
                                {"addr", address.str()}}));
    }
    if (plan.memory != DomainPlan::Memory::anonymous) {
        const Json memory = {{"qom-type", "memory-backend-file"},
                             {"id", "labram"},
                             {"size", std::uint64_t{plan.spec.memory_mib} << 20},
                             {"mem-path", plan.spec.memory_file.value().string()},
                             {"share", plan.memory == DomainPlan::Memory::shared},
                             {"x-use-canonical-path-for-ramblock-id", false}};
        add("-object", to_line(memory));
        add("-machine", "memory-backend=labram");
    }
    if (plan.incoming) add("-incoming", "defer");
    // Without it libvirt asks QEMU for each of 400 properties of the processor, one by one, at
    // every start and restore: half of the time that a restore takes.
    child(child(domain, "qemu:capabilities"), "qemu:del",
          {{"capability", "cpu-unavailable-features"}});
}

}  // namespace

std::string option_value(const std::string& text) {
    std::string escaped;
    for (const char c : text) {
        escaped += c;
        if (c == ',') escaped += ',';
    }
    return escaped;
}

std::string domain_xml(const DomainPlan& plan) {
    pugi::xml_document document;
    xml_node domain = document.append_child("domain");
    domain.append_attribute("type") = plan.spec.acceleration == Acceleration::kvm ? "kvm" : "qemu";
    domain.append_attribute("xmlns:qemu") = "http://libvirt.org/schemas/domain/qemu/1.0";
    add_system(domain, plan);
    add_devices(domain, plan);
    add_arguments(domain, plan);
    return print(document);
}

std::string disk_xml(const std::filesystem::path& image, const std::string& target,
                     const std::string& serial) {
    pugi::xml_document document;
    xml_node disk = child(document, "disk", {{"type", "file"}, {"device", "disk"}});
    child(disk, "driver", {{"name", "qemu"}, {"type", "raw"}, {"cache", "writeback"}});
    child(disk, "source", {{"file", image.string()}});
    child(disk, "target", {{"dev", target}, {"bus", "virtio"}});
    child(disk, "readonly");
    text(disk, "serial", serial);
    child(disk, "alias", {{"name", "ua-" + target}});
    return print(document);
}

}  // namespace patchlab::virt
