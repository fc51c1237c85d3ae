// SPDX-License-Identifier: Apache-2.0
#include "platform/virt/checkpoint_definition.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "platform/core/files.hpp"

namespace patchlab::virt {
namespace {

class checkpoint_definition : public testing::Test {
  protected:
    checkpoint_definition() {
        write_file_atomic(*files_.memory, "memory");
        definition_.uuid = "u";
        definition_.spec.name = "web";
        definition_.spec.nics = {{"lan", "52:54:00:00:00:01"}};
        definition_.emulator = 7'002'022;
        definition_.memory_mark = mark_of(*files_.memory);
    }
    TempFolder folder_{"/tmp", "definition"};
    CheckpointFiles files_{folder_.path() / "state", folder_.path() / "ram",
                           folder_.path() / "definition.json"};
    CheckpointDefinition definition_;
};

TEST_F(checkpoint_definition, reads_what_it_wrote) {
    write_definition(files_.definition, definition_);
    const CheckpointDefinition read = read_definition(files_.definition);
    EXPECT_EQ(read.uuid, "u");
    EXPECT_EQ(read.emulator, definition_.emulator);
    EXPECT_EQ(read.memory_mark, definition_.memory_mark);
    EXPECT_NO_THROW(require_match(read, definition_.spec, files_, CheckpointKind::mapped));
}

TEST_F(checkpoint_definition, refuses_a_damaged_file) {
    for (const char* text : {"", "{}", R"({"schema": "patchlab/checkpoint/v2"})",
                             R"({"schema": "patchlab/checkpoint/v1", "kind": "other"})"}) {
        write_file_atomic(files_.definition, text);
        EXPECT_THROW(read_definition(files_.definition), Error) << text;
    }
}

TEST_F(checkpoint_definition, notices_memory_that_was_written_even_when_its_times_were_set_back) {
    struct stat before {};
    ASSERT_EQ(::stat(files_.memory->c_str(), &before), 0);
    append_line_durable(*files_.memory, "poison");
    const timespec times[2] = {before.st_atim, before.st_mtim};
    ASSERT_EQ(::utimensat(AT_FDCWD, files_.memory->c_str(), times, 0), 0);
    EXPECT_THROW(require_match(definition_, definition_.spec, files_, CheckpointKind::mapped),
                 Error);
}

}  // namespace
}  // namespace patchlab::virt
