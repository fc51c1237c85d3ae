// SPDX-License-Identifier: Apache-2.0
//
// What `diff` lists of a run, and what it says when it lists nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> subjects(const process::CommandResult& listed) {
    const Json answer = Json::parse(listed.out);
    std::vector<std::string> found;
    for (const Json& item : answer.at("items"))
        found.push_back(item.at("subject").get<std::string>());
    return found;
}

TEST(Diff, lists_changes_by_class_and_by_whether_they_are_explained) {
    PlayedLab lab;
    lab.play({{"packages", {{"hello", "1.0"}}},
              {"adds_port", "tcp/4444"},
              {"changes_file", "/srv/data/ledger"}});
    ASSERT_EQ(lab.rehearse().exit_code, 5);
    const std::string id = lab.newest_id();
    EXPECT_THAT(subjects(lab.run({"diff", id, "--class", "port", "--json"})),
                ElementsAre("tcp/4444"));
    EXPECT_THAT(subjects(lab.run({"diff", id, "--class", "file", "--class", "package",
                                  "--unexplained", "--json"})),
                ElementsAre("/srv/data/ledger"));
    EXPECT_THAT(subjects(lab.run({"diff", id, "--class", "kernel", "--json"})), IsEmpty());
    EXPECT_EQ(lab.run({"diff", id, "--class", "kernel"}).out, "no change of class kernel\n");
    EXPECT_EQ(lab.run({"diff", id, "--class", "package", "--unexplained"}).out,
              "no change of class package is unexplained\n");
}

TEST(Diff, refuses_a_class_and_a_machine_that_do_not_exist) {
    PlayedLab lab;
    ASSERT_EQ(lab.rehearse().exit_code, 0);
    const auto no_class = lab.run({"diff", lab.newest_id(), "--class", "colour"});
    EXPECT_EQ(no_class.exit_code, 2);
    EXPECT_THAT(no_class.err, HasSubstr("'colour' is no class of change"));
    const auto no_machine = lab.run({"diff", lab.newest_id(), "--machine", "db"});
    EXPECT_NE(no_machine.exit_code, 0);
    EXPECT_THAT(no_machine.err, HasSubstr("no machine 'db'"));
}

TEST(Diff, shows_what_a_changed_file_said_before_and_after) {
    PlayedLab lab;
    lab.play({{"packages", {{"hello", "1.0"}}},
              {"changes_file", "/etc/hello.conf"},
              {"text_before", "port=80\npassword=a\n"},
              {"text_after", "port=8080\npassword=b\n"}});
    ASSERT_EQ(lab.rehearse().exit_code, 5);
    const std::string id = lab.newest_id();
    const auto shown = lab.run({"diff", id, "--content"});
    EXPECT_THAT(shown.out, HasSubstr("-port=80\n+port=8080\n password=[redacted]\n"));
    EXPECT_THAT(shown.out, HasSubstr("2 secrets were taken out"));
    const Json one =
        Json::parse(lab.run({"diff", id, "--content", "/etc/hello.conf", "--json"}).out);
    ASSERT_EQ(one.at("items").size(), 1U);
    EXPECT_EQ(one.at("items").at(0).at("contents").at(0).at("added"), 1);
    EXPECT_EQ(lab.run({"diff", id, "--content", "/etc/nosuch"}).exit_code, 2);
    EXPECT_THAT(lab.run({"report", id}).out, HasSubstr("port=8080"));
}

TEST(Diff, tells_nothing_changed_from_nothing_compared) {
    PlayedLab lab;
    lab.play({{"packages", {{"hello", "1.0"}}}, {"install_silent", true}});
    ASSERT_EQ(lab.rehearse().exit_code, 1);
    EXPECT_THAT(lab.run({"diff", lab.newest_id()}).out, HasSubstr("nothing was compared"));
    EXPECT_EQ(Json::parse(lab.run({"diff", lab.newest_id(), "--json"}).out).at("compared"), false);
}

}  // namespace
}  // namespace patchlab::tests
