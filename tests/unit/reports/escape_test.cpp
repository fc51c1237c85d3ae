// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "reports/html/writer.hpp"

namespace patchlab::reports {
namespace {

RC_GTEST_PROP(EscapeProperty, escaped_text_holds_nothing_that_html_reads,
              (const std::string& text)) {
    const std::string escaped = html::escape(text + "<script>\"'&");
    RC_ASSERT(escaped.find_first_of("<>\"'") == std::string::npos);
}

}  // namespace
}  // namespace patchlab::reports
