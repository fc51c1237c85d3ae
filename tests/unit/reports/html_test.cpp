// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <regex>

#include "evidence_fixture.hpp"
#include "golden_runs.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "reports/evidence.hpp"
#include "reports/html/page.hpp"
#include "reports/render.hpp"

namespace patchlab::reports {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string page_of(const RunDocument& run) {
    return html::page({run, std::string(64, 'd'), "2026-11-23T05:48:02Z", 12, {}});
}

std::string::size_type at(const std::string& page, const std::string& text) {
    const auto found = page.find(text);
    EXPECT_NE(found, std::string::npos) << "not in the page: " << text;
    return found;
}

/// Of a package of the patch; without one it is unexplained.
RunChange change(const std::string& package, const std::string& subject) {
    RunChange c;
    c.machine = "web";
    c.cls = "file";
    c.subject = subject;
    c.change = "changed";
    c.attribution = package.empty() ? Attribution::unexplained : Attribution::package;
    c.package = package;
    c.before = "file 0644 root:root sha256:" + std::string(64, 'a');
    c.after = "file 0644 root:root sha256:" + std::string(64, 'b');
    return c;
}

TEST(HtmlReport, says_the_verdict_and_why_before_everything_else) {
    const std::string page = page_of(example("rejected"));
    EXPECT_LT(at(page, ">Rejected<"), at(page, "The front page no longer answers"));
    EXPECT_LT(at(page, "A check that passed before fails now"),
              at(page, "The patch changes something sensitive"));
    EXPECT_LT(at(page, "id=\"why\""), at(page, "id=\"checks\""));
    EXPECT_LT(at(page, "tcp/4444"), at(page, "Explained by the patch"));
}

TEST(HtmlReport, puts_the_failing_checks_first) {
    const std::string page = page_of(example("rejected"));
    const auto checks = at(page, "id=\"checks\"");
    EXPECT_LT(page.find("no failed units", checks), page.find("system is running", checks));
    EXPECT_LT(page.find("base on web", checks), page.find("openssh on web", checks));
}

TEST(HtmlReport, claims_nothing_that_was_not_seen) {
    const std::string page = page_of(example("inconclusive"));
    EXPECT_THAT(page, HasSubstr("Not compared"));
    EXPECT_THAT(page, HasSubstr("Not practised"));
    EXPECT_THAT(page, HasSubstr("14 not observed"));
    RunDocument run = example("validated");
    run.drill.reset();
    EXPECT_THAT(page_of(run), HasSubstr("The way back was not practised in this run."));
    EXPECT_THAT(page_of(run), Not(HasSubstr("the way back was practised")));
    run = example("validated");
    run.machines[0].rebooted = true;
    EXPECT_THAT(page_of(run), HasSubstr("no: the boot id is the same"));
    run.verdict.reset();
    EXPECT_THAT(page_of(run), HasSubstr("nothing may be concluded from it"));
    run.backend = "fake";
    EXPECT_THAT(page_of(run), HasSubstr("no real machine ran"));
}

TEST(HtmlReport, needs_nothing_but_itself_and_runs_nothing) {
    for (const char* name : {"validated", "needs-review", "rejected", "inconclusive"}) {
        const std::string page = page_of(example(name));
        EXPECT_THAT(page, HasSubstr("default-src 'none'"));
        EXPECT_FALSE(std::regex_search(
            page, std::regex("<(script|link|img|iframe|object|embed|form|base)[ >]")))
            << name;
        EXPECT_FALSE(std::regex_search(
            page, std::regex("<[^>]* (src|href|style|on[a-z]+)=", std::regex::icase)))
            << name;
        EXPECT_THAT(page, Not(HasSubstr("@import")));
        EXPECT_THAT(page, Not(HasSubstr("url(")));
    }
}

/// Every text of the document replaced by `text`; enumerations and numbers kept.
void poison(Json& json, const std::string& text, const std::string& key = "") {
    static const std::set<std::string> words{"schema",  "verdict", "effect", "outcome",    "before",
                                             "control", "after",   "state",  "attribution"};
    if (json.is_string() && !words.contains(key)) json = text;
    if (json.is_array())
        for (Json& item : json) poison(item, text, key);
    if (json.is_object())
        for (auto& [name, value] : json.items()) poison(value, text, name);
}

TEST(HtmlReport, cannot_be_broken_by_what_a_guest_says) {
    const std::string evil =
        "</title></style></code><script>alert(1)</script>\" onload='x' \u202e\u2066{{body}}<!--" +
        std::string(3000, 'A');
    Json json = read_json(std::string(PATCHLAB_GOLDEN) + "/run/rejected.json");
    poison(json, evil);
    RunDocument run = parse_run_document(json);
    const std::string page = html::page({run, "d", "t", 1, {{evil, evil + "\xff\xfe\x1b[2J"}}});
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, Not(HasSubstr("<!--")));
    EXPECT_THAT(page, Not(HasSubstr("\u202e")));
    EXPECT_THAT(page, Not(HasSubstr("\xff")));
    EXPECT_EQ(page.find("</style>"), page.rfind("</style>"));
    EXPECT_EQ(page.find("</title>"), page.rfind("</title>"));
    EXPECT_EQ(page.find("<main>"), page.rfind("<main>"));
    EXPECT_FALSE(
        std::regex_search(page.substr(page.find("<body")), std::regex("<[a-z]+[^>]* onload=")));
}

