// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/plan/plan.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/schema.hpp"
#include "platform/core/text.hpp"

namespace patchlab::rollout {

namespace {

/// Spreads names evenly and for ever in the same way (FNV-1a and the finish of MurmurHash3): hosts
/// of equal criticality are not reached in the order of the alphabet, where neighbours often do the
/// same work.
std::uint64_t spread(std::string_view rollout, std::string_view host) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    const auto add = [&](std::string_view text) {
        for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
        hash = (hash ^ 0xffU) * 0x100000001b3ULL;
    };
    add(rollout);
    add(host);
    hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdULL;
    hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53ULL;
    return hash ^ (hash >> 33);
}

std::string some(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < 5; ++i) text += (i ? ", " : "") + names[i];
    return names.size() > 5 ? text + " and " + std::to_string(names.size() - 5) + " more" : text;
}

std::string plural(std::uint64_t count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

class Planner {
  public:
    Planner(const Definition& definition, const catalog::Entry& entry,
            std::vector<HostFacts>& hosts, const assessment::Windows& host_windows, TimePoint now)
        : definition_(definition), hosts_(hosts), host_windows_(host_windows), now_(now) {
        plan_.entry = entry.id;
        plan_.evidence_digest = entry.evidence_digest;
        plan_.definition = definition;
    }

    Plan make() {
        select();
        fill_rings();
        check_order();
        check_windows();
        note();
        if (!mistakes_.empty()) refuse();
        seal();
        return std::move(plan_);
    }

  private:
    void select();
    void check_names(const std::unordered_set<std::string_view>& names,
                     const std::set<std::string, std::less<>>& groups);
    void fill_rings();
    void take(PlannedRing& ring, std::size_t host);
    void check_order();
    void check_windows();
    void note();
    void seal();
    [[noreturn]] void refuse() const {
        std::string all;
        for (const std::string& mistake : mistakes_) all += (all.empty() ? "" : "\n") + mistake;
        throw Error(ErrorCode::invalid, all);
    }
    void wrong_name(const std::string& what, const std::string& name,
                    const std::vector<std::string>& known) {
        const std::string meant = nearest_word(name, known);
        mistakes_.push_back("there is no " + what + " '" + name + "' in the inventory" +
                            (meant.empty() ? "" : "; did you mean '" + meant + "'?"));
    }

    const Definition& definition_;
    std::vector<HostFacts>& hosts_;
    const assessment::Windows& host_windows_;
    TimePoint now_;
    Plan plan_;
    std::vector<std::string> mistakes_;
    std::vector<std::size_t> order_;  ///< the hosts to plan, in the order in which they are reached
    std::vector<bool> taken_;         ///< by host
};

/// Names and groups that no host has are mistakes: a canary group that is misspelt would be an
/// empty ring, which proves nothing.
void Planner::check_names(const std::unordered_set<std::string_view>& names,
                          const std::set<std::string, std::less<>>& groups) {
    const std::vector<std::string> known_groups(groups.begin(), groups.end());
    std::vector<std::string> known_names;
    for (const auto* list : {&definition_.hosts.names, &definition_.hosts.except})
        for (const std::string& name : *list) {
            if (names.contains(name)) continue;
            if (known_names.empty() && names.size() < 2000)
                known_names.assign(names.begin(), names.end());
            wrong_name("host", name, known_names);
        }
    for (const std::string& group : definition_.hosts.groups)
        if (!groups.contains(group)) wrong_name("group", group, known_groups);
    for (const RingDefinition& ring : definition_.rings)
        if (ring.take == Take::group && !groups.contains(ring.group))
            wrong_name("group", ring.group, known_groups);
}

void Planner::select() {
    std::unordered_set<std::string_view> names;
    std::set<std::string, std::less<>> groups;
    names.reserve(hosts_.size());
    for (const HostFacts& host : hosts_) {
        if (!names.insert(host.name).second)
            mistakes_.push_back("the inventory names host '" + host.name + "' twice");
        for (const std::string& group : host.groups) groups.insert(group);
    }
    check_names(names, groups);
    const std::unordered_set<std::string_view> wanted_groups(definition_.hosts.groups.begin(),
                                                             definition_.hosts.groups.end());
    const std::unordered_set<std::string_view> wanted(definition_.hosts.names.begin(),
                                                      definition_.hosts.names.end());
    const std::unordered_set<std::string_view> except(definition_.hosts.except.begin(),
                                                      definition_.hosts.except.end());
    std::vector<std::uint64_t> key(hosts_.size());
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
        const HostFacts& host = hosts_[i];
        const bool all = wanted_groups.empty() && wanted.empty();
        const bool grouped =
            std::any_of(host.groups.begin(), host.groups.end(),
                        [&](const std::string& group) { return wanted_groups.contains(group); });
        if (except.contains(host.name) || !(all || grouped || wanted.contains(host.name))) continue;
        if (host.need == assessment::Need::not_needed) {
            plan_.not_needed.push_back(host.name);
            continue;
        }
        key[i] = spread(definition_.name, host.name);
        order_.push_back(i);
    }
    std::sort(plan_.not_needed.begin(), plan_.not_needed.end());
    std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
        if (hosts_[a].criticality != hosts_[b].criticality)
            return hosts_[a].criticality < hosts_[b].criticality;
        return key[a] != key[b] ? key[a] < key[b] : hosts_[a].name < hosts_[b].name;
    });
    taken_.assign(hosts_.size(), false);
}

