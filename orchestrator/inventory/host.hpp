// SPDX-License-Identifier: Apache-2.0
//
// Hosts of production: what they are called, how Ansible reaches them, who owns them, how critical
// they are. Values; thread-safe as such. Groups, owners and tags are sorted and without repetition.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/assessment/host.hpp"
#include "platform/core/json.hpp"

namespace patchlab::inventory {

struct Host {
    std::string name;
    std::vector<std::string> groups;
    std::optional<assessment::Criticality> criticality;  ///< nullopt: nobody said
    std::optional<assessment::Exposed> exposed;          ///< nullopt: nobody said
    std::vector<std::string> owners;
    std::string location;
    std::string function;
    std::string window;  ///< the name of its maintenance window; empty: any time
    std::string image;   ///< the image or lab it was built from, as the inventory says
    std::vector<std::string> tags;
    Json variables =
        Json::object();  ///< how Ansible connects (ansible_host, ansible_port, …); never a secret

    // What the store knows besides:
    std::string source;    ///< the import that names it
    std::string imported;  ///< RFC 3339: when that import last named it in other words
    std::string gone;      ///< RFC 3339: since when its source no longer names it; empty: it does

    /// Nobody said: then it is treated as the most critical there is.
    assessment::Criticality counts_as() const {
        return criticality.value_or(assessment::Criticality::mission_critical);
    }
};

/// Without what the store knows besides: equal texts are equal hosts.
Json description(const Host& host);
/// description() with source, imported and gone.
Json to_json(const Host& host);

/// Letters, digits and ". _ -", at most 200, beginning with a letter, digit or underscore; not
/// Ansible's own words.
bool valid_host_name(std::string_view text);
/// The same, at most 100.
bool valid_group_name(std::string_view text);

/// Sorts and removes repetitions.
void tidy(std::vector<std::string>& words);

}  // namespace patchlab::inventory
