// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/watch_look.hpp"

#include <algorithm>
#include <set>

#include "orchestrator/families/package_family.hpp"
#include "orchestrator/notify/notifier.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "platform/core/fail_point.hpp"
#include "platform/core/files.hpp"
#include "platform/core/text.hpp"

namespace patchlab::operations {

namespace {

using campaign::SuiteRow;
using campaign::WatchDefinition;
using campaign::WatchStore;
using families::SuiteLook;

constexpr int failures_worth_telling = 3;  ///< in a row; one alone is an everyday thing

/// Suites that are asked once, however many labs have them.
class Suites {
  public:
    explicit Suites(Call& call) : call_(call), store_(call.session.database()) {}

    struct Asked {
        SuiteRow row;
        std::string answer;  ///< unchanged, changed, unreachable, older, expired, waiting
    };

    const Asked& ask(const families::Suite& suite, const families::PackageFamily& family,
                     const families::VendorSources& from) {
        const auto [known, is_new] = asked_.try_emplace(suite.address);
        if (is_new) known->second = look(suite, family, from);
        return known->second;
    }

    /// What the suites were fetched for was verified.
    void worked(const std::vector<families::Suite>& suites) {
        for (const families::Suite& suite : suites) {
            SuiteRow& row = asked_.at(suite.address).row;
            // what is claimed was not verified: a date in the future would make all that follow old
            const std::string now = to_rfc3339(call_.session.clock().now());
            if (!row.claimed.empty()) row.dated = std::min(row.claimed, now);
            row.failures = 0;
            row.next_try.clear();
            row.trouble.clear();
            store_.save(row);
        }
    }

    /// Those of the suites that changed are left alone for a while.
    void failed(const std::vector<families::Suite>& suites, const std::string& answer,
                const std::string& why, const std::vector<std::string>& tell_names) {
        for (const families::Suite& suite : suites) {
            Asked& asked = asked_.at(suite.address);
            fail(asked, answer, why);
            report(asked, tell_names);
        }
    }

    /// Once for each watch, at the look in which it was one failure too many.
    void report(const Asked& asked, const std::vector<std::string>& names) {
        const SuiteRow& row = asked.row;
        if (row.failures != failures_worth_telling || row.trouble.empty() ||
            asked.answer == "waiting" || !told_.insert({row.suite.address, names}).second)
            return;
        notify::Notice notice;
        notice.kind = notify::NoticeKind::vendor_trouble;
        notice.text = "suite " + row.suite.name + ": " + row.trouble;
        notice.details = {{"suite", row.suite.name},
                          {"address", row.suite.address},
                          {"failures", row.failures},
                          {"next_try_at", or_null(row.next_try)}};
        tell(call_, notice, names);
    }

    Json to_json() const {
        Json items = Json::array();
        for (const auto& [address, asked] : asked_)
            items.push_back({{"suite", asked.row.suite.name},
                             {"address", address},
                             {"answer", asked.answer},
                             {"trouble", or_null(asked.row.trouble)},
                             {"failures", asked.row.failures},
                             {"next_try_at", or_null(asked.row.next_try)}});
        return items;
    }

    bool in_trouble() const {
        return std::any_of(asked_.begin(), asked_.end(),
                           [](const auto& one) { return !one.second.row.trouble.empty(); });
    }

  private:
    Asked look(const families::Suite& suite, const families::PackageFamily& family,
               const families::VendorSources& from) {
        Asked asked{store_.suite(suite), ""};
        const TimePoint now = call_.session.clock().now();
        asked.row.suite = suite;
        if (!asked.row.next_try.empty() && from_rfc3339(asked.row.next_try) > now) {
            asked.answer = "waiting";
            return asked;
        }
        const SuiteLook seen =
            family.look_at(suite, asked.row.seen, from, call_.session.commands());
        asked.row.looked = to_rfc3339(now);
        take(asked, seen, now);
        store_.save(asked.row);
        fail_point("watch-looked");
        return asked;
    }

    void take(Asked& asked, const SuiteLook& seen, TimePoint now) {
        SuiteRow& row = asked.row;
        if (seen.answer == SuiteLook::Answer::unreachable)
            return fail(asked, "unreachable", seen.detail);
        if (seen.expires && *seen.expires < now)
            return fail(asked, "expired",
                        "its index was good until " + to_rfc3339(*seen.expires) +
                            ": the mirror is not kept up, or somebody replays an old index");
        if (seen.answer == SuiteLook::Answer::changed && is_older(seen, row))
            return fail(asked, "older",
                        "its index of " + to_rfc3339(*seen.dated) + " is older than that of " +
                            row.dated + ": a mirror lags behind, or somebody replays an old index");
        if (seen.answer == SuiteLook::Answer::unknown) row.seen = {};
        row.trouble.clear();
        row.next_try.clear();  // the failures count until a fetch has worked
        asked.answer = "unchanged";
        if (seen.answer == SuiteLook::Answer::unchanged) return;
        asked.answer = "changed";
        row.seen = seen.seen;
        row.claimed = seen.dated ? to_rfc3339(*seen.dated) : "";
    }

