// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/core/digest.hpp"
#include "platform/core/json.hpp"
#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;

class Backup : public testing::Test {
  protected:
    Backup() {
        run_ = lab_.approved_run();
        write_file_atomic(passphrase_, "correct horse battery\n", 0600);
    }

    process::CommandResult patchlab(const fs::path& state, std::vector<std::string> words) {
        process::CommandSpec command;
        command.program = PATCHLAB_SIM;
        command.args = {"--state-dir", state.string()};
        command.args.insert(command.args.end(), words.begin(), words.end());
        command.purpose = "running patchlab";
        command.deadline = Seconds(120);
        return process::SystemCommandRunner().run(command);
    }
    process::CommandResult backup(const std::vector<std::string>& words, const fs::path& state) {
        std::vector<std::string> all{"backup"};
        all.insert(all.end(), words.begin(), words.end());
        all.insert(all.end(), {"--passphrase-file", passphrase_.string()});
        return patchlab(state, all);
    }
    void create() {
        const auto made = backup({"create", file_.string()}, lab_.state());
        ASSERT_EQ(made.exit_code, 0) << made.err;
    }
    void tar(const std::vector<std::string>& args) {
        process::CommandSpec command;
        command.program = "tar";
        command.args = args;
        command.purpose = "packing";
        process::SystemCommandRunner().require(command);
    }

    PlayedLab lab_;
    std::string run_;
    TempFolder folder_{fs::temp_directory_path(), "backup"};
    const fs::path file_ = folder_.path() / "all.tar.zst";
    const fs::path passphrase_ = folder_.path() / "pass";
    const fs::path elsewhere_ = folder_.path() / "another" / "machine";
};

TEST_F(Backup, restored_elsewhere_has_trail_evidence_decisions_and_keys) {
    create();
    EXPECT_EQ(fs::status(file_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    const auto restored = backup({"restore", file_.string()}, elsewhere_);
    ASSERT_EQ(restored.exit_code, 0) << restored.err;
    const auto trail = patchlab(elsewhere_, {"audit", "verify"});
    EXPECT_EQ(trail.exit_code, 0) << trail.out << trail.err;
    const fs::path evidence = elsewhere_ / "runs" / run_ / "evidence";
    const fs::path key = folder_.path() / "keys.pem";
    EXPECT_EQ(patchlab(elsewhere_, {"key", "export", "-o", key.string()}).exit_code, 0);
    const auto verified =
        patchlab(elsewhere_, {"evidence", "verify", evidence.string(), "--key", key.string()});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    EXPECT_EQ(patchlab(elsewhere_, {"run", "show", run_, "--exit-code"}).exit_code, 0);
    EXPECT_EQ(patchlab(elsewhere_, {"policy", "explain", run_}).out,
              lab_.run({"policy", "explain", run_}).out);
    for (const auto& entry : fs::recursive_directory_iterator(lab_.state() / "keys")) {
        if (!entry.is_regular_file() || entry.path().extension() != ".key") continue;
        EXPECT_EQ(read_file(entry.path()),
                  read_file(elsewhere_ / entry.path().lexically_relative(lab_.state())));
    }
    // and it goes on
    const auto added = patchlab(elsewhere_, {"user", "add", "vera", "--role", "tester"});
    EXPECT_EQ(added.exit_code, 0) << added.err;
    EXPECT_EQ(patchlab(elsewhere_, {"audit", "verify"}).exit_code, 0);
}

TEST_F(Backup, holds_no_secret_key_in_the_clear) {
    create();
    tar({"--extract", "--zstd", "--file=" + file_.string(),
         "--directory=" + folder_.path().string()});
    EXPECT_FALSE(fs::exists(folder_.path() / "keys"));
    EXPECT_THAT(read_file(folder_.path() / "backup-keys.locked"), Not(HasSubstr("PRIVATE KEY")));
    EXPECT_FALSE(fs::exists(folder_.path() / "prepared"));
}

TEST_F(Backup, tells_any_byte_that_changed_since_it_was_made) {
    create();
    ASSERT_EQ(backup({"verify", file_.string()}, elsewhere_).exit_code, 0);
    const std::string whole = read_file(file_);
    for (const std::size_t at : {whole.size() / 3, whole.size() / 2, whole.size() - 40}) {
        std::string altered = whole;
        altered[at] = static_cast<char>(altered[at] ^ 0x10);
        write_file_atomic(file_, altered, 0600);
        EXPECT_NE(backup({"verify", file_.string()}, elsewhere_).exit_code, 0) << at;
    }
    write_file_atomic(file_, whole.substr(0, whole.size() / 2), 0600);
    EXPECT_NE(backup({"verify", file_.string()}, elsewhere_).exit_code, 0);
    EXPECT_NE(backup({"restore", file_.string()}, elsewhere_).exit_code, 0);
    EXPECT_FALSE(fs::exists(elsewhere_));
}

TEST_F(Backup, made_up_anew_by_somebody_without_the_passphrase_is_not_restored) {
    create();
    const fs::path inside = folder_.path() / "inside";
    make_folder(inside);
    tar({"--extract", "--zstd", "--file=" + file_.string(), "--directory=" + inside.string()});
    const fs::path state_file = inside / "runs" / run_ / "state.json";
    write_file_atomic(state_file, read_file(state_file) + " ");
    Json manifest = read_json(inside / "backup.json");
    for (Json& item : manifest["items"])
        if (item.at("path") == "runs/" + run_ + "/state.json") {
            item["size"] = fs::file_size(state_file);
            item["sha256"] = sha256_file(state_file);
            item["mode"] = 0644;
        }
    write_json(inside / "backup.json", manifest);
    const fs::path forged = folder_.path() / "forged.tar.zst";
    tar({"--create", "--zstd", "--file=" + forged.string(), "--directory=" + inside.string(),
         "backup.json", "backup-keys.locked", "patchlab.db", "runs"});
    const auto restored = backup({"restore", forged.string()}, elsewhere_);
    EXPECT_EQ(restored.exit_code, 1) << restored.out;
    EXPECT_FALSE(fs::exists(elsewhere_));
    const auto verified = backup({"verify", forged.string(), "--json"}, elsewhere_);
    EXPECT_EQ(verified.exit_code, 1);
    EXPECT_THAT(verified.out, HasSubstr("backup-keys.locked"));
}

TEST_F(Backup, is_restored_with_its_own_passphrase_and_only_where_nothing_is) {
    create();
    EXPECT_EQ(backup({"create", file_.string()}, lab_.state()).exit_code, 2) << "it is there";
    make_folder(elsewhere_);
    write_file_atomic(elsewhere_ / "precious", "");
    const auto full = backup({"restore", file_.string()}, elsewhere_);
    EXPECT_EQ(full.exit_code, 2);
    EXPECT_THAT(full.err, HasSubstr("there is something in"));
    fs::remove(elsewhere_ / "precious");
    write_file_atomic(passphrase_, "another passphrase\n", 0600);
    EXPECT_EQ(backup({"restore", file_.string()}, elsewhere_).exit_code, 1);
    EXPECT_TRUE(fs::is_empty(elsewhere_));
    write_file_atomic(passphrase_, "correct horse battery\n", 0644);
    EXPECT_THAT(backup({"restore", file_.string()}, elsewhere_).err,
                HasSubstr("can be read by others"));
}

}  // namespace
}  // namespace patchlab::tests
