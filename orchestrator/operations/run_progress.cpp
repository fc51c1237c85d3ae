// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/run_progress.hpp"

#include <algorithm>

#include "platform/core/error.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::operations {

namespace {

constexpr std::size_t stage_count = pipeline::all_stages.size() - 1;  ///< without `done`
constexpr double worth_telling = 3;                                   ///< seconds

std::string lab_of(const std::vector<pipeline::RunRow>& rows, const std::string& run) {
    for (const pipeline::RunRow& row : rows)
        if (row.id == run) return row.lab;
    return "";
}

}  // namespace

RunProgressEstimate::RunProgressEstimate(pipeline::RunStore& runs, const std::string& run) {
    const auto rows = runs.list();  // the newest first
    const std::string lab = lab_of(rows, run);
    const auto last = std::find_if(rows.begin(), rows.end(), [&](const pipeline::RunRow& row) {
        return row.id != run && row.lab == lab && row.kind == "rehearse" &&
               row.progress == "finished";
    });
    if (last == rows.end()) return;
    try {
        for (const pipeline::Passage& passage : runs.folder(last->id).load().stages)
            last_seconds_[passage.stage] += passage.seconds;
    } catch (const Error&) {
        last_seconds_.clear();  // a guess is not worth a failure
    }
}

double RunProgressEstimate::seconds_left() const {
    double left = 0;
    for (const auto& [stage, seconds] : last_seconds_) {
        if (stage > stage_) left += seconds;
        else if (stage == stage_) left += std::max(0.0, seconds - in_stage_.seconds());
    }
    return left;
}

std::string RunProgressEstimate::at(const std::string& word) {
    const auto stage = pipeline::stage_from(word);
    if (!stage || *stage == pipeline::Stage::done) return "";
    if (*stage != stage_) in_stage_ = Stopwatch();
    stage_ = *stage;
    const std::string text = "stage " + std::to_string(static_cast<std::size_t>(*stage) + 1) +
                             " of " + std::to_string(stage_count);
    const double left = seconds_left();
    return left < worth_telling ? text : text + ", about " + whole_duration_text(left) + " left";
}

}  // namespace patchlab::operations
