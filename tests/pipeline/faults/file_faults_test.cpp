// SPDX-License-Identifier: Apache-2.0
//
// Files fail under the program: a full disk, a broken one, a short write, a sync that fails, a
// power cut after a call. Whatever call it is: nothing that was reported done is gone, the audit
// trail holds, what was left half done can be done again, and no patch is condemned for it.
//
// A few calls of each kind are tried, spread over all there are; with PATCHLAB_FILE_FAULTS=all each
// one (hours).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <iostream>
#include <set>

#include "platform/core/error.hpp"
#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::AnyOf;
using testing::Not;
using Words = std::vector<std::string>;
using Environment = std::map<std::string, std::string>;

/// A counter that the program's processes share, and the words that make them use it.
class FileFaults {
  public:
    Environment environment(const fs::path& root, const std::string& kind, std::uint64_t at) const {
        write_file_atomic(counter_, std::string(sizeof(std::uint64_t), '\0'));
        return {{"LD_PRELOAD", PATCHLAB_FILE_FAULTS_LIBRARY},
                {"ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=0"},
                {"PATCHLAB_FILE_FAULT", kind + ":" + std::to_string(at)},
                {"PATCHLAB_FILE_ROOT", root.string()},
                {"PATCHLAB_FILE_COUNT", counter_.string()}};
    }
    std::uint64_t count() const {
        const std::string bytes = read_file(counter_);
        std::uint64_t number = 0;
        std::memcpy(&number, bytes.data(), sizeof number);
        return number;
    }

  private:
    TempFolder folder_{fs::temp_directory_path(), "faults"};
    fs::path counter_ = folder_.path() / "count";
};

/// `most` numbers from 1 to `last`, spread evenly, its ends among them; all of them on demand.
std::set<std::uint64_t> spread(std::uint64_t last, std::uint64_t most) {
    const char* wish = std::getenv("PATCHLAB_FILE_FAULTS");
    if (wish && std::string_view(wish) == "all") most = last;
    std::set<std::uint64_t> chosen;
    for (std::uint64_t i = 0; i < most; ++i)
        chosen.insert(1 + (last - 1) * i / std::max<std::uint64_t>(1, most - 1));
    return chosen;
}

class FailingFiles : public testing::TestWithParam<const char*> {
  protected:
    /// Calls the verb on a copy of `before` for a few of the calls it makes; `after` sees the copy.
    void each(const PlayedLab& before, const Words& words, std::uint64_t most,
              const std::function<void(PlayedLab&, const process::CommandResult&)>& after) {
        const std::string kind = GetParam();
        PlayedLab counted = before.copy();
        const auto plain = counted.run(words, faults_.environment(counted.state(), kind, 0));
        ASSERT_EQ(plain.exit_code, 0) << plain.err;
        const std::uint64_t calls = faults_.count();
        ASSERT_GT(calls, 3U) << "the library sees nothing";
        int failed = 0;
        const std::set<std::uint64_t> chosen = spread(calls, most);
        for (const std::uint64_t at : chosen) {
            PlayedLab lab = before.copy();
            const auto result = lab.run(words, faults_.environment(lab.state(), kind, at));
            SCOPED_TRACE(kind + " at call " + std::to_string(at) + " of " + std::to_string(calls) +
                         ": exit code " + std::to_string(result.exit_code) + "\n" + result.err);
            if (result.exit_code != 0 && kind != "crash") {
                EXPECT_FALSE(result.err.empty()) << "it failed without a word";
            }
            failed += result.exit_code == 0 ? 0 : 1;
            after(lab, result);
            const auto trail = lab.run({"audit", "verify"});
            EXPECT_EQ(trail.exit_code, 0) << trail.out << trail.err;
        }
        std::cout << calls << " calls, " << chosen.size() << " tried, " << failed << " failed\n";
        // others may be borne: a short write goes on where it ended
        if (kind == "full" || kind == "crash") {
            EXPECT_GT(failed, 0);
        }
    }

    FileFaults faults_;
};

TEST_P(FailingFiles, approve_is_done_or_can_be_done) {
    PlayedLab before;
    before.add_people();
    ASSERT_EQ(before.rehearse({{"PATCHLAB_USER", "tess"}}).exit_code, 0);
    const std::string run = before.newest_id();
    const Words approve{"--as", "bob", "approve", run};
    each(before, approve, 3, [&](PlayedLab& lab, const process::CommandResult& result) {
        const Words ask{"--as", "bob", "policy", "explain", run};
        if (result.exit_code == 0) {
            EXPECT_EQ(lab.run(ask).exit_code, 0) << "reported, but not kept";
        } else if (lab.run(ask).exit_code != 0) {
            const auto again = lab.run(approve);
            EXPECT_EQ(again.exit_code, 0) << again.err;
        }
        EXPECT_EQ(lab.run(ask).exit_code, 0);
    });
}

TEST_P(FailingFiles, publish_offers_what_was_approved_or_nothing) {
    PlayedLab before;
    const std::string run = before.approved_run();
    const Words promote{"--as", "bob", "catalog", "promote", run, "--to", "ring-0", "--publish"};
    each(before, promote, 2, [&](PlayedLab& lab, const process::CommandResult& result) {
        if (result.exit_code != 0) {
            const auto again = lab.run(promote);
            EXPECT_EQ(again.exit_code, 0) << again.err;
        }
        const Json list = parse_json(lab.run({"catalog", "list", "--json"}).out, "list");
        ASSERT_EQ(list.at("entries").size(), 1U);
        const std::string id = list.at("entries").at(0).at("id");
        const auto verified = lab.run({"catalog", "verify", id});
        EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
        const Json channels = parse_json(lab.run({"catalog", "channels", "--json"}).out, "list");
        EXPECT_FALSE(channels.at("channels").at(0).at("snapshot").is_null());
    });
}

TEST_P(FailingFiles, a_rehearsal_condemns_no_patch_and_seals_whole_evidence) {
    PlayedLab before;
    const Words start{"run", "start", "--lab", "shop", "--patch", "hello_2.0", "--no-drill"};
    each(before, start, 3, [&](PlayedLab& lab, const process::CommandResult& result) {
        EXPECT_THAT(result.exit_code, Not(AnyOf(1, 5))) << "the lab's fault condemned the patch";
        if (lab.run_count() == 0) return;
        const std::string id = lab.newest_id();
        if (!fs::is_directory(lab.state() / "runs" / id / "evidence")) {
            const auto resumed = lab.run({"run", "resume", id});
            EXPECT_THAT(resumed.exit_code, AnyOf(0, 2, 3)) << resumed.out << resumed.err;
        }
        if (!fs::is_directory(lab.state() / "runs" / id / "evidence")) return;
        const auto verified = lab.run({"evidence", "verify", id});
        EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    });
}

INSTANTIATE_TEST_SUITE_P(Each, FailingFiles,
                         testing::Values("full", "error", "short", "sync", "crash"),
                         [](const auto& kind) { return std::string(kind.param); });

}  // namespace
}  // namespace patchlab::tests