TEST(HtmlReport, shows_what_a_file_said_and_does_not_let_it_break_out) {
    const EvidenceFolder folder;
    Json json = read_json(std::string(PATCHLAB_GOLDEN) + "/run/needs-review.json");
    folder.write("run.json", to_text(json));
    folder.write("captures/db-after-contents.json",
                 to_text({{"schema", "patchlab/contents/v1"},
                          {"kept", true},
                          {"files",
                           {{{"path", "/etc/motd"},
                             {"before", {{"text", "hello\n"}, {"redacted", 0}}},
                             {"after", {{"text", "</pre><script>x\u202e\n"}, {"redacted", 1}}},
                             {"not_kept", nullptr}}}}}));
    seal(folder.path());
    const std::string page = render_html(folder.path());
    EXPECT_THAT(page, HasSubstr("<span class=\"del\">-<bdi>hello</bdi></span>"));
    EXPECT_THAT(page, HasSubstr("&lt;/pre&gt;&lt;script&gt;x⟨U+202E⟩"));
    EXPECT_THAT(page, HasSubstr("1 secret was taken out of this text."));
    EXPECT_THAT(page, HasSubstr("patchlab evidence verify " + folder.path().string()));
}

TEST(HtmlReport, says_what_to_do_next_and_what_was_not_practised) {
    RunDocument run = example("needs-review");
    EXPECT_THAT(page_of(run), HasSubstr("patchlab approve " + run.id));
    run.stages.push_back({"endure", "skipped", "not asked for (--no-reboot-check)", 0});
    EXPECT_THAT(page_of(run), HasSubstr("not asked for (--no-reboot-check)"));
    EXPECT_THAT(page_of(example("inconclusive")), HasSubstr("patchlab run start --lab"));
}

TEST(HtmlReport, stays_small_for_a_large_run_and_says_what_it_left_out) {
    RunDocument run = example("validated");
    for (int i = 0; i < 5000; ++i)
        run.changes.items.push_back(
            change("linux-image", "/lib/modules/driver" + std::to_string(i) + ".ko"));
    for (int i = 0; i < 20000; ++i)
        run.changes.items.push_back(
            change("p" + std::to_string(i % 300), "/usr/f" + std::to_string(i)));
    const std::string page = page_of(run);
    EXPECT_LT(page.size(), 3U << 20U);
    EXPECT_THAT(page, HasSubstr("The first 100 of 5,000 are listed here"));
}

TEST(HtmlReport, lists_all_of_a_thousand_unexplained_and_sensitive_changes) {
    RunDocument run = example("validated");
    run.changes = {};
    for (int i = 0; i < 1000; ++i) {
        run.changes.items.push_back(change("", "/opt/u" + std::to_string(i) + "."));
        run.changes.items.push_back(change("nginx", "/opt/s" + std::to_string(i) + "."));
        run.changes.items.back().sensitive = true;
    }
    run.changes.total = 2000;
    const std::string page = page_of(run);
    for (const int i : {0, 500, 999}) {
        EXPECT_THAT(page, HasSubstr("/opt/u" + std::to_string(i) + "."));
        EXPECT_THAT(page, HasSubstr("/opt/s" + std::to_string(i) + "."));
    }
    EXPECT_THAT(page, HasSubstr("Unexplained: 1,000"));
}

TEST(HtmlReport, shows_the_end_of_the_log_that_tells_why_the_install_failed) {
    const EvidenceFolder folder;
    Json json = read_json(std::string(PATCHLAB_GOLDEN) + "/run/rejected.json");
    json["reasons"] =
        Json::array({{{"kind", "apply-failed"}, {"machine", "web"}, {"detail", "dpkg failed"}}});
    folder.write("run.json", to_text(json));
    folder.write("logs/web/apply.log",
                 std::string(20000, 'x') + "\ndpkg: error processing \xff nginx\n");
    folder.write("logs/web/console.log", "not of interest");
    seal(folder.path());
    const std::string page = render_html(folder.path());
    EXPECT_THAT(page, HasSubstr("dpkg: error processing ⟨byte FF⟩ nginx"));
    EXPECT_THAT(page, Not(HasSubstr("not of interest")));
    EXPECT_THAT(page, HasSubstr(verify(folder.path()).digest));
}

TEST(HtmlReport, is_never_made_from_evidence_that_is_not_what_was_sealed) {
    const EvidenceFolder folder;
    folder.write("run.json", read_file(std::string(PATCHLAB_GOLDEN) + "/run/rejected.json"));
    EXPECT_THROW(render_html(folder.path()), Error);  // not sealed
    seal(folder.path());
    EXPECT_THAT(render_json(folder.path()), HasSubstr("\"rejected\""));
    folder.make_writable();
    folder.write("run.json", read_file(std::string(PATCHLAB_GOLDEN) + "/run/validated.json"));
    EXPECT_THROW(render_html(folder.path()), Error);
    EXPECT_THROW(render_junit(folder.path()), Error);
    EXPECT_THROW(render_json(folder.path()), Error);
}

}  // namespace
}  // namespace patchlab::reports
