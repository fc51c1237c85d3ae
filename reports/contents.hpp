// SPDX-License-Identifier: Apache-2.0
//
// What small text files said before and after the patch, as the evidence keeps it (schema
// patchlab/contents/v1, docs/formats/contents.md). Secrets were taken out before it was sealed.
// Values; thread-safe as such.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "platform/core/json_fwd.hpp"
#include "reports/run_document.hpp"
#include "reports/sealed_file.hpp"
#include "reports/text_diff.hpp"

namespace patchlab::reports {

struct FileContents {
    std::string machine, path;
    std::optional<std::string> before, after;
    std::size_t redacted = 0;  ///< secrets that were taken out, on both sides
    std::string not_kept;      ///< why there is no text; empty: there is one

    std::vector<DiffHunk> hunks() const {
        return diff_of_texts(before.value_or(""), after.value_or(""));
    }
};

/// What the evidence keeps of one run.
class Contents {
  public:
    /// Error(invalid) for a document that is none. Evidence without any keeps nothing.
    static Contents read(const SealedFolder& evidence, const RunDocument& run);

    /// Of these files of a machine (RunChange::files) those of which something is kept, or told why
    /// not.
    std::vector<const FileContents*> of(const std::string& machine,
                                        const std::vector<std::string>& files) const;
    std::vector<const FileContents*> at(const std::string& path) const;
    bool empty() const { return files_.empty(); }
    /// False when the lab keeps none, or the run is older than that.
    bool kept() const { return kept_; }

  private:
    std::vector<FileContents> files_;
    bool kept_ = false;
};

}  // namespace patchlab::reports
