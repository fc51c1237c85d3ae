// SPDX-License-Identifier: Apache-2.0
//
// Recorded documents from which the console is rendered without a service: a folder with
//   now.json       the moment at which they were recorded
//   visits.json    [{"name": "run", "path": "/runs/r-1", "query": {…}}]
//   answers.jsonl  {"operation": …, "request": …, "document": …|"error": …} a line
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "orchestrator/service/console/screens.hpp"

namespace patchlab::tests {

struct SampleVisit {
    std::string name;
    service::console::Visit visit;
    const service::console::Screen* screen = nullptr;
};

class ConsoleSample {
  public:
    /// Error(not_found) for a visit that no screen answers.
    explicit ConsoleSample(const std::filesystem::path& folder);

    std::vector<SampleVisit> visits() const;
    /// What was recorded for the calls of a visit; a failure where nothing was.
    service::console::Answers answers(const SampleVisit& visit) const;
    service::console::Page render(const SampleVisit& visit,
                                  const service::console::Viewer& viewer) const;
    std::map<std::string, service::console::Answer>& recorded() { return recorded_; }
    TimePoint now() const { return now_; }

  private:
    Json visits_;
    std::map<std::string, service::console::Answer> recorded_;  ///< by operation and request
    TimePoint now_;
};

/// A release manager whose password was given just now.
service::console::Viewer sample_viewer(TimePoint now);

}  // namespace patchlab::tests
