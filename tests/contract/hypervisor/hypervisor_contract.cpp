// SPDX-License-Identifier: Apache-2.0
//
// What every Hypervisor keeps to. The checkpoint that most cases start from is made once a process,
// since a real machine takes its time to boot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <map>

#include "platform/core/files.hpp"
#include "tests/contract/hypervisor/subject.hpp"

namespace patchlab::virt {
namespace {

struct Prepared {
    CheckpointFiles files;
    std::filesystem::path disk;
    std::string boot_id;
};

ErrorCode code_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.code();
    }
    ADD_FAILURE() << "nothing was refused";
    return ErrorCode::internal;
}

class hypervisor_contract : public testing::TestWithParam<CheckpointKind> {
  protected:
    void SetUp() override {
        if (const std::string why = subject().missing(); !why.empty()) GTEST_SKIP() << why;
    }
    void TearDown() override {
        if (!subject().missing().empty()) return;
        for (const char* machine : {"web", "db", "web~beside"}) hypervisor().destroy(machine);
    }

    static Hypervisor& hypervisor() { return subject().hypervisor(); }
    static CheckpointKind kind() { return GetParam(); }

    static MachineSpec machine(const std::string& name, const std::filesystem::path& base = {}) {
        static int number = 0;
        const std::filesystem::path stem = subject().folder() / (name + std::to_string(++number));
        MachineSpec spec;
        spec.name = name;
        spec.vcpus = 2;
        spec.memory_mib = 384;
        spec.disk = stem.string() + ".qcow2";
        spec.serial_log = stem.string() + ".log";
        spec.agent_socket = stem.string() + ".agent";
        spec.nics = {{"lan", "52:54:00:12:34:56"}};
        subject().make_overlay(spec.disk, base);
        return spec;
    }

    static CheckpointFiles files(const std::string& stem) {
        const auto at = [&](const char* end) { return subject().folder() / (stem + end); };
        CheckpointFiles files{at(".state"), std::nullopt, at(".json")};
        if (kind() == CheckpointKind::mapped) files.memory = at(".ram");
        return files;
    }

    /// A checkpoint of a booted 'web'.
    static const Prepared& prepared() {
        static std::map<CheckpointKind, Prepared> made;
        if (const auto found = made.find(kind()); found != made.end()) return found->second;
        MachineSpec spec = machine("web");
        Prepared now{files("prepared-" + std::string(name(kind()))), spec.disk, ""};
        if (now.files.memory) spec.memory_file = now.files.memory->string() + ".new";
        hypervisor().start(spec);
        now.boot_id = subject().boot_id(spec);
        hypervisor().checkpoint({"web"}, {now.files}, kind());
        return made[kind()] = now;
    }

    static MachineSpec clone() { return machine("web", prepared().disk); }
    static MachineSpec running_clone() {
        const MachineSpec spec = clone();
        hypervisor().restore(spec, prepared().files, kind());
        return spec;
    }
};

INSTANTIATE_TEST_SUITE_P(each, hypervisor_contract,
                         testing::Values(CheckpointKind::mapped, CheckpointKind::saved),
                         [](const auto& given) { return std::string(name(given.param)); });

TEST_P(hypervisor_contract, offers_the_kind_of_checkpoint) {
    EXPECT_THAT(hypervisor().checkpoint_kinds(), testing::Contains(kind()));
}

TEST_P(hypervisor_contract, starts_pauses_resumes_and_ends_a_machine) {
    const MachineSpec spec = machine("web");
    hypervisor().start(spec);
    EXPECT_EQ(hypervisor().state("web"), MachineState::running);
    EXPECT_TRUE(hypervisor().responds("web", Seconds(10)));
    EXPECT_TRUE(std::filesystem::exists(spec.agent_socket));
    EXPECT_TRUE(std::filesystem::exists(spec.serial_log));
    hypervisor().pause("web");
    EXPECT_EQ(hypervisor().state("web"), MachineState::paused);
    hypervisor().resume("web");
    EXPECT_EQ(hypervisor().state("web"), MachineState::running);
    hypervisor().destroy("web");
    EXPECT_EQ(hypervisor().state("web"), MachineState::stopped);
    EXPECT_FALSE(hypervisor().responds("web", Seconds(1)));
    EXPECT_FALSE(std::filesystem::exists(spec.agent_socket));
    hypervisor().destroy("web");  // again: nothing
}

