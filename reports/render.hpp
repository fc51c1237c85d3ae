// SPDX-License-Identifier: Apache-2.0
//
// Reports are rendered from sealed evidence alone, never from the store: what a reader sees is what
// was sealed.
#pragma once

#include <filesystem>
#include <string>

namespace patchlab::reports {

/// One self-contained page (no script needed, no network), light and dark, phone and desktop.
std::string render_html(const std::filesystem::path& evidence);
/// JUnit XML as Jenkins and GitLab read it: a testsuite for each machine and suite, and one named
/// "patchlab" for the verdict.
std::string render_junit(const std::filesystem::path& evidence);
/// The sealed run document.
std::string render_json(const std::filesystem::path& evidence);

}  // namespace patchlab::reports
