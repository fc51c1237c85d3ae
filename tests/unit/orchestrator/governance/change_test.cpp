// SPDX-License-Identifier: Apache-2.0
//
// Change-control documents: what they say of sealed evidence and signed rulings, and that nothing
// said in those can be more than text. After a wanted change of a golden one:
// PATCHLAB_UPDATE_GOLDEN=1 ctest -R Change, then look at the difference.
#include <gmock/gmock.h>

#include <cstdlib>
#include <regex>

#include "orchestrator/governance/change/document.hpp"
#include "platform/core/schema.hpp"
#include "platform/process/command.hpp"
#include "tests/unit/orchestrator/governance/run_fixture.hpp"

namespace patchlab::governance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const fs::path golden = fs::path(PATCHLAB_GOLDEN) / "change";

Ruling ruling(RulingKind kind, const std::string& author, Role role, const std::string& time,
              const std::string& reason) {
    Ruling one;
    one.kind = kind;
    one.author = author;
    one.role = role;
    one.time = time;
    one.reason = reason;
    one.envelope =
        author + time;  // names it in the golden file; signatures have tests of their own
    return one;
}

Ruling waiver(const std::string& requirement, const std::string& owner) {
    Ruling one = ruling(RulingKind::waive, "carol", Role::system_owner, "2026-11-23T09:00:00Z",
                        "restored by hand last week");
    one.requirement = requirement;
    one.owner = owner;
    one.expires = "2026-12-01T00:00:00Z";
    return one;
}

ChangeSource source_of(const Json& run) {
    ChangeSource source;
    source.facts.digest = std::string(64, 'd');
    source.facts.signer = std::string(64, 'a');
    source.facts.sealed = "2026-11-23T05:48:03Z";
    source.facts.run = reports::parse_run_document(run);
    source.decision.run = source.facts.run.id;
    source.decision.evidence_digest = source.facts.digest;
    source.decision.policy = "production";
    source.decision.policy_digest = std::string(64, 'b');
    source.decision.decided = "2026-11-23T12:00:00Z";
    return source;
}

Json example(const std::string& name) {
    return read_json(fs::path(PATCHLAB_GOLDEN) / "run" / (name + ".json"));
}

ChangeDocument approved() {
    ChangeSource source = source_of(example("validated"));
    source.entry = "e-20261123-0001";
    source.rulings = {ruling(RulingKind::approve, "rhea", Role::release_manager,
                             "2026-11-23T10:00:00Z", "looked at the ports")};
    source.decision.requirements = {
        {"verdict", RequirementState::passed, "validated", {}},
        {"approval:release-manager", RequirementState::passed, "rhea", {}}};
    source.decision.rulings = {source.rulings.front().digest()};
    source.hosts = parse_change_hosts(
        "web-1.example.org, mission-critical, Olga, night\nweb-2.example.org  # the spare one\n",
        "hosts.csv");
    source.window = "Tuesday 22:00-04:00 Europe/Zurich";
    source.kept = {
        {"nginx", "1.22.1-9+deb12u9", "nginx_1.22.1-9+deb12u9_amd64.deb", std::string(64, 'c')}};
    return change_document(source);
}

ChangeDocument open_review() {
    ChangeSource source = source_of(example("needs-review"));
    source.rulings = {
        waiver("drill", "olga"),
        ruling(RulingKind::approve, "rhea", Role::release_manager, "2026-11-23T10:00:00Z", ""),
        ruling(RulingKind::reject, "rhea", Role::release_manager, "2026-11-23T11:00:00Z",
               "the sysctl is not ours")};
    source.decision.requirements = {
        {"drill", RequirementState::waived, "the way back did not work", {}},
        {"rejection:rhea", RequirementState::failed, "rhea rejected it", {}},
        {"approval:system-owner",
         RequirementState::missing,
         "nobody in this role approved it",
         {}}};
    for (const Ruling& one : source.rulings) source.decision.rulings.push_back(one.digest());
    return change_document(source);
}

void expect_same(const std::string& file, const std::string& text) {
    if (std::getenv("PATCHLAB_UPDATE_GOLDEN")) write_file_atomic(golden / file, text);
    EXPECT_EQ(read_file_if_any(golden / file).value_or(""), text) << file;
}

