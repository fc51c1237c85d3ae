// SPDX-License-Identifier: Apache-2.0
//
// Whatever shows what a run found reads sealed evidence: what somebody altered afterwards is an
// error, never a verdict.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/core/json.hpp"
#include "reports/evidence.hpp"
#include "reports/signature.hpp"
#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;

class SealedReading : public testing::Test {
  protected:
    SealedReading() {
        lab_.play({{"packages", {{"hello", "1.0"}}},
                   {"fail_after", {"base/systemd is running"}},
                   {"install_exit", 100}});
        EXPECT_EQ(lab_.rehearse().exit_code, 1);
        run_ = lab_.newest_id();
    }
    fs::path evidence() const { return lab_.state() / "runs" / run_ / "evidence"; }

    /// Gives the run.json of the rejected run a better verdict.
    void forge() {
        make_writable();
        Json run = read_json(evidence() / "run.json");
        run["verdict"] = "validated";
        run["reasons"] = Json::array();
        write_json(evidence() / "run.json", run);
    }
    void make_writable() {
        for (const auto& entry : fs::recursive_directory_iterator(evidence()))
            fs::permissions(entry.path(), fs::perms::owner_write, fs::perm_options::add);
        fs::permissions(evidence(), fs::perms::owner_write, fs::perm_options::add);
    }
    /// No command tells a verdict, and each says why.
    void expect_refused(const std::string& why) {
        for (const std::vector<std::string>& words : {std::vector<std::string>{"run", "show", run_},
                                                      {"run", "show", run_, "--json"},
                                                      {"diff", run_},
                                                      {"run", "compare", run_, run_},
                                                      {"run", "resume", run_},
                                                      {"run", "wait", run_},
                                                      {"report", run_, "--format", "json"}}) {
            const auto result = lab_.run(words);
            EXPECT_EQ(result.exit_code, 1) << words[0] << " " << words[1] << ": " << result.out;
            EXPECT_THAT(result.out, Not(HasSubstr("validated"))) << words[0] << " " << words[1];
            if (words[0] == "report") continue;
            EXPECT_THAT(result.err, HasSubstr(why)) << words[0] << " " << words[1];
        }
    }

    PlayedLab lab_;
    std::string run_;
};

TEST_F(SealedReading, shows_no_verdict_that_was_written_in_afterwards) {
    forge();
    expect_refused("run.json is not what was sealed");
}

TEST_F(SealedReading, believes_no_seal_of_another_key) {
    forge();
    fs::remove(evidence() / "manifest.json");
    fs::remove(evidence() / "evidence.dsse.json");
    reports::seal(evidence());
    reports::sign(evidence(), SecretKey::generate());
    const auto shown = lab_.run({"run", "show", run_});
    EXPECT_EQ(shown.exit_code, 1) << shown.out;
    EXPECT_THAT(shown.err, HasSubstr("is not what was sealed"));
}

TEST_F(SealedReading, misses_a_signature_that_was_taken_away) {
    make_writable();
    fs::remove(evidence() / "evidence.dsse.json");
    const auto shown = lab_.run({"run", "show", run_});
    EXPECT_EQ(shown.exit_code, 1);
    EXPECT_THAT(shown.err, HasSubstr("its signature is gone"));
}

TEST_F(SealedReading, takes_no_evidence_of_another_run) {
    lab_.play({{"packages", {{"hello", "1.0"}}}});
    ASSERT_EQ(lab_.rehearse().exit_code, 0);
    const fs::path good = lab_.state() / "runs" / lab_.newest_id() / "evidence";
    fs::rename(evidence(), fs::path(evidence()) += ".aside");
    fs::copy(good, evidence(), fs::copy_options::recursive);
    const auto shown = lab_.run({"run", "show", run_});
    EXPECT_EQ(shown.exit_code, 1);
    EXPECT_THAT(shown.err, HasSubstr("it is the evidence of run " + lab_.newest_id()));
}

TEST_F(SealedReading, calls_a_run_without_evidence_inconclusive_whatever_its_state_says) {
    make_writable();
    fs::rename(evidence(), fs::path(evidence()) += ".aside");
    const fs::path file = lab_.state() / "runs" / run_ / "state.json";
    Json state = read_json(file);
    state["verdict"] = "validated";
    write_json(file, state);
    const auto shown = lab_.run({"run", "show", run_, "--json", "--exit-code"});
    EXPECT_EQ(parse_json(shown.out, "run").at("verdict"), "inconclusive");
}

}  // namespace
}  // namespace patchlab::tests