void Planner::take(PlannedRing& ring, std::size_t host) {
    HostFacts& facts = hosts_[host];
    taken_[host] = true;
    ring.hosts.push_back(
        {facts.name, facts.criticality, facts.window, facts.need == assessment::Need::unknown});
}

void Planner::fill_rings() {
    const auto all = static_cast<double>(order_.size());
    std::size_t first_free = 0;  // every host before it is taken
    for (const RingDefinition& definition : definition_.rings) {
        PlannedRing ring{definition, {}};
        if (definition.take == Take::group) {
            for (const std::size_t host : order_) {
                const auto& groups = hosts_[host].groups;
                if (!taken_[host] &&
                    std::find(groups.begin(), groups.end(), definition.group) != groups.end())
                    take(ring, host);
            }
        } else {
            std::uint64_t wanted = order_.size();
            if (definition.take == Take::count) wanted = definition.count;
            // a hair less before rounding up: 10 percent of 30 hosts are 3, whatever the last bit
            // of the product says
            if (definition.take == Take::percent)
                wanted =
                    static_cast<std::uint64_t>(std::ceil(all * definition.percent / 100 - 1e-9));
            for (; first_free < order_.size() && ring.hosts.size() < wanted; ++first_free)
                if (!taken_[order_[first_free]]) take(ring, order_[first_free]);
        }
        plan_.rings.push_back(std::move(ring));
    }
    std::vector<std::string> forgotten;
    for (const std::size_t host : order_)
        if (!taken_[host]) forgotten.push_back(hosts_[host].name);
    if (!forgotten.empty())
        mistakes_.push_back(plural(forgotten.size(), "host") + " would be in no ring (" +
                            some(forgotten) + "): end the rings with { name: rest, rest: true }");
}

/// Count, percent and rest take the least critical first by construction; a group may be out of
/// order, which takes a reason.
void Planner::check_order() {
    constexpr int none = 3;
    int least_later = none;
    std::vector<int> later(plan_.rings.size());
    for (std::size_t i = plan_.rings.size(); i-- > 0;) {
        later[i] = least_later;
        for (const PlannedHost& host : plan_.rings[i].hosts)
            least_later = std::min(least_later, static_cast<int>(host.criticality));
    }
    for (std::size_t i = 0; i < plan_.rings.size(); ++i) {
        const PlannedRing& ring = plan_.rings[i];
        if (ring.definition.take != Take::group || !ring.definition.before_less_critical.empty())
            continue;
        for (const PlannedHost& host : ring.hosts) {
            if (static_cast<int>(host.criticality) <= later[i]) continue;
            mistakes_.push_back("ring '" + ring.definition.name + "' holds the " +
                                std::string(assessment::name(host.criticality)) + " host '" +
                                host.name +
                                "', and a later ring holds hosts that are less critical: change "
                                "the order, or say why with before-less-critical");
            break;
        }
    }
}

void Planner::check_windows() {
    plan_.windows = definition_.windows;
    std::set<std::pair<std::string, std::string>> tried;
    for (const PlannedRing& ring : plan_.rings)
        for (const PlannedHost& host : ring.hosts) {
            if (host.window.empty() && ring.definition.window.empty()) continue;
            if (!tried.insert({ring.definition.window, host.window}).second) continue;
            if (!host.window.empty()) {
                const auto own = host_windows_.find(host.window);
                if (own == host_windows_.end()) {
                    mistakes_.push_back("host '" + host.name + "' has the window '" + host.window +
                                        "', which the inventory does not define");
                    continue;
                }
                plan_.windows["host:" + host.window] = own->second;
            }
            if (!assessment::next_start(
                    windows_of(plan_.windows, ring.definition.window, host.window), now_,
                    definition_.needed()))
                mistakes_.push_back(
                    "host '" + host.name + "' would never start: within 400 days, no window " +
                    (ring.definition.window.empty() ? "" : "'" + ring.definition.window + "' ") +
                    (host.window.empty()
                         ? ""
                         : "that is also open for the host's own ('" + host.window + "') ") +
                    "is open for the installation and the way back");
        }
}

