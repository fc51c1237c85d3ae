// SPDX-License-Identifier: Apache-2.0
//
// Reports are rendered from sealed evidence alone, never from the store: what a reader sees is what
// was sealed.
#pragma once

#include <filesystem>
#include <string>

#include "reports/run_document.hpp"

namespace patchlab::reports {

/// One self-contained page (no script needed, no network), light and dark, phone and desktop.
std::string render_html(const std::filesystem::path& evidence);
/// What JUnit calls a finding that a person has to look at.
enum class NeedsReview { failure, skipped };

/// JUnit XML as Jenkins and GitLab read it: a testsuite for each machine and suite, one named
/// "patchlab" for the verdict, and one named "patchlab.reasons" with a case for each reason.
std::string render_junit(const std::filesystem::path& evidence,
                         NeedsReview needs_review = NeedsReview::failure);
/// The first page of the report as Markdown, for a ticket or a chat.
std::string render_markdown(const std::filesystem::path& evidence);
/// The sealed run document.
std::string render_json(const std::filesystem::path& evidence);

/// JUnit XML of one run. Only a check that passed without the patch and fails with it is a failure;
/// what could not be observed is an error; what failed before as well is skipped with that reason.

std::string junit_xml(const RunDocument& run, NeedsReview needs_review = NeedsReview::failure);

std::string markdown_of(const RunDocument& run, const std::string& digest);

}  // namespace patchlab::reports
