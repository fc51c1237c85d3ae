// SPDX-License-Identifier: Apache-2.0
//
// The parts of a change document that take some thinking, one file each. Pure; internal to the
// module.
#pragma once

#include "orchestrator/governance/change/document.hpp"

namespace patchlab::governance {

/// Fills risk and risks from everything else (risk.cpp).
void assess_risk(ChangeDocument& document);
/// Fills back: the commands for one host (way_back.cpp).
void write_way_back(ChangeDocument& document);
/// Fills help_desk (help_desk.cpp).
void write_help_desk(ChangeDocument& document);

/// True when every package that replaces one keeps its exact old version, and the lab could put
/// them back or the entry got them afterwards.
bool keeps_way_back(const ChangeDocument& document);
/// True when going back was practised in the lab, by the old versions or to the checkpoint, and
/// left nothing different.
bool practised_way_back(const ChangeDocument& document);
/// "nginx and openssl": names, at most `most` of them.
std::string listed(const std::vector<std::string>& names, std::size_t most = 5);

}  // namespace patchlab::governance
