// SPDX-License-Identifier: Apache-2.0
//
// What this page was made from, and how a reader proves that nobody changed it.
#include "reports/html/page.hpp"
#include "reports/words.hpp"

namespace patchlab::reports::html {

namespace {

void pair(Writer& out, const char* label, std::string_view value) {
    if (value.empty()) return;
    const auto box = out.open("div");
    out.element("dt", label);
    const auto answer = out.open("dd");
    out.guest(value, 300);
}

constexpr std::size_t logs_listed = 200;

}  // namespace

void write_evidence(Writer& out, const PageSource& source) {
    const RunDocument& run = source.run;
    const auto section = out.open("section", {{"aria-labelledby", "evidence"}});
    out.element("h2", {{"id", "evidence"}}, "Evidence");
    {
        const auto facts = out.open("dl", {{"class", "pairs"}});
        pair(out, "Run", run.id);
        pair(out, "Lab", run.lab);
        pair(out, "Asked for by", run.requester);
        pair(out, "Started", time_words(run.started));
        pair(out, "Finished", time_words(run.finished));
        pair(out, "Sealed", time_words(source.sealed_at));
        pair(out, "Files", number_text(source.files));
        pair(out, "patchlab", run.patchlab_version);
        // the emulator's own words name the acceleration, too
        if (run.emulator.empty()) pair(out, "Acceleration", run.acceleration);
        pair(out, "Checkpoint", run.checkpoint);
        pair(out, "Backend", run.backend);
        pair(out, "Emulator", run.emulator);
    }
    out.element("p", {{"class", "note"}},
                "Digest of the sealed evidence (sha256 of its manifest):");
    {
        const auto digest = out.open("p", {{"class", "digest"}});
        out.guest_code(source.digest);
    }
    {
        const auto how = out.open("p");
        out.text(
            "This page was rendered from that evidence alone. To prove that nothing in it was "
            "changed, run ");
        out.guest_code(
            "patchlab evidence verify " + (source.folder.empty() ? "DIR" : source.folder), 600);
        out.text(source.folder.empty()
                     ? " on the evidence folder and compare the digest it prints with this one."
                     : " and compare the digest it prints with this one.");
    }
    if (run.logs.empty()) return;
    const auto box = out.open("details");
    out.element("summary", count_text(run.logs.size(), "log", "logs") + " in the evidence");
    const auto list = out.open("ul");
    for (std::size_t i = 0; i < std::min(run.logs.size(), logs_listed); ++i) {
        const auto item = out.open("li");
        out.guest_code(run.logs[i], 300);
    }
}

}  // namespace patchlab::reports::html