/// Without the style sheet, which has its own file.
std::string body_of(const std::string& page) {
    const auto from = page.find("<body");
    return page.substr(from, page.find("</body>") - from);
}

void expect_golden(const std::string& name, const ChangeDocument& document) {
    expect_same(name + ".json", to_text(to_json(document)));
    expect_same(name + ".md", reports::outline::to_markdown(outline_of(document)));
    expect_same(name + ".html", body_of(reports::outline::to_html(outline_of(document))));
    Diagnostics diagnostics;
    Schema(change_schema()).check({"change", to_json(document), {}}, diagnostics);
    EXPECT_TRUE(diagnostics.ok()) << diagnostics.items.front().text();
}

TEST(ChangeGolden, an_approved_one_is_as_it_was_looked_at) {
    expect_golden("approved", approved());
}

TEST(ChangeGolden, a_rejected_one_is_as_it_was_looked_at) {
    expect_golden("rejected", open_review());
}

TEST(Change, of_what_nobody_signed_is_refused) {
    ChangeSource source = source_of(example("validated"));
    source.facts.signer.clear();
    EXPECT_EQ(code_of([&] { change_document(source); }), ErrorCode::refused);
    source = source_of(example("validated"));
    source.facts.seal_problem = "run.json: changed";
    EXPECT_EQ(code_of([&] { change_document(source); }), ErrorCode::refused);
    source = source_of(example("validated"));
    source.facts.run.requester.clear();
    EXPECT_EQ(code_of([&] { change_document(source); }), ErrorCode::refused);
}

TEST(Change, of_an_entry_that_was_taken_back_says_so_before_anything_else) {
    ChangeSource source = approved().source;
    source.standing = ChangeStanding{"e-20261123-0001",
                                     "quarantined",
                                     "lab and production disagree on web-3",
                                     "2026-11-24T01:24:00Z",
                                     "rhea",
                                     true,
                                     true,
                                     {},
                                     {"ro-20261124-0001"}};
    const ChangeDocument document = change_document(source);
    EXPECT_FALSE(document.approved);
    const Json json = to_json(document);
    EXPECT_EQ(json.at("approved"), false);
    EXPECT_EQ(json.at("catalog").at("state"), "quarantined");
    EXPECT_EQ(json.at("catalog").at("signed"), true);
    EXPECT_EQ(json.at("decided"), "2026-11-23T10:00:00Z") << "when it was approved, not now";
    const reports::outline::Outline outline = outline_of(document);
    EXPECT_EQ(outline.tone, reports::outline::Tone::bad);
    EXPECT_THAT(outline.state, HasSubstr("Quarantined 2026-11-24 01:24 UTC"));
    const std::string text = reports::outline::to_markdown(outline);
    EXPECT_THAT(text, HasSubstr("lab and production disagree on web"));
    EXPECT_LT(text.find("rollout pause ro-20261124-0001"), text.find("rollout abort"))
        << "the step that can be taken back comes first";
    for (const std::string& line : document.help_desk)
        EXPECT_THAT(line, testing::Not(HasSubstr("When: Tuesday")));
}

TEST(Change, of_an_entry_that_was_rejected_later_is_not_approved) {
    ChangeSource source = approved().source;
    source.standing =
        ChangeStanding{"e-20261123-0001",   "offered", "", "2026-11-23T11:00:00Z", "", false, false,
                       {"rejected by sam"}, {}};
    const ChangeDocument document = change_document(source);
    EXPECT_FALSE(document.approved);
    EXPECT_THAT(outline_of(document).state, HasSubstr("Stopped"));
    EXPECT_THAT(reports::outline::to_markdown(outline_of(document)), HasSubstr("rejected by sam"));
}

TEST(Change, that_nobody_decided_about_is_not_approved) {
    const ChangeDocument document = change_document(source_of(example("validated")));
    EXPECT_FALSE(document.approved);
    EXPECT_TRUE(to_json(document).at("hosts").is_null()) << "unknown, not none";
    const std::string text = reports::outline::to_markdown(outline_of(document));
    EXPECT_THAT(text, HasSubstr("Not approved: it may not be deployed"));
    EXPECT_THAT(text, HasSubstr("**Hosts unknown:** no inventory was given"));
}

