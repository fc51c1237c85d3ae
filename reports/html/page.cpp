// SPDX-License-Identifier: Apache-2.0
#include "reports/html/page.hpp"

#include "reports/html/skeleton.hpp"
#include "reports/words.hpp"

namespace patchlab::reports::html {

namespace {

std::string title_of(const RunDocument& run) {
    std::string what;
    for (const RunPatch& patch : run.patches) what += (what.empty() ? "" : ", ") + patch.id;
    const std::string_view verdict = run.verdict ? verdict_word(*run.verdict) : "Not judged";
    return std::string(verdict) + ": " + (what.empty() ? run.id : what) + " in lab " + run.lab;
}

}  // namespace

std::string page(const PageSource& source) {
    const RunDocument& run = source.run;
    Writer body;
    write_verdict(body, run);
    write_reasons(body, run, source.log_ends);
    write_patches(body, run);
    write_checks(body, run);
    write_changes(body, run.changes);
    write_way_back(body, run);
    write_faults(body, run);
    write_machines(body, run);
    write_stages(body, run);
    write_evidence(body, source);
    return whole_page(title_of(run), run.verdict ? name(*run.verdict) : "not-judged", body);
}

}  // namespace patchlab::reports::html