void Planner::note() {
    std::uint64_t unknown = 0;
    for (const PlannedRing& ring : plan_.rings) {
        for (const PlannedHost& host : ring.hosts) unknown += host.unknown;
        if (ring.hosts.empty())
            plan_.notes.push_back("ring '" + ring.definition.name + "' is empty");
    }
    if (order_.empty()) plan_.notes.push_back("no host needs this entry");
    if (unknown)
        plan_.notes.push_back(
            "of " + plural(unknown, "host") +
            " it is not known whether they need the entry: they are asked when their turn comes");
}

void Planner::seal() {
    Sha256 digest;
    digest.update(definition_.digest + "\n" + plan_.entry + "\n" + plan_.evidence_digest + "\n");
    for (const PlannedRing& ring : plan_.rings) {
        digest.update("ring " + ring.definition.name + "\n");
        for (const PlannedHost& host : ring.hosts)
            digest.update(host.name + "\n" + host.window + "\n");
    }
    plan_.digest = digest.finish();
}

}  // namespace

std::uint64_t Plan::hosts() const {
    std::uint64_t sum = 0;
    for (const PlannedRing& ring : rings) sum += ring.hosts.size();
    return sum;
}

Plan make_plan(const Definition& definition, const catalog::Entry& entry,
               std::vector<HostFacts> hosts, const assessment::Windows& host_windows,
               TimePoint now) {
    return Planner(definition, entry, hosts, host_windows, now).make();
}

std::vector<const assessment::Window*> windows_of(const assessment::Windows& windows,
                                                  const std::string& ring_window,
                                                  const std::string& host_window) {
    std::vector<const assessment::Window*> found;
    for (const std::string& name :
         {ring_window, host_window.empty() ? "" : "host:" + host_window}) {
        if (name.empty()) continue;
        const auto window = windows.find(name);
        if (window == windows.end())
            throw Error(ErrorCode::internal, "the plan does not hold window '" + name + "'");
        found.push_back(&window->second);
    }
    return found;
}

Json to_json(const Plan& plan, TimePoint now) {
    Json rings = Json::array();
    std::optional<TimePoint> from = now;  // a ring starts when the one before has soaked
    for (const PlannedRing& ring : plan.rings) {
        Json hosts = Json::array();
        Json counts = Json::object();
        for (const PlannedHost& host : ring.hosts) {
            Json item{{"name", host.name}, {"criticality", assessment::name(host.criticality)}};
            if (!host.window.empty()) item["window"] = host.window;
            if (host.unknown) item["unknown"] = true;
            hosts.push_back(std::move(item));
            const std::string level(assessment::name(host.criticality));
            counts[level] = counts.value(level, 0) + 1;
        }
        std::optional<TimePoint> start;
        if (from)
            start = assessment::next_start(windows_of(plan.windows, ring.definition.window, ""),
                                           *from, plan.definition.needed());
        from = start;
        if (from) *from += std::chrono::duration_cast<TimePoint::duration>(ring.definition.soak);
        Json document{
            {"name", ring.definition.name},
            {"soak_seconds", ring.definition.soak.count()},
            {"concurrency", ring.definition.concurrency},
            {"window", ring.definition.window.empty()
                           ? Json(nullptr)
                           : Json(assessment::describe(plan.windows.at(ring.definition.window)))},
            {"first_start", start ? Json(to_rfc3339(*start)) : Json(nullptr)},
            {"criticality", counts},
            {"hosts", hosts}};
        if (plan.definition.mode == Mode::pull) document["channel"] = ring.definition.channel;
        rings.push_back(std::move(document));
    }
    return Json{{"schema", "patchlab/rollout-plan/v1"},
                {"name", plan.definition.name},
                {"entry", plan.entry},
                {"evidence_digest", plan.evidence_digest},
                {"mode", name(plan.definition.mode)},
                {"hosts", plan.hosts()},
                {"may_fail", plan.budget()},
                {"digest", plan.digest},
                {"rings", rings},
                {"not_needed", plan.not_needed},
                {"notes", plan.notes}};
}

}  // namespace patchlab::rollout
