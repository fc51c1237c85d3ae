// SPDX-License-Identifier: Apache-2.0
#include "reports/evidence.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evidence_fixture.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "reports/sealed_file.hpp"

namespace patchlab::reports {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;

unsigned mode_of(const std::filesystem::path& path) {
    struct stat info {};
    ::lstat(path.c_str(), &info);
    return info.st_mode & 07777U;
}

template <typename Work>
ErrorCode code_of(Work work) {
    try {
        work();
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::internal;
}

struct Evidence : ::testing::Test {
    EvidenceFolder folder;
    std::filesystem::path path = folder.path();
    void SetUp() override { folder.fill(); }

    std::vector<EvidenceProblem> problems_after(const std::function<void()>& deed) {
        seal(path);
        folder.make_writable();
        deed();
        return verify(path).problems;
    }
    static auto problem(const std::string& file, const std::string& what) {
        return AllOf(Field(&EvidenceProblem::file, file),
                     Field(&EvidenceProblem::what, HasSubstr(what)));
    }
};

TEST_F(Evidence, seals_every_file_and_is_intact_afterwards) {
    const SealedEvidence sealed = seal(path);
    EXPECT_EQ(sealed.files, 4U);
    EXPECT_EQ(sealed.digest, sha256_file(path / "manifest.json"));
    const EvidenceVerification found = verify(path);
    EXPECT_TRUE(found.ok());
    EXPECT_EQ(found.digest, sealed.digest);
    const Json manifest = read_json(path / "manifest.json");
    EXPECT_EQ(manifest["schema"], "patchlab/evidence/v1");
    EXPECT_EQ(manifest["files"][0]["path"], "captures/web-before.json");
    EXPECT_EQ(manifest["files"][0]["sha256"], sha256_hex("{}"));
}

TEST_F(Evidence, is_read_only_once_sealed) {
    seal(path);
    EXPECT_EQ(mode_of(path), 0550U);
    EXPECT_EQ(mode_of(path / "logs/web"), 0550U);
    EXPECT_EQ(mode_of(path / "logs/web/apply.log"), 0440U);
    EXPECT_EQ(mode_of(path / "manifest.json"), 0440U);
}

TEST_F(Evidence, is_sealed_only_once) {
    seal(path);
    EXPECT_EQ(code_of([&] { seal(path); }), ErrorCode::conflict);
    EXPECT_TRUE(verify(path).ok());
}

TEST_F(Evidence, refuses_to_seal_what_points_elsewhere_or_is_no_plain_file) {
    std::filesystem::create_symlink("/etc/passwd", path / "logs/link");
    EXPECT_EQ(code_of([&] { seal(path); }), ErrorCode::invalid);
    std::filesystem::remove(path / "logs/link");

    ASSERT_EQ(::mkfifo((path / "logs/pipe").c_str(), 0600), 0);
    EXPECT_EQ(code_of([&] { seal(path); }), ErrorCode::invalid);
    std::filesystem::remove(path / "logs/pipe");

    std::filesystem::create_hard_link(path / "run.json", path / "again.json");
    EXPECT_EQ(code_of([&] { seal(path); }), ErrorCode::invalid);
    std::filesystem::remove(path / "again.json");

    folder.write("logs/\xe2\x80\xaegol.txt", "turned around");
    EXPECT_EQ(code_of([&] { seal(path); }), ErrorCode::invalid);
    EXPECT_FALSE(std::filesystem::exists(path / "manifest.json"));
}

TEST_F(Evidence, leaves_no_folder_that_the_manifest_could_not_vouch_for) {
    std::filesystem::create_directories(path / "drill/empty");
    seal(path);
    EXPECT_FALSE(std::filesystem::exists(path / "drill"));
    EXPECT_TRUE(verify(path).ok());
}

TEST_F(Evidence, finds_a_changed_file_of_the_same_size_and_time) {
    const auto file = path / "captures/web-before.json";
    const auto time = std::filesystem::last_write_time(file);
    EXPECT_THAT(problems_after([&] {
                    folder.write("captures/web-before.json", "[]");
                    std::filesystem::last_write_time(file, time);
                }),
                ElementsAre(problem("captures/web-before.json", "changed")));
}

TEST_F(Evidence, finds_added_missing_and_renamed_files_and_added_folders) {
    EXPECT_THAT(problems_after([&] {
                    std::filesystem::rename(path / "logs/web/apply.log",
                                            path / "logs/web/other.log");
                    std::filesystem::create_directory(path / "zzz");
                }),
                ElementsAre(problem("logs/web/apply.log", "missing"),
                            problem("logs/web/other.log", "not in the manifest"),
                            problem("zzz", "not in the manifest")));
}

TEST_F(Evidence, never_follows_a_symlink_put_in_place_of_a_file_or_folder) {
    const auto copy = path.parent_path() / "copy";
    EXPECT_THAT(problems_after([&] {
                    std::filesystem::copy(path / "captures", copy,
                                          std::filesystem::copy_options::recursive);
                    std::filesystem::remove_all(path / "captures");
                    std::filesystem::create_directory_symlink(copy, path / "captures");
                }),
                ElementsAre(problem("captures", "symbolic link"),
                            problem("captures/web-before.json", "missing")));
}

TEST_F(Evidence, a_manifest_that_was_edited_is_not_a_manifest) {
    seal(path);
    folder.make_writable();
    const std::string text = read_file(path / "manifest.json");
    for (const auto& [from, to] :
         {std::pair<std::string, std::string>{"\"size\": 2", "\"size\": 3"},
          {"\n", "\n\n"},
          {"T", "t"}}) {
        std::string edited = text;
        edited.replace(edited.find(from), from.size(), to);
        write_file_atomic(path / "manifest.json", edited);
        EXPECT_EQ(code_of([&] { verify(path); }), ErrorCode::invalid) << to;
    }
}

TEST_F(Evidence, a_manifest_cannot_name_files_outside_the_folder) {
    for (const char* name : {"../secret", "/etc/passwd", "a//b", "a/./b", "", "a/"}) {
        Manifest manifest{"2026-11-23T00:00:00Z", {{name, 1, std::string(64, 'a')}}};
        EXPECT_EQ(code_of([&] { parse_manifest(manifest_text(manifest), "m"); }),
                  ErrorCode::invalid)
            << name;
    }
}

TEST_F(Evidence, says_that_there_is_none) {
    EXPECT_EQ(code_of([&] { verify(path); }), ErrorCode::not_found);
    EXPECT_EQ(code_of([&] { verify(path / "nowhere"); }), ErrorCode::not_found);
}

TEST_F(Evidence, a_report_reads_sealed_bytes_or_nothing) {
    seal(path);
    EXPECT_EQ(SealedFolder(path).read("captures/web-before.json"), "{}");
    EXPECT_EQ(code_of([&] { SealedFolder(path).read("nothing.json"); }), ErrorCode::not_found);
    folder.make_writable();
    folder.write("captures/web-before.json", "[]");
    EXPECT_EQ(code_of([&] { SealedFolder(path).read("captures/web-before.json"); }),
              ErrorCode::refused);
}

}  // namespace
}  // namespace patchlab::reports
