// SPDX-License-Identifier: Apache-2.0
//
// The rules of attribution that tests of snapshots use.
#pragma once

#include "orchestrator/families/package_family.hpp"

namespace patchlab::test {

inline const snapshots::AttributionRules& deb_rules() {
    return families::family("deb").attribution_rules();
}

}  // namespace patchlab::test