TEST_P(hypervisor_contract, refuses_a_second_machine_of_the_same_name) {
    hypervisor().start(machine("web"));
    EXPECT_EQ(code_of([] { hypervisor().start(machine("web")); }), ErrorCode::conflict);
    EXPECT_EQ(hypervisor().state("web"), MachineState::running);
}

TEST_P(hypervisor_contract, takes_the_name_again_after_a_machine_ended) {
    hypervisor().start(machine("web"));
    hypervisor().destroy("web");
    hypervisor().start(machine("web"));
    EXPECT_EQ(hypervisor().state("web"), MachineState::running);
}

TEST_P(hypervisor_contract, runs_several_machines_side_by_side) {
    hypervisor().start(machine("web"));
    hypervisor().start(machine("db"));
    hypervisor().destroy("web");
    EXPECT_EQ(hypervisor().state("db"), MachineState::running);
}

TEST_P(hypervisor_contract, refuses_a_machine_without_its_disk_and_forgets_it) {
    MachineSpec spec = machine("web");
    std::filesystem::remove(spec.disk);
    EXPECT_EQ(code_of([&] { hypervisor().start(spec); }), ErrorCode::lab);
    hypervisor().start(machine("web"));
}

TEST_P(hypervisor_contract, refuses_a_machine_that_makes_no_sense) {
    const auto refused = [](auto spoil) {
        MachineSpec spec = machine("web");
        spoil(spec);
        return code_of([&] { hypervisor().start(spec); }) == ErrorCode::invalid;
    };
    EXPECT_TRUE(refused([](MachineSpec& spec) { spec.name = "../web"; }));
    EXPECT_TRUE(refused([](MachineSpec& spec) { spec.vcpus = 0; }));
    EXPECT_TRUE(refused([](MachineSpec& spec) { spec.memory_mib = 1; }));
    EXPECT_TRUE(refused([](MachineSpec& spec) { spec.disk_format = "vmdk"; }));
    EXPECT_TRUE(refused([](MachineSpec& spec) { spec.disk = "relative.qcow2"; }));
    EXPECT_TRUE(
        refused([](MachineSpec& spec) { spec.agent_socket = "/" + std::string(120, 'x'); }));
    EXPECT_TRUE(refused([](MachineSpec& spec) {
        spec.nics = {{"lan", "52:54:00,romfile=/etc/passwd"}};
    }));
}

TEST_P(hypervisor_contract, does_not_know_a_machine_that_was_never_started) {
    EXPECT_EQ(code_of([] { hypervisor().pause("ghost"); }), ErrorCode::not_found);
    EXPECT_EQ(code_of([] { hypervisor().resume("ghost"); }), ErrorCode::not_found);
    EXPECT_EQ(code_of([] { hypervisor().attach_disk("ghost", "/dev/null", "x"); }),
              ErrorCode::not_found);
    EXPECT_EQ(code_of([] { hypervisor().checkpoint({"ghost"}, {files("ghost")}, kind()); }),
              ErrorCode::not_found);
    EXPECT_EQ(hypervisor().state("ghost"), MachineState::stopped);
    hypervisor().destroy("ghost");
}

TEST_P(hypervisor_contract, leaves_a_checkpoint_that_nobody_writes_any_more) {
    const Prepared& checkpoint = prepared();
    EXPECT_EQ(hypervisor().state("web"), MachineState::stopped);
    for (const auto& file :
         {checkpoint.files.state, checkpoint.files.definition, checkpoint.disk}) {
        struct stat info {};
        ASSERT_EQ(::stat(file.c_str(), &info), 0) << file;
        EXPECT_EQ(info.st_mode & 0222U, 0U) << file;
        EXPECT_EQ(info.st_uid, ::geteuid()) << file;
    }
}

TEST_P(hypervisor_contract, goes_on_from_a_checkpoint_instead_of_booting) {
    const MachineSpec spec = running_clone();
    EXPECT_EQ(hypervisor().state("web"), MachineState::running);
    EXPECT_EQ(subject().boot_id(spec), prepared().boot_id);
}

TEST_P(hypervisor_contract, restores_the_same_checkpoint_again_and_again) {
    running_clone();
    hypervisor().destroy("web");
    EXPECT_EQ(subject().boot_id(running_clone()), prepared().boot_id);
}