    static bool is_older(const SuiteLook& seen, const SuiteRow& row) {
        return seen.dated && !row.dated.empty() && *seen.dated < from_rfc3339(row.dated);
    }

    void fail(Asked& asked, const std::string& answer, const std::string& why) {
        SuiteRow& row = asked.row;
        asked.answer = answer;
        row.failures += 1;
        row.trouble = why;
        row.next_try = to_rfc3339(
            call_.session.clock().now() +
            std::chrono::duration_cast<TimePoint::duration>(campaign::pause_after(row.failures)));
        store_.save(row);
        call_.events.warning("suite " + row.suite.name + ": " + why);
    }

    Call& call_;
    WatchStore store_;
    std::map<std::string, Asked> asked_;
    std::set<std::pair<std::string, std::vector<std::string>>> told_;
};

bool holds_name(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

class LabLook {
  public:
    LabLook(Call& call, Suites& suites, const WatchDefinition& watch, std::string lab)
        : call_(call),
          suites_(suites),
          store_(call.session.database()),
          watch_(watch),
          lab_(std::move(lab)) {}

    /// What was found for the lab: new candidates, retractions, why nothing was fetched.
    Json look() {
        const Json request{{"lab", lab_}};
        vendors_ = fetch_request(call_, JsonReader(request, "watch"));
        bool good = true;
        std::map<std::string, std::string> now;
        for (const auto& [name, from] : vendors_.sources) {
            const families::PackageFamily& family = families::family(name);
            for (const families::Suite& suite : family.suites_in(from)) {
                if (!watch_.suites.empty() && !holds_name(watch_.suites, suite.name)) continue;
                const Suites::Asked& asked = suites_.ask(suite, family, from);
                known_.push_back(suite);
                good = good && (asked.answer == "changed" || asked.answer == "unchanged");
                now[suite.address] = asked.row.seen.digest;
                suites_.report(asked, watch_.tell);
            }
        }
        if (known_.empty()) return found("none of its suites is watched");
        if (!good) return found("a suite is in trouble");
        const bool unknown =
            std::any_of(now.begin(), now.end(), [](const auto& one) { return one.second.empty(); });
        if (unknown || now != store_.fetched(watch_.name, lab_)) return take_in(now);
        suites_.worked(known_);
        return found("");
    }

  private:
    Json found(const std::string& why) const {
        return {{"lab", lab_},
                {"found", new_},
                {"retracted", retracted_},
                {"fetched", fetched_},
                {"why", or_null(why)}};
    }

    Json take_in(const std::map<std::string, std::string>& now) {
        std::vector<intake::Patch> patches;
        try {
            patches = fetch();
        } catch (const Error& error) {
            suites_.failed(changed(now), "refused", error.what(), watch_.tell);
            return found(error.what());
        }
        fail_point("watch-fetched");
        suites_.worked(known_);
        retracted_ = act_on_retractions(call_, vendors_, patches, watch_.tell);
        fail_point("watch-retracted");
        std::vector<std::string> ids;
        for (const intake::Patch& patch : patches) ids.push_back(patch.id);
        new_ = store_.take(watch_.name, lab_, now, ids, call_.session.clock().now());
        fetched_ = true;
        fail_point("watch-took");
        return found("");
    }

    std::vector<families::Suite> changed(const std::map<std::string, std::string>& now) {
        const auto before = store_.fetched(watch_.name, lab_);
        std::vector<families::Suite> suites;
        for (const families::Suite& suite : known_) {
            const auto known = before.find(suite.address);
            if (known == before.end() || known->second.empty() ||
                known->second != now.at(suite.address))
                suites.push_back(suite);
        }
        return suites;
    }

    /// Everything pending that the watch asks for, downloaded.
    std::vector<intake::Patch> fetch() {
        intake::FetchRequest wanted = vendors_;
        wanted.progress = [&](const std::string& text) {
            call_.events.progress("lab " + lab_ + ": " + text);
        };
        wanted.notice = [&](const std::string& text) { call_.events.note(text); };
        intake::PatchStore patches(call_.session.state(), call_.session.database());
        const auto ask = [&] {
            return intake::fetch_patches(wanted, patches, call_.session.commands(),
                                         call_.session.clock());
        };
        if (watch_.suites.empty() && watch_.sources.empty()) return ask();
        wanted.list_only = true;
        wanted.only.clear();
        for (const intake::Patch& patch : ask())
            if (is_watched(patch)) wanted.only.push_back(patch.source);
        if (wanted.only.empty()) return {};
        wanted.list_only = false;
        wanted.notice = {};
        return ask();
    }

    bool is_watched(const intake::Patch& patch) const {
        const bool source =
            watch_.sources.empty() || holds_name(watch_.sources, patch.source) ||
            std::any_of(patch.packages.begin(), patch.packages.end(), [&](const auto& package) {
                return !package.prerequisite && holds_name(watch_.sources, package.name);
            });
        const bool suite =
            watch_.suites.empty() ||
            std::any_of(patch.packages.begin(), patch.packages.end(), [&](const auto& package) {
                return !package.prerequisite &&
                       holds_name(watch_.suites,
                                  package.origin.substr(package.origin.rfind(':') + 1));
            });
        return source && suite;
    }

    Call& call_;
    Suites& suites_;
    WatchStore store_;
    const WatchDefinition& watch_;
    const std::string lab_;
    intake::FetchRequest vendors_;
    std::vector<families::Suite> known_;
    std::vector<std::string> new_;
    Json retracted_ = Json::array();
    bool fetched_ = false;
};

WatchDefinition definition_of(const campaign::WatchRow& row) {
    Diagnostics diagnostics;
    WatchDefinition watch = campaign::parse_watch(row.source, row.file, diagnostics);
    diagnostics.throw_if_any("reading watch '" + row.name + "'");
    return watch;
}

std::vector<campaign::WatchRow> watches_to_look_at(Call& call, const JsonReader& request) {
    WatchStore store(call.session.database());
    std::vector<campaign::WatchRow> rows;
    for (const std::string& name : request.strings_or_empty("watches"))
        rows.push_back(store.get(name));
    return rows.empty() ? store.list() : rows;
}

FileLock one_look_at_a_time(Call& call) {
    auto lock = FileLock::try_acquire(call.session.state() / "watch.lock");
    if (!lock)
        throw Error(ErrorCode::conflict, "another look at the vendors is under way",
                    "wait until it is over; see: patchlab campaign list");
    return std::move(*lock);
}

/// 1 something was rejected, 3 something could not be judged or a vendor is in trouble, 5 something
/// needs a review, 0 all well.
int exit_of_look(const Json& document, bool trouble) {
    std::vector<std::string> verdicts;
    bool open = false;
    for (const Json& campaign : document.at("campaigns")) {
        const std::string state = campaign.at("state").get<std::string>();
        if (campaign.at("verdict").is_string()) verdicts.push_back(campaign.at("verdict"));
        else open = open || state == "stopped" || state == "interrupted";
    }
    if (holds_name(verdicts, "rejected")) return 1;
    if (trouble || open || holds_name(verdicts, "inconclusive")) return 3;
    return holds_name(verdicts, "needs-review") ? 5 : 0;
}

Json look_for_watch(Call& call, Suites& suites, WatchedCampaigns& campaigns,
                    const WatchDefinition& watch, bool& trouble, Json& all_campaigns) {
    Json labs = Json::array();
    for (const std::string& lab : watch.labs) {
        if (call.events.interrupted()) break;
        call.events.progress("watch " + watch.name + ": lab " + lab);
        Json item;
        try {
            item = LabLook(call, suites, watch, lab).look();
            const std::string why = campaigns.start(watch, lab);
            item["waits"] = or_null(why);
        } catch (const Error& error) {  // one lab that is gone does not stop the others
            call.events.warning("watch " + watch.name + ": lab " + lab + ": " + error.what());
            item = {{"lab", lab},       {"found", Json::array()}, {"retracted", Json::array()},
                    {"fetched", false}, {"why", error.what()},    {"waits", nullptr}};
            trouble = true;
        }
        labs.push_back(std::move(item));
    }
    for (Json& campaign : campaigns.follow(watch)) all_campaigns.push_back(std::move(campaign));
    return {{"watch", watch.name}, {"every_seconds", watch.every.count()}, {"labs", labs}};
}

}  // namespace

Outcome look_at_vendors(Call& call, const JsonReader& request) {
    const FileLock lock = one_look_at_a_time(call);
    WatchedCampaigns campaigns(call, request.boolean_or("detach", false));
    Suites suites(call);
    bool trouble = false;
    Json watches = Json::array(), all_campaigns = Json::array();
    for (const campaign::WatchRow& row : watches_to_look_at(call, request)) {
        const WatchDefinition watch = definition_of(row);
        watches.push_back(look_for_watch(call, suites, campaigns, watch, trouble, all_campaigns));
    }
    Json document{{"schema", "patchlab/watch-look/v1"},
                  {"watches", watches},
                  {"suites", suites.to_json()},
                  {"campaigns", all_campaigns}};
    const int exit = exit_of_look(document, trouble || suites.in_trouble());
    return {std::move(document), exit};
}

std::vector<notify::NotifyTarget> targets_named(const std::vector<std::string>& names) {
    std::vector<notify::NotifyTarget> targets;
    for (const std::string& name : names) targets.emplace_back().target = name;
    return targets;
}

void tell(Call& call, const notify::Notice& notice, const std::vector<std::string>& names) {
    notify::Notifier(call.session.state(),
                     notify::all_targets(call.session.state(), targets_named(names)),
                     call.session.commands(), call.session.clock())
        .send(notice);
}

}  // namespace patchlab::operations