TEST(Change, counts_the_newest_word_of_each_person) {
    const ChangeDocument document = open_review();
    EXPECT_TRUE(document.approvals.empty());
    ASSERT_EQ(document.rejections.size(), 1U);
    EXPECT_EQ(document.rejections.front().user, "rhea");
    ASSERT_EQ(document.waivers.size(), 1U);
    EXPECT_TRUE(document.waivers.front().counts);
    EXPECT_EQ(document.waivers.front().owner, "olga");
}

TEST(Change, is_as_risky_as_the_worst_that_was_found) {
    EXPECT_EQ(open_review().risk, Risk::high) << "unexplained changes";
    EXPECT_EQ(approved().risk, Risk::medium) << "a mission-critical machine";
    Json run = example("validated");
    run["machines"][0]["criticality"] = "business-operational";
    EXPECT_EQ(change_document(source_of(run)).risk, Risk::low);
    run["host"]["backend"] = "fake";
    EXPECT_EQ(change_document(source_of(run)).risk, Risk::high);
    run["host"]["backend"] = "libvirt";
    run["drill"] = nullptr;
    EXPECT_EQ(change_document(source_of(run)).risk, Risk::medium)
        << "the way back was not practised";
    for (Json& package : run["patches"][0]["packages"]) package["old_available"] = false;
    EXPECT_EQ(change_document(source_of(run)).risk, Risk::high) << "and there is none";
    run["checks"] = Json::array();
    EXPECT_THAT(change_document(source_of(run)).risks, testing::Contains("Nothing was tested."));
}

TEST(Change, tells_the_commands_of_the_way_back) {
    EXPECT_THAT(approved().back,
                ElementsAre("apt-get install --allow-downgrades nginx=1.22.1-9+deb12u9 "
                            "nginx-common=1.22.1-9+deb12u9",
                            "systemctl restart nginx.service", "dpkg-query -W nginx nginx-common"));
    const auto kernel = open_review().back;
    EXPECT_THAT(kernel.front(), HasSubstr("linux-image-6.1.0-42-cloud-amd64-"))
        << "what was not there before goes";
    EXPECT_THAT(kernel, testing::Contains("systemctl reboot"));
    Json run = example("validated");
    run["patches"][0]["kind"] = "rpm";
    EXPECT_EQ(change_document(source_of(run)).back.front(),
              "dnf downgrade nginx-1.22.1-9+deb12u9 nginx-common-1.22.1-9+deb12u9");
}

TEST(Change, promises_no_way_back_that_the_lab_could_not_go) {
    const ChangeDocument document = open_review();
    EXPECT_FALSE(to_json(document).at("way_back").at("old_versions_kept").get<bool>());
    EXPECT_THAT(document.help_desk.back(), HasSubstr("cannot simply be put back"));
    EXPECT_THAT(approved().help_desk.back(), HasSubstr("in the rehearsal that took 12 s"));
}

TEST(Change, never_makes_a_command_of_a_name_that_is_not_plain) {
    for (const char* evil : {"1.0; reboot", "$(reboot)", "1.0\nreboot", "`reboot`", "1.0 --force",
                             "1.0|sh", "1.0'", "\u202e0.1"}) {
        Json run = example("validated");
        run["patches"][0]["packages"][1]["from"] = evil;
        EXPECT_TRUE(change_document(source_of(run)).back.empty()) << evil;
        run["patches"][0]["packages"][1]["from"] = "1.0";
        run["patches"][0]["packages"][1]["name"] = evil;
        EXPECT_TRUE(change_document(source_of(run)).back.empty()) << evil;
    }
    Json run = example("validated");
    run["patches"][0]["packages"][1]["name"] = "-oDPkg::Post-Invoke";
    EXPECT_TRUE(change_document(source_of(run)).back.empty());
    run = example("validated");
    run["patches"][0]["packages"].push_back(run["patches"][0]["packages"][0]);
    run["patches"][0]["packages"][2]["from"] = "1.22.1-9+deb12u8";
    EXPECT_TRUE(change_document(source_of(run)).back.empty()) << "hosts had different versions";
}

