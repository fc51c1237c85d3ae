// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <sstream>

#include "labdefs/model.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "tests/golden/definition_golden.hpp"

namespace patchlab::labdefs {
namespace {

/// Everything a lab holds but its source, as text for people.
std::string describe(const Lab& lab) {
    std::ostringstream out;
    out << "lab " << lab.name << " '" << lab.description << "' identity " << lab.identity << "\n";
    if (!lab.keep_contents) out << "contents not kept\n";
    for (const std::string& file : lab.suite_files) out << "suite file " << file << "\n";
    for (const Machine& machine : lab.machines) {
        out << "machine " << machine.name << ": " << machine.image << ", " << machine.vcpus
            << " vcpus, " << machine.memory_mib << " MiB, " << machine.criticality << "\n";
        for (const std::string& suite : machine.suites) out << "  suite " << suite << "\n";
        for (const auto& [question, answer] : machine.answers)
            out << "  answer " << question << " = " << answer << "\n";
    }
    for (const Network& network : lab.networks) {
        out << "network " << network.name << "\n";
        for (const NetworkMember& member : network.members)
            out << "  " << member.machine << " '" << member.address << "' '" << member.mac << "'\n";
    }
    return out.str();
}

TEST(LabGolden, says_what_it_said_before) {
    golden::compare_folder(
        PATCHLAB_GOLDEN "/lab",
        [](const std::string& yaml, const std::string& file, Diagnostics& diagnostics) {
            return describe(parse_lab(yaml, file, diagnostics));
        });
}

TEST(Lab, every_example_that_ships_is_without_mistakes) {
    ASSERT_FALSE(lab_example_names().empty());
    for (const std::string& name : lab_example_names()) {
        Diagnostics diagnostics;
        const Lab lab = parse_lab(lab_example(name), name + ".yaml", diagnostics);
        EXPECT_TRUE(diagnostics.ok()) << diagnostics.to_json();
        EXPECT_EQ(lab.name, name);
        EXPECT_EQ(lab.digest, sha256_hex(lab_example(name)));
    }
}

TEST(Lab, finds_suite_files_beside_itself_and_misses_those_that_are_not_there) {
    const TempFolder folder(fs::temp_directory_path(), "labdefs");
    const std::string yaml =
        "schema: patchlab/lab/v1\nname: shop\nmachines: { web: { image: x } }\nsuite-files: "
        "[shop.yaml, none.yaml]\n";
    write_file_atomic(folder.path() / "lab.yaml", yaml);
    write_file_atomic(folder.path() / "shop.yaml", "x");
    Diagnostics diagnostics;
    const Lab lab = load_lab(folder.path() / "lab.yaml", diagnostics);
    EXPECT_EQ(lab.suite_files.at(0), (folder.path() / "shop.yaml").string());
    ASSERT_EQ(diagnostics.items.size(), 1U);
    EXPECT_EQ(diagnostics.items[0].path, "/suite-files/1");
    EXPECT_EQ(diagnostics.items[0].line, 4);
}

/// What is wrong with a lab of these networks; empty: nothing.
std::string mistakes_of(const std::string& networks) {
    Diagnostics diagnostics;
    parse_lab(
        "schema: patchlab/lab/v1\nname: net\nmachines:\n  a: { image: x }\n  b: { image: x }\n"
        "networks:\n" +
            networks,
        "net.yaml", diagnostics);
    std::string text;
    for (const Diagnostic& item : diagnostics.items) text += item.message + "\n";
    return text;
}

TEST(LabNetworks, give_no_machine_an_address_that_none_can_have) {
    using testing::HasSubstr;
    const auto of = [](const std::string& address) {
        return mistakes_of("  lan: { machines: { a: \"" + address + "\" } }\n");
    };
    EXPECT_THAT(of("10.0.0.0/24"), HasSubstr("10.0.0.0/24 is the network's own address"));
    EXPECT_THAT(of("10.0.0.255/24"), HasSubstr("10.0.0.255/24 is the network's broadcast address"));
    EXPECT_THAT(of("10.0.3.255/22"), HasSubstr("broadcast"));
    EXPECT_THAT(of("fd00::/64"), HasSubstr("the network's own address"));
    EXPECT_THAT(of("127.0.0.5/8"), HasSubstr("of each machine itself"));
    EXPECT_THAT(of("224.0.0.5/24"), HasSubstr("of a single machine"));
    EXPECT_THAT(mistakes_of("  lan: { cidr: 10.0.0.0/16, machines: { a: 10.0.255.255/24 } }\n"),
                HasSubstr("broadcast"));
    for (const char* fine : {"10.0.0.0/31", "10.0.0.1/31", "10.0.0.7/32", "10.0.1.0/16",
                             "10.0.0.255/16", "fd00::ffff:ffff:ffff:ffff/64", "fd00::/127"})
        EXPECT_EQ(of(fine), "") << fine;
}

TEST(LabNetworks, put_no_machine_into_one_range_twice) {
    using testing::HasSubstr;
    const std::string lan = "  lan: { cidr: 10.0.0.0/24, machines: { a: 10.0.0.5/24 } }\n";
    EXPECT_THAT(mistakes_of(lan + "  dmz: { cidr: 10.0.0.0/24, machines: { a: 10.0.0.6/24 } }\n"),
                HasSubstr("machine 'a' is in the range 10.0.0.0/24 here and in 10.0.0.0/24 of "
                          "network 'lan'"));
    EXPECT_THAT(mistakes_of(lan + "  dmz: { machines: { a: 10.0.9.6/16 } }\n"),
                HasSubstr("10.0.9.6/16"));
    EXPECT_EQ(mistakes_of(lan + "  dmz: { cidr: 10.0.0.0/24, machines: { b: 10.0.0.5/24 } }\n"), "")
        << "two machines apart from each other";
    EXPECT_EQ(mistakes_of(lan + "  dmz: { cidr: 10.0.1.0/24, machines: { a: 10.0.1.5/24 } }\n"),
              "");
}

TEST(Lab, adds_its_mistakes_to_those_of_other_files) {
    Diagnostics diagnostics;
    diagnostics.add("other.yaml", 1, "", "is wrong");
    EXPECT_EQ(parse_lab(lab_example("single"), "single.yaml", diagnostics).machines.size(), 1U)
        << "read in spite of the other file's mistake";
    EXPECT_EQ(diagnostics.items.size(), 1U);
}

}  // namespace
}  // namespace patchlab::labdefs
