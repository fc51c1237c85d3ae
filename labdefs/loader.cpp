// SPDX-License-Identifier: Apache-2.0
//
// YAML → Lab. The schema finds mistakes of form; what only the whole lab shows (unknown machines,
// addresses that clash) is found here.
#include <cctype>
#include <map>
#include <set>

#include "lab_files.hpp"
#include "labdefs/model.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/schema.hpp"

namespace patchlab::labdefs {

namespace {

constexpr unsigned min_memory_mib = 128;  // less does not boot a current distribution
constexpr std::uint64_t max_lab_bytes = 1U << 20;

/// "512M", "1 GiB" or a number of MiB; the schema has checked the form.
std::uint64_t memory_mib(const Json& value) {
    if (!value.is_string()) return value.get<std::uint64_t>();
    const std::string text = value.get<std::string>();
    const std::uint64_t number = std::stoull(text);
    return text.find('G') == std::string::npos ? number : number * 1024;
}

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

class Reader {
  public:
    Reader(const YamlDocument& document, Diagnostics& diagnostics)
        : document_(document), diagnostics_(diagnostics) {}

    void read(Lab& lab) const {
        const Json& root = document_.value;
        lab.name = root.at("name").get<std::string>();
        lab.description = root.value("description", "");
        lab.identity = root.value("identity", "keep");
        for (const auto& [name, machine] : root.at("machines").items())
            lab.machines.push_back(read_machine(name, machine));
        if (root.contains("networks"))
            for (const auto& [name, network] : root.at("networks").items())
                lab.networks.push_back(read_network(name, network, lab));
        check_ranges(lab, root);
        if (root.contains("suite-files"))
            lab.suite_files = root.at("suite-files").get<std::vector<std::string>>();
        if (root.contains("rules")) lab.rules = to_line(root.at("rules"));
    }

  private:
    void mistake(const std::string& path, const std::string& message) const {
        diagnostics_.add(document_.file, document_.line_of(path), path, message);
    }

    Machine read_machine(const std::string& name, const Json& json) const {
        Machine machine;
        machine.name = name;
        machine.image = json.at("image").get<std::string>();
        machine.vcpus = json.value("vcpus", machine.vcpus);
        machine.criticality = json.value("criticality", machine.criticality);
        if (json.contains("suites"))
            machine.suites = json.at("suites").get<std::vector<std::string>>();
        if (json.contains("memory")) machine.memory_mib = read_memory(name, json.at("memory"));
        if (json.contains("answers"))
            for (const auto& [question, answer] : json.at("answers").items())
                machine.answers[question] =
                    answer.is_string() ? answer.get<std::string>() : answer.dump();
        return machine;
    }

    unsigned read_memory(const std::string& machine, const Json& value) const {
        const std::uint64_t mib = memory_mib(value);
        const std::string path = "/machines/" + machine + "/memory";
        if (mib < min_memory_mib)
            mistake(path, "is " + std::to_string(mib) + " MiB, a machine needs at least 128 MiB");
        if (mib > 1024 * 1024) mistake(path, "is more than 1 TiB");
        return static_cast<unsigned>(std::min<std::uint64_t>(mib, 1024 * 1024));
    }

    Network read_network(const std::string& name, const Json& json, const Lab& lab) const {
        Network network;
        network.name = name;
        const std::string path = "/networks/" + name;
        const Json& machines = json.at("machines");
        std::vector<std::string> paths;
        if (machines.is_array()) {
            for (const Json& machine : machines) {
                paths.push_back(path + "/machines/" + std::to_string(network.members.size()));
                network.members.push_back({machine.get<std::string>(), "", ""});
            }
        } else {
            for (const auto& [machine, member] : machines.items()) {
                paths.push_back(json_pointer(path + "/machines", machine));
                network.members.push_back(read_member(machine, member));
            }
        }
        std::vector<std::string> known;
        for (const Machine& machine : lab.machines) known.push_back(machine.name);
        for (std::size_t i = 0; i < paths.size(); ++i)
            check_machine(network.members[i].machine, known, paths[i]);
        check_addresses(network, paths, json);
        return network;
    }

    static NetworkMember read_member(const std::string& machine, const Json& json) {
        if (json.is_string()) return {machine, json.get<std::string>(), ""};
        return {machine, json.value("address", ""), lower(json.value("mac", ""))};
    }

    void check_machine(const std::string& name, const std::vector<std::string>& known,
                       const std::string& path) const {
        if (std::find(known.begin(), known.end(), name) != known.end()) return;
        const std::string meant = nearest_word(name, known);
        mistake(path, "there is no machine '" + name + "' in this lab" +
                          (meant.empty() ? "" : "; did you mean '" + meant + "'?"));
    }

    void check_addresses(const Network& network, const std::vector<std::string>& paths,
                         const Json& json) const {
        std::optional<NetworkAddress> cidr;
        if (json.contains("cidr")) {
            const std::string path = "/networks/" + network.name + "/cidr";
            cidr = NetworkAddress::parse(json.at("cidr").get<std::string>());
            if (!cidr)
                mistake(path, "'" + json.at("cidr").get<std::string>() +
                                  "' is not a network such as 10.0.0.0/24");
            else if (!cidr->names_a_network())
                mistake(path,
                        "'" + json.at("cidr").get<std::string>() +
                            "' is the address of a host, not of a network (such as 10.0.0.0/24)");
        }
        std::vector<std::pair<NetworkAddress, std::string>> taken;
        std::set<std::string> macs;
        for (std::size_t i = 0; i < network.members.size(); ++i) {
            const NetworkMember& member = network.members[i];
            if (!member.mac.empty()) check_mac(member.mac, macs, paths[i]);
            if (!member.address.empty()) check_address(member, cidr, taken, paths[i]);
        }
    }