TEST(ChangeHosts, come_line_by_line_or_as_json) {
    const auto lines =
        parse_change_hosts("# fleet\nweb-1\n db-1 , mission-critical,Olga , mon, 22:00\n", "f");
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[1].owner, "Olga");
    EXPECT_EQ(lines[1].window, "mon, 22:00");
    const auto json = parse_change_hosts(
        R"({"hosts":["web-1",{"name":"db-1","criticality":"mission-critical","owners":["Olga","Per"]}]})",
        "f");
    ASSERT_EQ(json.size(), 2U);
    EXPECT_EQ(json[1].owner, "Olga, Per");
    EXPECT_TRUE(parse_change_hosts("", "f").empty());
    const auto listed = parse_change_hosts(
        R"({"schema":"patchlab/hosts/v1","hosts":[{"name":"a","owners":[],"criticality":null,"window":null,"gone":null},{"name":"b","gone":"2026-01-01T00:00:00Z"}]})",
        "f");
    ASSERT_EQ(listed.size(), 1U) << "what is gone is no host any more";
    EXPECT_EQ(listed.front().name, "a");
}

TEST(ChangeHosts, of_an_inventory_are_those_that_need_it_and_those_of_which_it_is_not_known) {
    const auto hosts = parse_change_hosts(
        R"({"schema":"patchlab/needed/v1","hosts":5,"items":[{"host":"web-2","need":"needed"},{"host":"web-1","need":"unknown"},{"host":"web-3","need":"not-needed"},{"host":"web-1","need":"needed"},{"host":"web-4","need":"unknown"}],"unknown_hosts":[{"host":"db-1","why":"never scanned"}]})",
        "f");
    std::vector<std::string> names;
    for (const ChangeHost& host : hosts) names.push_back(host.name + (host.unknown ? "?" : ""));
    EXPECT_THAT(names, ElementsAre("db-1?", "web-1", "web-2", "web-4?"));
}

TEST(ChangeHosts, are_refused_with_file_and_line) {
    std::string words;
    EXPECT_EQ(code_of([] { parse_change_hosts("web-1\nweb 2\n", "hosts.csv"); }, &words),
              ErrorCode::invalid);
    EXPECT_THAT(words, HasSubstr("hosts.csv:2"));
    EXPECT_EQ(code_of([] { parse_change_hosts("web-1\nweb-1\n", "f"); }), ErrorCode::invalid);
    EXPECT_EQ(code_of([] { parse_change_hosts(R"({"hosts":[1]})", "f"); }, &words),
              ErrorCode::invalid);
    EXPECT_THAT(words, HasSubstr("/hosts/0"));
    EXPECT_EQ(code_of([] { parse_change_hosts("{", "f"); }), ErrorCode::invalid);
}

/// Every text of the run replaced; enumerations, numbers, the ids and what steers the program kept.
void poison(Json& json, const std::string& text, const std::string& key = "") {
    static const std::set<std::string> kept{
        "schema", "verdict",     "effect", "outcome",     "before", "control", "after",
        "state",  "attribution", "kind",   "criticality", "change", "backend"};
    if (json.is_string() && !kept.contains(key)) json = text;
    if (json.is_array())
        for (Json& item : json) poison(item, text, key);
    if (json.is_object())
        for (auto& [name, value] : json.items()) poison(value, text, name);
}

ChangeDocument poisoned(const std::string& text) {
    Json run = example("needs-review");
    run["changes"]["items"].erase(run["changes"]["items"].begin() + 5,
                                  run["changes"]["items"].end());
    poison(run, text);
    std::string sentence = text;
    std::erase(
        sentence,
        '`');  // in what the lab wrote down they mean code, and blanks at the beginning a command
    sentence.erase(0, sentence.find_first_not_of(' '));
    for (Json& line : run["drill"]["instructions"]) line = sentence;
    run["changes"]["items"][0]["before"] = text;
    ChangeSource source = source_of(run);
    source.rulings = {waiver(text, text), ruling(RulingKind::approve, text, Role::release_manager,
                                                 "2026-11-23T10:00:00Z", text)};
    source.decision.requirements = {{text, RequirementState::failed, text, {}}};
    source.decision.policy = text;
    source.hosts = {{"web-1", text, text, text, true}};
    source.window = text;
    source.kept = {{text, text, text, text}};
    return change_document(source);
}

