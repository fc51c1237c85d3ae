// SPDX-License-Identifier: Apache-2.0
//
// What public feeds say of vulnerabilities: brought as files, listed, and held against their age.
#include "orchestrator/feeds/feed_store.hpp"

#include <algorithm>

#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::operations {

namespace {

using feeds::FeedRow;
using feeds::FeedStore;

Json feed_json(const FeedRow& feed, TimePoint now, double limit) {
    return {{"name", feed.name},
            {"kind", std::string(feeds::name(feed.kind))},
            {"dated_at", feed.dated},
            {"dated_by", std::string(feeds::name(feed.dated_by))},
            {"age_days", feed.age_days(now)},
            {"limit_days", limit},
            {"stale", feed.age_days(now) > limit},
            {"version", or_null(feed.version)},
            {"entries", feed.entries},
            {"files", feed.files},
            {"file", feed.file},
            {"bytes", feed.bytes},
            {"sha256", feed.digest},
            {"complete", feed.complete},
            {"created_at", feed.added},
            {"created_by", feed.added_by}};
}

std::optional<feeds::Kind> wanted_kind(const JsonReader& request) {
    const std::string word = request.string_or("kind", "");
    if (word.empty()) return std::nullopt;
    const auto kind = feeds::kind_from(word);
    if (!kind)
        throw Error(
            ErrorCode::usage,
            "there is no kind of feed '" + word + "'" + did_you_mean(word, feeds::kind_names()),
            "known are: " + joined(feeds::kind_names()));
    return kind;
}

Audit audit_of_feed(const FeedRow& feed) {
    return {feed.name,
            {{"kind", std::string(feeds::name(feed.kind))},
             {"file", feed.file},
             {"sha256", feed.digest},
             {"dated", feed.dated},
             {"dated_by", std::string(feeds::name(feed.dated_by))},
             {"entries", feed.entries}}};
}

Json add_feed(Call& call, FeedStore& store, const feeds::FeedRequest& wanted) {
    const TimePoint now = call.session.clock().now();
    call.events.progress("reading " + wanted.file.string());
    const feeds::FeedAdded added = during("adding feed " + wanted.file.string(), [&] {
        return store.add(wanted, now, [&](const FeedRow& row, const std::function<void()>& change) {
            call.record(audit_of_feed(row), change);
        });
    });
    for (const std::string& note : added.notes) call.events.note(added.feed.name + ": " + note);
    Json json = feed_json(added.feed, now, feeds::limit_days(added.feed.kind));
    if (json.at("stale").get<bool>())
        call.events.warning("feed " + added.feed.name + " is of " + added.feed.dated.substr(0, 10) +
                            ": too old to say that a vulnerability is not urgent");
    json["changed"] = added.changed;
    return json;
}

Outcome add_feeds(Call& call, const JsonReader& request) {
    FeedStore store(call.session.database());
    const std::vector<std::string> files = request.strings("files");
    Json feeds = Json::array();
    for (const std::string& file : files) {
        feeds::FeedRequest wanted;
        wanted.file = file;
        wanted.kind = wanted_kind(request);
        wanted.name = request.string_or("name", "");
        wanted.dated = request.string_or("dated", "");
        wanted.allow_older = request.boolean_or("allow_older", false);
        wanted.allow_smaller = request.boolean_or("allow_smaller", false);
        wanted.by = call.actor.user;
        feeds.push_back(add_feed(call, store, wanted));
    }
    return {{{"schema", "patchlab/feeds/v1"}, {"feeds", std::move(feeds)}}};
}

Outcome list_feeds(Call& call, const JsonReader&) {
    Json feeds = Json::array();
    for (const FeedRow& feed : FeedStore(call.session.database()).list())
        feeds.push_back(feed_json(feed, call.session.clock().now(), feeds::limit_days(feed.kind)));
    return {{{"schema", "patchlab/feeds/v1"}, {"feeds", std::move(feeds)}}};
}

/// No feed at all answers nothing, and so is as bad as one that is too old.
Outcome check_feeds(Call& call, const JsonReader& request) {
    const double limit = request.number_or("max_age_days", 0);
    Json feeds = Json::array();
    std::set<std::string> current;
    bool all_current = true;
    for (const FeedRow& feed : FeedStore(call.session.database()).list()) {
        feeds.push_back(feed_json(feed, call.session.clock().now(),
                                  limit > 0 ? limit : feeds::limit_days(feed.kind)));
        const bool stale = feeds.back().at("stale").get<bool>();
        all_current = all_current && !stale;
        if (!stale) current.insert(std::string(feeds::name(feed.kind)));
    }
    Json missing = Json::array();
    for (const std::string& kind : request.strings_or_empty("require")) {
        wanted_kind(JsonReader({{"kind", kind}}, "request"));
        if (!current.contains(kind)) missing.push_back(kind);
    }
    const bool ok = all_current && !feeds.empty() && missing.empty();
    return {{{"schema", "patchlab/feed-check/v1"},
             {"ok", ok},
             {"missing", std::move(missing)},
             {"feeds", std::move(feeds)}},
            ok ? 0 : exit_code(ErrorCode::refused)};
}

}  // namespace

std::vector<Operation> feed_operations() {
    using governance::Role;
    return {
        {"feed.add",
         "Bring feeds of vulnerabilities: each file replaces what it is newer than",
         Kind::long_write,
         {{Role::release_manager, Role::admin}, "bring feeds"},
         add_feeds},
        {"feed.list", "List the feeds of vulnerabilities, with their dates", Kind::read, anyone(),
         list_feeds},
        {"feed.check", "Whether the feeds are young enough to answer", Kind::read, anyone(),
         check_feeds},
    };
}

}  // namespace patchlab::operations