    void check_mac(const std::string& mac, std::set<std::string>& taken,
                   const std::string& path) const {
        if (!taken.insert(mac).second)
            mistake(path, "the MAC address " + mac + " is taken by another machine");
        if (std::stoul(mac.substr(0, 2), nullptr, 16) & 1)
            mistake(path, "the MAC address " + mac + " is a group address");
    }

    void check_address(const NetworkMember& member, const std::optional<NetworkAddress>& cidr,
                       std::vector<std::pair<NetworkAddress, std::string>>& taken,
                       const std::string& path) const {
        const auto address = NetworkAddress::parse(member.address);
        if (!address)
            return mistake(path, "'" + member.address + "' is not an address such as 10.0.0.5/24");
        if (cidr && !cidr->network_holds(*address))
            mistake(path, member.address + " is not in the network's cidr");
        std::string why = address->why_no_machines(address->prefix);
        if (why.empty() && cidr) why = address->why_no_machines(cidr->prefix);
        if (!why.empty()) mistake(path, member.address + " " + why);
        for (const auto& [other, machine] : taken) {
            if (other.same_host(*address))
                mistake(path, member.address + " is the address of '" + machine + "' too");
        }
        if (!cidr && !taken.empty() && !taken.front().first.network_holds(*address))
            mistake(path, member.address + " is not in the same network as the address of '" +
                              taken.front().second + "'");
        taken.emplace_back(*address, member.machine);
    }

    /// Where a machine stands in two networks of one range, it cannot tell which of the two leads
    /// to an address. Machines apart from each other may have the same ranges.
    void check_ranges(const Lab& lab, const Json& root) const {
        struct Range {
            NetworkAddress network;
            std::string text, in;
        };
        std::map<std::string, std::vector<Range>> of_machines;
        for (const Network& network : lab.networks) {
            const std::string cidr = root.at("networks").at(network.name).value("cidr", "");
            for (const NetworkMember& member : network.members) {
                const std::string text = cidr.empty() ? member.address : cidr;
                const auto range = NetworkAddress::parse(text);
                if (!range || (!cidr.empty() && !range->names_a_network())) continue;
                auto& others = of_machines[member.machine];
                for (const Range& other : others)
                    if (other.in != network.name && other.network.overlaps(*range))
                        mistake(json_pointer("/networks", network.name),
                                "machine '" + member.machine + "' is in the range " + text +
                                    " here and in " + other.text + " of network '" + other.in +
                                    "': one machine cannot stand in two networks of one range");
                others.push_back({*range, text, network.name});
            }
        }
    }

    const YamlDocument& document_;
    Diagnostics& diagnostics_;
};

void make_suite_files_absolute(Lab& lab, const std::filesystem::path& folder,
                               const YamlDocument& document, Diagnostics& diagnostics) {
    for (std::size_t i = 0; i < lab.suite_files.size(); ++i) {
        const auto file = std::filesystem::absolute(folder / lab.suite_files[i]).lexically_normal();
        const std::string path = "/suite-files/" + std::to_string(i);
        std::error_code ignored;
        if (!std::filesystem::is_regular_file(file, ignored))
            diagnostics.add(document.file, document.line_of(path), path,
                            "there is no file " + file.string());
        lab.suite_files[i] = file.string();
    }
}

Lab parse(const std::string& yaml, const std::string& file_name, Diagnostics& diagnostics,
          YamlDocument& document) {
    Lab lab;
    lab.source = yaml;
    lab.digest = sha256_hex(yaml);
    Diagnostics own;  // the caller's may hold the mistakes of other files already
    document = parse_yaml(yaml, file_name, own);
    static const Schema schema(lab_schema());
    if (own.ok()) schema.check(document, own);
    if (own.ok()) Reader(document, own).read(lab);
    diagnostics.items.insert(diagnostics.items.end(), own.items.begin(), own.items.end());
    return lab;
}

}  // namespace

Lab parse_lab(const std::string& yaml, const std::string& file_name, Diagnostics& diagnostics) {
    YamlDocument document;
    return parse(yaml, file_name, diagnostics, document);
}

Lab load_lab(const std::filesystem::path& file, Diagnostics& diagnostics) {
    YamlDocument document;
    Lab lab = parse(read_file(file, max_lab_bytes), file.string(), diagnostics, document);
    make_suite_files_absolute(lab, file.parent_path(), document, diagnostics);
    return lab;
}

std::string lab_schema() { return std::string(embedded::lab_files::file("lab.schema.json")); }

std::vector<std::string> lab_example_names() {
    std::vector<std::string> names;
    for (const std::string_view name : embedded::lab_files::names())
        if (name.ends_with(".yaml")) names.emplace_back(name.substr(0, name.size() - 5));
    return names;
}

std::string lab_example(const std::string& name) {
    const std::string_view text = embedded::lab_files::file(name + ".yaml");
    if (text.empty()) throw Error(ErrorCode::not_found, "there is no example lab '" + name + "'");
    return std::string(text);
}

}  // namespace patchlab::labdefs