const std::vector<std::string> evil_texts{
    "</title></style><script>alert(1)</script>\" onload='x' {{body}}<!--",
    "# heading",
    "- list",
    "1. list",
    "> quote",
    "```\nblock",
    "~~~",
    "````",
    "*a* **b** _c_ __d__ ~~e~~",
    "[click](https://example.org)",
    "![x](https://example.org/x.png)",
    "<https://example.org>",
    "[a]: https://example.org",
    "a | b",
    "| --- |",
    "line\n\n# heading\n\n- list",
    "\n===\n",
    "\n---\n",
    "`code` ``more``",
    "`",
    "trailing\\",
    "&lt;b&gt; &#60;b&#62;",
    "<b>bold</b>",
    "<!-- x",
    "<div>\n\n# x\n\n</div>",
    "    indented",
    "\tindented",
    "$x$",
    "+ plus",
    "= x",
    "12) list",
    "\\# x",
    "text  \nbreak",
    ":smile:",
    "[ ] task",
    "[^1]",
    "\r\n# heading"};

TEST(HostileChange, cannot_break_the_page) {
    for (const std::string& evil : evil_texts) {
        const std::string page =
            reports::outline::to_html(outline_of(poisoned(evil + "\u202e\xff")));
        EXPECT_THAT(page, Not(HasSubstr("<script")));
        EXPECT_THAT(page, Not(HasSubstr("<!--")));
        EXPECT_THAT(page, Not(HasSubstr("\u202e")));
        EXPECT_THAT(page, Not(HasSubstr("\xff")));
        EXPECT_EQ(page.find("</title>"), page.rfind("</title>"));
        EXPECT_EQ(page.find("<main>"), page.rfind("<main>"));
        EXPECT_FALSE(std::regex_search(page, std::regex("<[^>]* (src|href|style|on[a-z]+)=")));
    }
}

/// The elements of the HTML that a Markdown reader makes of it, without their texts and attributes.
std::vector<std::string> elements_of(const std::string& markdown) {
    process::CommandSpec spec;
    spec.program = "cmark-gfm";
    spec.args = {"--unsafe",    "--extension", "table",       "--extension", "strikethrough",
                 "--extension", "tasklist",    "--extension", "footnotes"};
    spec.purpose = "reading Markdown";
    spec.input = markdown;
    const std::string html = process::SystemCommandRunner().require(spec).out;
    std::vector<std::string> elements;
    static const std::regex tag("</?[a-z0-9]+|<!--");
    for (std::sregex_iterator at(html.begin(), html.end(), tag), end; at != end; ++at)
        elements.push_back(at->str());
    return elements;
}

TEST(HostileChange, makes_the_same_elements_of_its_markdown_as_a_harmless_one) {
    // with a plain word there are commands of the way back, with other text there are none
    const std::vector<std::string> word =
        elements_of(reports::outline::to_markdown(outline_of(poisoned("harmless"))));
    const std::vector<std::string> text =
        elements_of(reports::outline::to_markdown(outline_of(poisoned("harmless text"))));
    ASSERT_GT(text.size(), 100U);
    for (const std::string& evil : evil_texts) {
        const ChangeDocument document = poisoned(evil);
        EXPECT_EQ(elements_of(reports::outline::to_markdown(outline_of(document))),
                  document.back.empty() ? text : word)
            << evil;
        EXPECT_THAT(reports::outline::to_markdown(outline_of(poisoned(evil + "\u202e\x1b[2J\xff"))),
                    Not(testing::AnyOf(HasSubstr("\u202e"), HasSubstr("\x1b"), HasSubstr("\xff"))));
    }
}

}  // namespace
}  // namespace patchlab::governance
