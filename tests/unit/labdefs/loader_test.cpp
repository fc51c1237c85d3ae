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

TEST(Lab, adds_its_mistakes_to_those_of_other_files) {
    Diagnostics diagnostics;
    diagnostics.add("other.yaml", 1, "", "is wrong");
    EXPECT_EQ(parse_lab(lab_example("single"), "single.yaml", diagnostics).machines.size(), 1U)
        << "read in spite of the other file's mistake";
    EXPECT_EQ(diagnostics.items.size(), 1U);
}

}  // namespace
}  // namespace patchlab::labdefs
