// SPDX-License-Identifier: Apache-2.0
//
// What the reader does next, with the commands to be typed, and what the run did not practise.
#include "reports/html/page.hpp"
#include "reports/words.hpp"

namespace patchlab::reports::html {

namespace {

void step(Writer& out, const char* what, const std::vector<std::string>& commands) {
    const auto item = out.open("li");
    out.text(what);
    for (const std::string& command : commands) {
        const auto pre = out.open("pre", {{"class", "command"}, {"dir", "ltr"}, {"tabindex", "0"}});
        out.guest(command, 2000);
    }
}

/// The same run once more.
std::string again(const RunDocument& run) {
    std::string command = "patchlab run start --lab " + run.lab;
    for (const RunPatch& patch : run.patches) command += " --patch " + patch.id;
    return command;
}

void write_steps(Writer& out, const RunDocument& run, Verdict verdict) {
    const auto list = out.open("ol", {{"class", "instructions"}});
    const std::string& id = run.id;
    const std::string changes = "patchlab diff " + id + " --review --content";
    switch (verdict) {
        case Verdict::needs_review:
            step(out, "Look at each finding, and at what the files say.", {changes});
            [[fallthrough]];
        case Verdict::validated:
            step(out, "Ask the policy what is still wanted, then decide.",
                 {"patchlab policy explain " + id, "patchlab approve " + id,
                  "patchlab reject " + id + " --reason \"\u2026\""});
            step(out, "Print the change document for the change board.",
                 {"patchlab change show " + id + " --format html -o change.html"});
            break;
        case Verdict::rejected:
            step(out, "Look at what the patch changed.", {changes});
            step(out, "Read what happened in the run.", {"patchlab run log " + id});
            step(out, "Record the decision.", {"patchlab reject " + id + " --reason \"\u2026\""});
            break;
        case Verdict::inconclusive:
            step(out, "See what failed in the lab, and whether this host can run labs.",
                 {"patchlab run log " + id, "patchlab doctor"});
            step(out, "Run it again.", {again(run)});
            break;
    }
}

}  // namespace

void write_next(Writer& out, const RunDocument& run) {
    if (!run.verdict) return;
    const auto section = out.open("section", {{"aria-labelledby", "next"}});
    out.element("h2", {{"id", "next"}}, "What to do next");
    write_steps(out, run, *run.verdict);
}

void write_not_practised(Writer& out, const RunDocument& run) {
    const auto left_out = not_practised(run);
    if (left_out.empty()) return;
    out.element("h3", "Not practised in this run");
    const auto list = out.open("ul");
    for (const NotPractised& one : left_out) {
        const auto item = out.open("li");
        out.element("strong", one.what);
        out.text("(" + std::string(words_of_stage(one.stage).meaning) + "): ");
        out.guest(one.why, 300);
    }
}

}  // namespace patchlab::reports::html
