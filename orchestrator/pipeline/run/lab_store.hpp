// SPDX-License-Identifier: Apache-2.0
//
// Labs that were added: the definition as text, with the text of the suites that stood beside it,
// so that a run rehearses exactly what was added whatever becomes of the files. Thread safety: one
// a thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "labdefs/model.hpp"
#include "orchestrator/pipeline/run/request.hpp"
#include "platform/core/diagnostics.hpp"
#include "platform/store/database.hpp"

namespace patchlab::pipeline {

struct StoredLab {
    labdefs::Lab lab;
    std::vector<SuiteText> suites;  ///< every suite that a machine names
    std::string added;              ///< RFC 3339
};

/// Reads a lab file and all suites it names (its suite_files, `<name>.yaml` beside it, built-in
/// ones). Every mistake goes to `diagnostics`.
StoredLab read_lab(const std::filesystem::path& file, Diagnostics& diagnostics);
StoredLab read_lab(const labdefs::LabText& text, const labdefs::ReadBeside& beside,
                   Diagnostics& diagnostics);

class LabStore {
  public:
    explicit LabStore(store::Database& database) : database_(database) {}
    std::vector<StoredLab> list();
    bool has(const std::string& name);
    /// Error(not_found), naming the labs there are.
    StoredLab get(const std::string& name);
    /// Adds it, or replaces the lab of that name. True when it is new or different.
    bool put(const StoredLab& lab, const std::string& added);
    /// Error(not_found); Error(conflict) while a run of it is not finished.
    void remove(const std::string& name);

  private:
    store::Database& database_;
};

}  // namespace patchlab::pipeline