TEST_P(hypervisor_contract, runs_a_second_clone_beside_the_first_where_the_checkpoint_is_mapped) {
    const MachineSpec first = running_clone();
    MachineSpec second = clone();
    second.clone = "beside";
    const auto restore = [&] { hypervisor().restore(second, prepared().files, kind()); };
    if (kind() == CheckpointKind::saved) {
        EXPECT_EQ(code_of(restore), ErrorCode::invalid);
        return;
    }
    restore();
    EXPECT_EQ(hypervisor().state(first.id()), MachineState::running);
    EXPECT_EQ(hypervisor().state(second.id()), MachineState::running);
    EXPECT_EQ(subject().boot_id(first), prepared().boot_id);
    EXPECT_EQ(subject().boot_id(second), prepared().boot_id);
    EXPECT_NE(first.id(), second.id());
    hypervisor().destroy(second.id());
    EXPECT_EQ(hypervisor().state(second.id()), MachineState::stopped);
    EXPECT_EQ(hypervisor().state(first.id()), MachineState::running);
}

TEST_P(hypervisor_contract, restores_no_other_machine_from_a_checkpoint) {
    const auto refused = [](auto spoil) {
        MachineSpec spec = clone();
        spoil(spec);
        return code_of([&] { hypervisor().restore(spec, prepared().files, kind()); }) ==
               ErrorCode::invalid;
    };
    EXPECT_TRUE(refused([](MachineSpec& spec) { spec.memory_mib += 64; }));
    EXPECT_TRUE(refused([](MachineSpec& spec) { spec.vcpus += 1; }));
    EXPECT_TRUE(refused([](MachineSpec& spec) { spec.nics.clear(); }));
    EXPECT_TRUE(refused([](MachineSpec& spec) { spec.name = "db"; }));
    const auto other =
        kind() == CheckpointKind::mapped ? CheckpointKind::saved : CheckpointKind::mapped;
    EXPECT_EQ(code_of([&] { hypervisor().restore(clone(), prepared().files, other); }),
              ErrorCode::invalid);
}

TEST_P(hypervisor_contract, restores_no_memory_that_was_touched_after_the_checkpoint) {
    if (kind() != CheckpointKind::mapped)
        GTEST_SKIP() << "only a mapped checkpoint has a memory file";
    CheckpointFiles touched = prepared().files;
    touched.memory = touched.memory->string() + ".touched";
    write_file_atomic(*touched.memory, "not what was written");
    EXPECT_EQ(code_of([&] { hypervisor().restore(clone(), touched, kind()); }), ErrorCode::lab);
}

TEST_P(hypervisor_contract, leaves_nothing_of_a_checkpoint_that_failed) {
    MachineSpec spec = machine("web");
    const CheckpointFiles failed = files("failed");
    if (failed.memory) spec.memory_file = failed.memory;
    hypervisor().start(spec);
    const std::filesystem::path disk = subject().folder() / "extra.img";
    write_file_atomic(disk, std::string(1 << 20, '\0'), 0444);
    hypervisor().attach_disk("web", disk, "extra");
    EXPECT_EQ(code_of([&] { hypervisor().checkpoint({"web"}, {failed}, kind()); }),
              ErrorCode::conflict);
    EXPECT_EQ(hypervisor().state("web"), MachineState::stopped);
    EXPECT_FALSE(std::filesystem::exists(failed.state));
    EXPECT_FALSE(std::filesystem::exists(failed.definition));
    EXPECT_FALSE(failed.memory && std::filesystem::exists(*failed.memory));
}

TEST_P(hypervisor_contract, plugs_and_unplugs_a_disk) {
    const MachineSpec spec = running_clone();
    subject().boot_id(spec);
    const std::filesystem::path disk = subject().folder() / "patch.img";
    write_file_atomic(disk, std::string(1 << 20, '\0'), 0444);
    hypervisor().attach_disk("web", disk, "patch");
    EXPECT_EQ(code_of([&] { hypervisor().attach_disk("web", disk, "patch"); }),
              ErrorCode::conflict);
    EXPECT_EQ(code_of([] { hypervisor().detach_disk("web", "other"); }), ErrorCode::not_found);
    // each time it is gone before the call returns
    for (int again = 0; again < 2; ++again) {
        hypervisor().detach_disk("web", "patch");
        hypervisor().attach_disk("web", disk, "patch");
    }
}

}  // namespace
}  // namespace patchlab::virt
