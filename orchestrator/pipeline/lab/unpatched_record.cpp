// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/lab/unpatched_record.hpp"

#include <algorithm>
#include <set>

#include "orchestrator/pipeline/stages/packages.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/core/log.hpp"
#include "snapshots/fingerprint.hpp"

namespace patchlab::pipeline {

namespace {

constexpr std::string_view record_schema = "patchlab/unpatched/v1";
constexpr std::size_t most_entries = 400;  ///< troubles, and facts, of a machine
constexpr std::size_t longest_text = 600;  ///< of a trouble or a fact; longer ones are not kept

fs::path file_beside(const PreparedLab& lab, const char* ending) {
    return fs::path(lab.folder()) += ending;
}
constexpr const char* record_ending = ".seen.json";
constexpr const char* lock_ending = ".seen.lock";

/// What a machine is, whatever its suites: two of the same digest do the same by themselves.
std::string place_of(const RunRequest& request, const std::string& machine) {
    const MachineRequest& wanted = request.machine(machine);
    Json place{{"lab", request.lab.name},
               {"machine", machine},
               {"image", wanted.image_digest},
               {"vcpus", wanted.definition.vcpus},
               {"memory", wanted.definition.memory_mib},
               {"networks", Json::array()}};
    for (const labdefs::Network& network : request.lab.networks)
        for (const labdefs::NetworkMember& member : network.members)
            if (member.machine == machine)
                place["networks"].push_back({network.name, member.address, member.mac});
    return sha256_hex(to_text(place));
}

Json to_json(const Sighting& sighting) {
    return {{"times", sighting.times}, {"last", sighting.last}};
}

Sighting sighting_from(const JsonReader& in) {
    return {static_cast<std::uint64_t>(std::max<std::int64_t>(0, in.integer("times"))),
            in.string("last")};
}

Json to_json(const UnpatchedRecord& record) {
    Json troubles = Json::array(), facts = Json::array();
    for (const auto& [what, sighting] : record.troubles) {
        Json item = to_json(sighting);
        item["subject"] = what.first;
        item["shape"] = what.second;
        troubles.push_back(std::move(item));
    }
    for (const auto& [what, sighting] : record.facts) {
        Json item = to_json(sighting);
        item["class"] = std::get<0>(what);
        item["subject"] = std::get<1>(what);
        item["value"] = std::get<2>(what);
        facts.push_back(std::move(item));
    }
    return {{"looks", record.looks}, {"troubles", troubles}, {"facts", facts}};
}

UnpatchedRecord record_from(const JsonReader& in) {
    UnpatchedRecord record;
    record.looks = static_cast<std::uint64_t>(std::max<std::int64_t>(0, in.integer("looks")));
    for (const JsonReader& item : in.objects("troubles"))
        record.troubles[{item.string("subject"), item.string("shape")}] = sighting_from(item);
    for (const JsonReader& item : in.objects("facts"))
        record.facts[{item.string("class"), item.string("subject"), item.string("value")}] =
            sighting_from(item);
    return record;
}

using Records = std::map<std::string, UnpatchedRecord>;  ///< by place_of()

/// Empty for a file that is not there, or that nothing can be made of: it is only a memory.
Records read_records(const fs::path& file) {
    Records records;
    const auto text = read_file_if_any(file);
    if (!text) return records;
    try {
        const Json json = parse_json(*text, file.string());
        const JsonReader in(json, file.string());
        in.expect_schema(record_schema);
        for (const JsonReader& item : in.objects("machines"))
            records[item.string("place")] = record_from(item);
    } catch (const Error& error) {
        log_warning("what unpatched machines showed before is not readable: " +
                    std::string(error.what()));
        records.clear();
    }
    return records;
}

/// Of the records beside it, the one that knows most of this place.
UnpatchedRecord inherited(const PreparedLab& lab, const std::string& place) {
    UnpatchedRecord best;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(lab.folder().parent_path(), none)) {
        if (!entry.path().filename().string().ends_with(record_ending)) continue;
        const Records records = read_records(entry.path());
        const auto found = records.find(place);
        if (found != records.end() && found->second.looks > best.looks) best = found->second;
    }
    return best;
}

UnpatchedRecord record_of(const Records& records, const PreparedLab& lab,
                          const std::string& place) {
    const auto found = records.find(place);
    return found == records.end() ? inherited(lab, place) : found->second;
}

template <typename Map>
void forget_oldest(Map& entries) {
    while (entries.size() > most_entries)
        entries.erase(std::min_element(
            entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.second.last < b.second.last; }));
}

template <typename Map, typename Key>
void see(Map& entries, const Key& key, const std::string& when) {
    Sighting& sighting = entries[key];
    ++sighting.times;
    sighting.last = when;
}

using Troubles = std::set<std::pair<std::string, std::string>>;

