// SPDX-License-Identifier: Apache-2.0
//
// The HTML report: one page from one run document. Each section is a function that writes itself,
// in the order of a reader with one minute: the verdict, why, what was rehearsed, the checks, the
// changes, the way back, then the details. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/contents.hpp"
#include "reports/html/writer.hpp"
#include "reports/run_document.hpp"

namespace patchlab::reports::html {

/// The end of a log that shows why something failed.
struct LogEnd {
    std::string path;  ///< inside the evidence
    std::string text;
};

struct PageSource {
    RunDocument run;
    std::string digest;     ///< of the sealed evidence
    std::string sealed_at;  ///< RFC 3339
    std::size_t files = 0;
    std::vector<LogEnd> log_ends;
    Contents contents{};
    std::string folder{};  ///< where the evidence lies; empty: not told
};

/// How much of what files say still goes into the page.
struct ContentRoom {
    std::string run;
    std::size_t lines = 6000;
};

/// The whole page.
std::string page(const PageSource& source);

void write_verdict(Writer& out, const RunDocument& run);
void write_reasons(Writer& out, const RunDocument& run, const std::vector<LogEnd>& log_ends);
void write_patches(Writer& out, const RunDocument& run);
void write_checks(Writer& out, const RunDocument& run);
/// What the reader does next.
void write_next(Writer& out, const RunDocument& run);
/// A list of the stages that were left out; nothing when there is none.
void write_not_practised(Writer& out, const RunDocument& run);
void write_changes(Writer& out, const RunDocument& run, const Contents& contents);
/// What one file says, as a diff.
void write_content(Writer& out, const FileContents& file, bool to_look_at, ContentRoom& room);
void write_way_back(Writer& out, const RunDocument& run);
/// Only when faults were asked for.
void write_faults(Writer& out, const RunDocument& run);
void write_stages(Writer& out, const RunDocument& run);
void write_machines(Writer& out, const RunDocument& run);
void write_evidence(Writer& out, const PageSource& source);

/// The page around a body: one self-contained file with its style sheet, without script, that loads
/// nothing. `title` is escaped here. `tone` is a literal of this program: the class of the page's
/// colours
/// ("validated").
std::string whole_page(std::string_view title, std::string_view tone, const Writer& body);

/// The style sheet of that page, on which other pages build.
std::string_view style_sheet();

}  // namespace patchlab::reports::html
