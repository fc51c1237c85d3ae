// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/intake/patch_disk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <utime.h>

#include "orchestrator/intake/adder.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "tests/pipeline/intake/vendor.hpp"

namespace patchlab::intake {
namespace {

using ::testing::HasSubstr;

class PatchDiskTest : public ::testing::Test {
  protected:
    process::SystemCommandRunner runner_;
    test::Vendor vendor_{runner_};
    store::Database database_{vendor_.state() / "db", migrations()};
    PatchStore store_{vendor_.state(), database_};
    SystemClock clock_;

    Patch add(const std::string& name, const std::string& version) {
        return add_files({vendor_.state(),
                          {vendor_.build({name, version, "Depends: libc6\n"})},
                          {},
                          false,
                          {}},
                         store_, runner_, clock_)
            .at(0);
    }
    std::string cat(const fs::path& image, const std::string& path) {
        process::CommandSpec spec;
        spec.program = "debugfs";
        spec.args = {"-R", "cat " + path, image.string()};
        return runner_.require(spec).out;
    }
};

TEST_F(PatchDiskTest, holds_a_repository_that_names_every_file_with_its_hash) {
    const Patch web = add("web", "1:2-1");
    const Patch data = add("data", "3");
    const fs::path image = vendor_.state() / "disk.img";
    make_patch_disk({&web, &data}, false, image, runner_);
    const std::string index = cat(image, "/repo/Packages");
    EXPECT_THAT(index, HasSubstr("Package: web\nVersion: 1:2-1\n"));
    EXPECT_THAT(index, HasSubstr("Filename: ./web_2-1_amd64.deb\nSize: " +
                                 std::to_string(web.packages[0].bytes) +
                                 "\nSHA256: " + web.packages[0].sha256));
    EXPECT_EQ(sha256_hex(cat(image, "/repo/web_2-1_amd64.deb")), web.packages[0].sha256);
    const Json manifest = parse_json(cat(image, "/manifest.json"), "manifest");
    EXPECT_EQ(manifest["packages"].size(), 2U);
    process::CommandSpec check;
    check.program = "e2fsck";
    check.args = {"-fn", image.string()};
    EXPECT_EQ(runner_.run(check).exit_code, 0) << runner_.run(check).out;
}

TEST_F(PatchDiskTest, gives_the_same_bytes_for_the_same_patches) {
    const Patch web = add("web", "2-1");
    const Patch data = add("data", "3");
    make_patch_disk({&web, &data}, false, vendor_.state() / "a.img", runner_);
    const utimbuf long_ago{1000000000, 1000000000};
    ::utime((web.folder / "new" / web.packages[0].file).c_str(), &long_ago);
    make_patch_disk({&data, &web}, false, vendor_.state() / "b.img", runner_);
    make_patch_disk({&web, &data}, false, vendor_.state() / "c.img", runner_);
    EXPECT_EQ(sha256_file(vendor_.state() / "a.img"), sha256_file(vendor_.state() / "c.img"));
}

TEST_F(PatchDiskTest, refuses_altered_files_and_is_empty_where_no_old_version_was_kept) {
    const Patch web = add("web", "2-1");
    make_patch_disk({&web}, true, vendor_.state() / "old.img",
                    runner_);  // what was new is only taken away
    EXPECT_TRUE(fs::exists(vendor_.state() / "old.img"));
    const fs::path file = web.folder / "new" / web.packages[0].file;
    write_file_atomic(file, read_file(file) + "x");
    EXPECT_THROW(make_patch_disk({&web}, false, vendor_.state() / "new.img", runner_), Error);
    EXPECT_FALSE(fs::exists(vendor_.state() / "new.img"));
}

}  // namespace
}  // namespace patchlab::intake