void add_checks(Troubles& troubles, const std::vector<testsuites::CheckResult>& checks) {
    for (const testsuites::CheckResult& check : checks) {
        if (check.outcome != testsuites::Outcome::fail) continue;
        const std::string subject = check.suite + "/" + check.name;
        if (check.lines.empty()) troubles.emplace(subject, "");
        for (const std::string& line : check.lines)
            troubles.emplace(subject, snapshots::fingerprint(line));
    }
}

void add_complaints(Troubles& troubles, const snapshots::Health& health) {
    for (const Complaints& list : complaint_lists)
        for (const std::string& line : health.*list.lines)
            troubles.emplace(list.subject, snapshots::fingerprint(line));
}

bool is_of_the_same_packages(const snapshots::Capture& before, const snapshots::Capture& now) {
    return installed_packages(before) == installed_packages(now);
}

std::tuple<std::string, std::string, std::string> key_of(const snapshots::Change& change) {
    return {std::string(snapshots::name(change.cls)), change.subject,
            change.after ? snapshots::to_text(*change.after) : ""};
}

/// A fact whose value may be the machine's own doing. What is installed never is.
bool is_kept(const snapshots::Change& change) {
    return !change.is_of_file() && change.kind != snapshots::ChangeKind::unreadable &&
           change.cls != snapshots::ChangeClass::package;
}

void add_look(UnpatchedRecord& record, const std::string& machine,
              const snapshots::Capture& baseline, const Findings& look, const std::string& when) {
    ++record.looks;
    Troubles troubles;
    add_checks(troubles, look.checks);
    add_complaints(troubles, look.capture.health);
    for (const auto& trouble : troubles)
        if (trouble.second.size() <= longest_text) see(record.troubles, trouble, when);
    for (const snapshots::Change& change :
         snapshots::find_changes(machine, {baseline, look.capture, {}}))
        if (const auto key = key_of(change);
            is_kept(change) && std::get<1>(key).size() + std::get<2>(key).size() <= longest_text)
            see(record.facts, key, when);
    forget_oldest(record.troubles);
    forget_oldest(record.facts);
}

}  // namespace

const Sighting* UnpatchedRecord::trouble(const std::string& subject,
                                         const std::string& shape) const {
    const auto found = troubles.find({subject, shape});
    return found == troubles.end() ? nullptr : &found->second;
}

const Sighting* UnpatchedRecord::fact(const snapshots::Change& change) const {
    if (!is_kept(change)) return nullptr;
    const auto found = facts.find(key_of(change));
    return found == facts.end() ? nullptr : &found->second;
}

std::string words_of(const Sighting& sighting, std::uint64_t looks) {
    return "seen on unpatched machines " + std::to_string(sighting.times) +
           (sighting.times == 1 ? " time in " : " times in ") + std::to_string(looks) +
           (looks == 1 ? " look" : " looks") + ", last " + sighting.last;
}

UnpatchedRecord read_unpatched(const RunRequest& request, const PreparedLab& lab,
                               const std::string& machine) {
    return record_of(read_records(file_beside(lab, record_ending)), lab,
                     place_of(request, machine));
}

void record_unpatched(const RunRequest& request, const PreparedLab& lab, const std::string& machine,
                      const Findings& look, TimePoint now) {
    const snapshots::Capture before = lab.baseline(machine).capture;
    if (!is_of_the_same_packages(before, look.capture)) {
        log_warning("machine '" + machine +
                    "' has other packages than at its checkpoint: what it shows is not kept");
        return;
    }
    const FileLock lock = FileLock::acquire(file_beside(lab, lock_ending));
    const fs::path file = file_beside(lab, record_ending);
    Records records = read_records(file);
    const std::string place = place_of(request, machine);
    UnpatchedRecord record = record_of(records, lab, place);
    add_look(record, machine, before, look, to_rfc3339(now));
    records[place] = std::move(record);
    Json machines = Json::array();
    for (const auto& [of, known] : records) {
        Json item = to_json(known);
        item["place"] = of;
        machines.push_back(std::move(item));
    }
    write_json(file,
               {{"schema", record_schema}, {"lab", request.lab.name}, {"machines", machines}});
}

void record_unpatched_trial(const RunRequest& request, const PreparedLab& lab,
                            const fs::path& folder, TimePoint now) {
    for (const MachineRequest& machine : request.machines)
        record_unpatched(request, lab, machine.definition.name,
                         read_findings(folder, machine.definition.name, false), now);
}

void subtract_unpatched(std::vector<snapshots::Change>& changes, const UnpatchedRecord& record) {
    for (snapshots::Change& change : changes) {
        if (change.attribution.is_noise()) continue;
        const Sighting* const sighting = record.fact(change);
        if (sighting == nullptr) continue;
        change.attribution = snapshots::Attribution::noise();
        change.why = words_of(*sighting, record.looks);
        change.sensitive = false;
    }
}

}  // namespace patchlab::pipeline
