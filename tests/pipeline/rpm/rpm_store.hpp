// SPDX-License-Identifier: Apache-2.0
//
// A patch store, and packages that rpmbuild makes for it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/families/package_family.hpp"
#include "orchestrator/intake/adder.hpp"
#include "orchestrator/intake/fetcher.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "tests/support/rpm_builder.hpp"

namespace patchlab::test {

class RpmStoreTest : public ::testing::Test {
  protected:
    const TempFolder folder_{fs::temp_directory_path(), "patchlab-rpm-test"};
    process::SystemCommandRunner runner_;
    RpmBuilder builder_{folder_.path() / "made"};
    fs::path state_ = make_state();
    store::Database database_{state_ / "db", intake::migrations()};
    intake::PatchStore store_{state_, database_};
    SystemClock clock_;

    static families::ReadSystemFile reader_of(const fs::path& root) {
        return [root](const std::string& path, std::size_t most) {
            return read_file_if_any(root.string() + path, most);
        };
    }
    std::string database_of(const fs::path& root) const {
        return families::family("rpm").database_of(reader_of(root));
    }
    /// Why it fails.
    template <typename Work>
    static std::string failure(Work&& work, ErrorCode code) {
        try {
            work();
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), code) << error.what();
            return error.what();
        }
        ADD_FAILURE() << "it was accepted";
        return {};
    }

  private:
    fs::path make_state() const {
        make_folder(folder_.path() / "state" / "tmp");
        return folder_.path() / "state";
    }
};

}  // namespace patchlab::test
