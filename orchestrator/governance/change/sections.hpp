// SPDX-License-Identifier: Apache-2.0
//
// The sections of a change document for people. Pure; internal to the module.
#pragma once

#include "orchestrator/governance/change/document.hpp"

namespace patchlab::governance {

reports::outline::Section what_section(const ChangeDocument& document);
reports::outline::Section why_section(const ChangeDocument& document);
reports::outline::Section where_and_when_section(const ChangeDocument& document);
reports::outline::Section risk_section(const ChangeDocument& document);
reports::outline::Section lab_section(const ChangeDocument& document);
reports::outline::Section who_section(const ChangeDocument& document);
reports::outline::Section way_back_section(const ChangeDocument& document);
reports::outline::Section help_desk_section(const ChangeDocument& document);
/// Digests, and how a reader proves that nobody changed anything.
reports::outline::Section proof_section(const ChangeDocument& document);

}  // namespace patchlab::governance
