// SPDX-License-Identifier: Apache-2.0
//
// The parts of a change document that take some thinking, one file each, and its sections for
// people. Pure; internal to the module.
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

/// "Low", and the tone in which a reader sees it.
std::string_view title_of(Risk risk);
reports::outline::Tone tone_of(Risk risk);

reports::outline::Section what_section(const ChangeDocument& document);
reports::outline::Section why_section(const ChangeDocument& document);
reports::outline::Section where_and_when_section(const ChangeDocument& document);
reports::outline::Section risk_section(const ChangeDocument& document);
reports::outline::Section lab_section(const ChangeDocument& document);
reports::outline::Section who_section(const ChangeDocument& document);
reports::outline::Section way_back_section(const ChangeDocument& document);
reports::outline::Section help_desk_section(const ChangeDocument& document);
/// What somebody who has read it does next.
reports::outline::Section next_section(const ChangeDocument& document);
/// Digests, and how a reader proves that nobody changed anything.
reports::outline::Section proof_section(const ChangeDocument& document);

}  // namespace patchlab::governance
