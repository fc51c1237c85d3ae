// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/run_view.hpp"

#include "orchestrator/cli/terminal.hpp"
#include "platform/core/text_units.hpp"

#include <iostream>

namespace patchlab::cli {

bool is_run_document(const Json& document) {
    return document.value("schema", "") == "patchlab/run/v1";
}

Style style_of_verdict(const std::string& verdict) {
    if (verdict == "validated") return Style::good;
    return verdict == "rejected" ? Style::bad : Style::unsure;
}

static std::size_t passing(const JsonReader& run) {
    std::size_t count = 0;
    for (const JsonReader& check : run.objects("checks"))
        if (check.string_or("after", "") == "pass") ++count;
    return count;
}

static void print_when(const JsonReader& run) {
    const std::string by = run.string_or("requester", ""), started = run.string_or("started", "");
    if (by.empty() && started.empty()) return;
    std::cout << "asked    " << (by.empty() ? "" : "by " + by)
              << (started.empty() ? "" : ", started " + started);
    if (const double seconds = run.number_or("seconds", 0); seconds > 0)
        std::cout << ", took " << duration_text(seconds);
    std::cout << "\n";
}

/// Where a scheduler has it.
static void print_place(const JsonReader& run) {
    if (!run.has("place")) return;
    const JsonReader place = run.object("place");
    std::cout << "place    " << place.string("queue") << ", attempt " << place.integer("attempt");
    if (place.has("job")) std::cout << ", job " << place.string("job");
    if (place.string("state") == "working")
        std::cout << ", works on host " << place.string_or("host", "?");
    else std::cout << ", waits";
    if (const std::string reason = place.string_or("reason", ""); !reason.empty())
        std::cout << ": " << reason;
    std::cout << "\n";
}

/// What can be left out of a run, as people call it; nullptr for another stage.
static const char* practice(const std::string& stage) {
    if (stage == "endure") return "the reboot check";
    if (stage == "drill") return "the rollback drill";
    return stage == "faults" ? "fault tests" : nullptr;
}

/// What was left out: an absent finding there means nothing.
static void print_left_out(const JsonReader& run) {
    for (const JsonReader& stage : run.objects("stages")) {
        const char* what = practice(stage.string("name"));
        if (what && stage.string("outcome") == "skipped")
            std::cout << "skipped  " << what << ": " << stage.string_or("detail", "not reached")
                      << "\n";
    }
}

/// What a reader would do next.
static void print_next(const std::string& id, const std::string& verdict) {
    if (verdict == "needs-review")
        std::cout << "next     patchlab diff " << id
                  << " --review --content, then: patchlab approve " << id << "\n";
    else if (verdict == "validated") std::cout << "next     patchlab approve " << id << "\n";
}

void print_run(Context& context, const Json& document) {
    const JsonReader run(document, "run");
    const std::string verdict = run.string_or("verdict", "");
    std::cout << "run      " << run.string("id") << "  (lab " << run.string("lab") << ")\n";
    for (const JsonReader& patch : run.objects("patches")) {
        std::cout << "patch    " << patch.string("id");
        const auto cves = patch.strings("advisories").size();
        if (cves > 0) std::cout << "  (" << count_text(cves, "CVE") << ")";
        std::cout << "\n";
    }
    std::cout << "state    " << run.string("state") << ", stage " << run.string("stage") << "\n";
    print_place(run);
    print_when(run);
    if (!verdict.empty())
        std::cout << "verdict  " << Span(verdict, style_of_verdict(verdict)) << "\n";
    if (run.has("summary"))
        std::cout << "         " << with_short_digests(run.string("summary")) << "\n";
    for (const JsonReader& reason : run.objects("reasons"))
        std::cout << "reason   " << reason.string("kind") << "  " << reason.string("machine")
                  << "  " << reason.string("subject") << "\n         "
                  << shortened(with_short_digests(reason.string("detail")), 300) << "\n";
    if (verdict.empty()) return;
    const JsonReader changes = run.object("changes");
    std::cout << "checks   " << passing(run) << " of " << run.objects("checks").size() << " pass\n"
              << "changes  " << changes.integer("total") << " (" << changes.integer("explained")
              << " explained, " << changes.integer("noise") << " noise, "
              << changes.integer("unexplained") << " unexplained)";
    if (const std::int64_t sensitive = changes.integer_or("sensitive", 0); sensitive > 0)
        std::cout << ", " << sensitive << " sensitive";
    std::cout << "\n";
    print_left_out(run);
    if (run.has("evidence"))
        std::cout << "evidence " << (context.state() / run.string("evidence")).string() << "\n";
    print_next(run.string("id"), verdict);
}

}  // namespace patchlab::cli
