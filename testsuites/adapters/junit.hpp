// SPDX-License-Identifier: Apache-2.0
//
// JUnit XML as test tools write it. Pure; thread-safe.
#pragma once

#include <string_view>

#include "testsuites/adapters/report.hpp"

namespace patchlab::testsuites::adapters {

/// Every <testcase> below <testsuites> or <testsuite>, named "classname.name". `unsound` when the
/// text is not whole XML, has a document type (entities are never expanded), has another root, or a
/// suite that counts other tests than it holds.
Report read_junit(std::string_view text);

}  // namespace patchlab::testsuites::adapters
