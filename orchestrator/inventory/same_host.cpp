// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/same_host.hpp"
#include "platform/core/text.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <map>

namespace patchlab::inventory {

namespace {

constexpr std::string_view ssh_port = "22";

std::string text_of(const Json& variables, std::initializer_list<const char*> names) {
    for (const char* name : names) {
        const auto found = variables.find(name);
        if (found == variables.end()) continue;
        const std::string text = found->is_string() ? found->get<std::string>() : found->dump();
        if (!text.empty()) return text;
    }
    return "";
}

/// What is on the way to the address: hosts of several sites may have one address each behind a
/// gateway of their own.
std::string way_to(const Json& variables) {
    std::string way;
    for (const char* name : {"ansible_connection", "ansible_ssh_common_args",
                             "ansible_ssh_extra_args", "ansible_ssh_args"})
        way += text_of(variables, {name}) + "\n";
    return way;
}

struct Place {
    std::string address, port, way;
    auto operator<=>(const Place&) const = default;
};

Place place_of(const Host& host) {
    const Json variables = host.variables.is_object() ? host.variables : Json::object();
    const std::string address = text_of(variables, {"ansible_host", "ansible_ssh_host"});
    const std::string port = text_of(variables, {"ansible_port", "ansible_ssh_port"});
    return {address_key(address.empty() ? host.name : address),
            port.empty() ? std::string(ssh_port) : port, way_to(variables)};
}

}  // namespace

std::string host_key(std::string_view name) {
    while (name.size() > 1 && name.ends_with('.')) name.remove_suffix(1);
    std::string key(name);
    std::transform(key.begin(), key.end(), key.begin(), small);
    return key;
}

std::string address_key(std::string_view address) {
    if (address.starts_with('[') && address.ends_with(']'))
        address = address.substr(1, address.size() - 2);
    const std::string text(address);
    std::array<char, INET6_ADDRSTRLEN> out{};
    in6_addr six{};
    if (inet_pton(AF_INET6, text.c_str(), &six) != 1) return host_key(address);
    if (IN6_IS_ADDR_V4MAPPED(&six))
        return inet_ntop(AF_INET, &six.s6_addr[12], out.data(), out.size());
    return inet_ntop(AF_INET6, &six, out.data(), out.size());
}

std::string SharedAddress::warning() const {
    constexpr std::size_t shown = 5;
    std::string text;
    for (std::size_t i = 0; i < std::min(hosts.size(), shown); ++i) {
        const bool last = i + 1 == hosts.size();
        const std::string joint = last ? " and " : ", ";
        text += (i == 0 ? "" : joint) + hosts[i];
    }
    if (hosts.size() > shown) text += " and " + std::to_string(hosts.size() - shown) + " more";
    return text + " have the same address " + address +
           ": one machine under several names would count, and be patched, more than once";
}

std::vector<SharedAddress> shared_addresses(const std::vector<Host>& hosts) {
    std::map<Place, std::vector<std::string>> places;
    for (const Host& host : hosts)
        if (host.gone.empty()) places[place_of(host)].push_back(host.name);
    std::vector<SharedAddress> shared;
    for (auto& [place, names] : places) {
        if (names.size() < 2) continue;
        const bool usual = place.port == ssh_port;
        shared.push_back({place.address + (usual ? "" : ":" + place.port), std::move(names)});
    }
    return shared;
}

}  // namespace patchlab::inventory
