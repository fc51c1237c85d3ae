// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/domain_xml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pugixml.hpp>

#include "platform/core/json.hpp"

namespace patchlab::virt {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

DomainPlan plan() {
    DomainPlan plan;
    plan.spec.name = "web";
    plan.spec.disk = "/lab/web.qcow2";
    plan.spec.serial_log = "/lab/web.log";
    plan.uuid = "11111111-2222-4333-8444-555555555555";
    plan.agent_socket = "/lab/agents/web";
    return plan;
}

pugi::xml_document parse(const DomainPlan& plan) {
    pugi::xml_document document;
    EXPECT_TRUE(document.load_string(domain_xml(plan).c_str()));
    return document;
}

std::vector<std::string> arguments(const DomainPlan& plan) {
    const pugi::xml_document document = parse(plan);
    std::vector<std::string> values;
    for (const auto& node : document.select_nodes("//*[name()='qemu:arg']"))
        values.emplace_back(node.node().attribute("value").value());
    return values;
}

TEST(domain_xml, gives_a_machine_the_least_it_needs) {
    const auto document = parse(plan());
    EXPECT_STREQ(document.select_node("/domain/name").node().text().get(), "web");
    EXPECT_STREQ(document.select_node("//on_crash").node().text().get(), "preserve");
    EXPECT_TRUE(document.select_node("//panic"));
    EXPECT_TRUE(document.select_node("//controller[@type='usb'][@model='none']"));
    EXPECT_TRUE(document.select_node("//memballoon[@model='none']"));
    for (const char* unwanted : {"//interface", "//graphics", "//video", "//channel", "//sound",
                                 "//hostdev", "//filesystem"})
        EXPECT_FALSE(document.select_node(unwanted)) << unwanted;
}

TEST(domain_xml, never_connects_a_guest_to_anything_but_the_loopback_segment_of_its_run) {
    DomainPlan connected = plan();
    connected.spec.nics = {{"lan", "52:54:00:00:00:01"}, {"dmz", "52:54:00:00:00:02"}};
    connected.ports = {{"lan", 20001}, {"dmz", 20002}};
    const auto document = parse(connected);
    EXPECT_FALSE(document.select_node("//interface"));
    const auto args = arguments(connected);
    EXPECT_THAT(args, Contains("socket,id=lab0,mcast=230.0.0.1:20001,localaddr=127.0.0.1"));
    EXPECT_THAT(args, Contains("socket,id=lab1,mcast=230.0.0.1:20002,localaddr=127.0.0.1"));
    EXPECT_EQ(std::count(args.begin(), args.end(), "-netdev"), 2);
}

TEST(domain_xml, has_no_card_without_a_network) {
    EXPECT_THAT(arguments(plan()), Not(Contains("-netdev")));
}

TEST(domain_xml, keeps_the_ports_of_agent_and_bell_out_of_libvirts_sight) {
    const auto args = arguments(plan());
    EXPECT_THAT(args, Contains("socket,id=agent0,server=on,wait=off,path=/lab/agents/web"));
    EXPECT_THAT(args, Contains(HasSubstr("org.qemu.guest_agent.0")));
    EXPECT_THAT(args, Contains("socket,id=bell0,server=on,wait=off,path=/lab/agents/web.bell"));
    EXPECT_THAT(args, Contains(HasSubstr("org.patchlab.bell.0")));
}

TEST(domain_xml, shares_memory_before_a_checkpoint_and_maps_it_privately_after) {
    DomainPlan with_file = plan();
    with_file.spec.memory_file = "/lab/web.ram";
    for (const bool shared : {true, false}) {
        with_file.memory = shared ? DomainPlan::Memory::shared : DomainPlan::Memory::mapped;
        with_file.incoming = !shared;
        const auto args = arguments(with_file);
        const auto object = std::find(args.begin(), args.end(), "-object");
        ASSERT_NE(object, args.end());
        const Json memory = parse_json(*(object + 1), "test");
        EXPECT_EQ(memory["share"], shared);
        EXPECT_EQ(memory["size"], 512U << 20);
        EXPECT_EQ(std::count(args.begin(), args.end(), "-incoming"), shared ? 0 : 1);
    }
}

TEST(domain_xml, cannot_be_talked_into_other_options_by_a_path) {
    DomainPlan odd = plan();
    odd.agent_socket = "/lab/a,server=off";
    odd.spec.disk = "/lab/<evil>&\"'.qcow2";
    EXPECT_THAT(arguments(odd), Contains(HasSubstr("path=/lab/a,,server=off")));
    EXPECT_STREQ(parse(odd).select_node("//disk/source").node().attribute("file").value(),
                 "/lab/<evil>&\"'.qcow2");
}

TEST(domain_xml, uses_kvm_only_when_told_to) {
    EXPECT_STREQ(parse(plan()).child("domain").attribute("type").value(), "qemu");
    DomainPlan fast = plan();
    fast.spec.acceleration = Acceleration::kvm;
    EXPECT_STREQ(parse(fast).child("domain").attribute("type").value(), "kvm");
    EXPECT_THAT(arguments(fast), Contains("host,migratable=off"));
}

TEST(domain_xml, bounds_translated_code_where_machines_are_emulated) {
    DomainPlan emulated = plan();
    emulated.spec.acceleration = Acceleration::tcg;
    const auto cache = [&] {
        return parse(emulated)
            .select_node("//features/tcg/tb-cache[@unit='MiB']")
            .node()
            .text()
            .as_int();
    };
    EXPECT_GE(cache(), 64);
    EXPECT_LE(cache(), 128);
    emulated.spec.reboots = false;
    EXPECT_EQ(cache(), 256);
    emulated.spec.acceleration = Acceleration::kvm;
    EXPECT_FALSE(parse(emulated).select_node("//features/tcg"));
}

TEST(domain_xml, boots_through_uefi_when_asked) {
    DomainPlan uefi = plan();
    uefi.spec.uefi = true;
    uefi.firmware = "/fw/code.fd";
    uefi.firmware_variables = "/fw/vars.fd";
    const auto document = parse(uefi);
    EXPECT_STREQ(document.select_node("//loader").node().text().get(), "/fw/code.fd");
    EXPECT_STREQ(document.select_node("//nvram").node().attribute("template").value(),
                 "/fw/vars.fd");
}

TEST(disk_xml, is_read_only_and_carries_its_serial) {
    pugi::xml_document document;
    ASSERT_TRUE(document.load_string(disk_xml("/p/patch.img", "vdb", "patch").c_str()));
    EXPECT_TRUE(document.select_node("/disk/readonly"));
    EXPECT_STREQ(document.select_node("/disk/serial").node().text().get(), "patch");
    EXPECT_STREQ(document.select_node("/disk/driver").node().attribute("type").value(), "raw");
}

}  // namespace
}  // namespace patchlab::virt
