// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/feeds/feed_store.hpp"

#include <algorithm>
#include <cmath>

#include "platform/core/error.hpp"
#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::feeds {

namespace {

constexpr double seconds_of_day = 86400;
constexpr std::size_t most_named = 5;

constexpr std::string_view feed_tables = R"sql(
CREATE TABLE feed_files (
    id       INTEGER PRIMARY KEY,
    feed     TEXT NOT NULL,
    kind     TEXT NOT NULL,
    document TEXT NOT NULL,
    file     TEXT NOT NULL,
    dated    TEXT NOT NULL,
    dated_by TEXT NOT NULL,
    version  TEXT NOT NULL,
    digest   TEXT NOT NULL,
    bytes    INTEGER NOT NULL,
    entries  INTEGER NOT NULL,
    complete INTEGER NOT NULL,
    added    TEXT NOT NULL,
    added_by TEXT NOT NULL,
    UNIQUE (feed, document)
) STRICT;
CREATE TABLE feed_exploited (
    cve        TEXT NOT NULL,
    file       INTEGER NOT NULL REFERENCES feed_files(id),
    since      TEXT NOT NULL,
    due        TEXT NOT NULL,
    ransomware INTEGER,
    forensics  INTEGER,
    PRIMARY KEY (cve, file)
) STRICT, WITHOUT ROWID;
CREATE TABLE feed_ssvc (
    cve          TEXT NOT NULL,
    file         INTEGER NOT NULL REFERENCES feed_files(id),
    exploitation TEXT NOT NULL,
    automatable  TEXT NOT NULL,
    impact       TEXT NOT NULL,
    answered     TEXT NOT NULL,
    cvss         REAL,
    PRIMARY KEY (cve, file)
) STRICT, WITHOUT ROWID;
CREATE TABLE feed_epss (
    cve        TEXT NOT NULL,
    file       INTEGER NOT NULL REFERENCES feed_files(id),
    score      REAL NOT NULL,
    percentile REAL,
    PRIMARY KEY (cve, file)
) STRICT, WITHOUT ROWID;
CREATE TABLE feed_debian (
    cve      TEXT NOT NULL,
    file     INTEGER NOT NULL REFERENCES feed_files(id),
    source   TEXT NOT NULL,
    releases TEXT NOT NULL,
    PRIMARY KEY (cve, file, source)
) STRICT, WITHOUT ROWID;
CREATE TABLE feed_fixes (
    cve       TEXT NOT NULL,
    file      INTEGER NOT NULL REFERENCES feed_files(id),
    advisory  TEXT NOT NULL,
    ecosystem TEXT NOT NULL,
    package   TEXT NOT NULL,
    fixed     TEXT NOT NULL,
    status    TEXT NOT NULL
) STRICT;
CREATE INDEX feed_fixes_cve ON feed_fixes (cve);
CREATE INDEX feed_fixes_advisory ON feed_fixes (advisory);
CREATE TABLE feed_vex (
    cve           TEXT NOT NULL,
    file          INTEGER NOT NULL REFERENCES feed_files(id),
    document      TEXT NOT NULL,
    package       TEXT NOT NULL,
    status        TEXT NOT NULL,
    justification TEXT NOT NULL,
    detail        TEXT NOT NULL,
    product       TEXT NOT NULL,
    products      INTEGER NOT NULL
) STRICT;
CREATE INDEX feed_vex_cve ON feed_vex (cve);
)sql";

std::string slug(std::string_view text) {
    std::string out;
    for (const char raw : text.substr(0, 60)) {
        const char c = small(raw);
        const bool plain = is_digit(c) || (c >= 'a' && c <= 'z');
        if (plain) out += c;
        else if (!out.empty() && out.back() != '-') out += '-';
    }
    while (out.ends_with('-')) out.pop_back();
    return out;
}

bool valid_feed_name(std::string_view text) {
    return !text.empty() && text.size() <= 80 && slug(text) == text;
}

/// What a feed is called when nobody says: vendors of advisories are told apart.
std::string usual_name(const FeedFile& file) {
    const std::string kind(name(file.kind));
    const bool one_author = file.kind == Kind::kev || file.kind == Kind::epss ||
                            file.kind == Kind::debian || file.kind == Kind::ssvc;
    const std::string author = slug(file.document.author);
    return one_author || author.empty() ? kind : kind + "-" + author;
}

DatedBy dated_by_from(const std::string& word) {
    for (const DatedBy by : {DatedBy::content, DatedBy::file_name, DatedBy::file_time})
        if (name(by) == word) return by;
    return DatedBy::given;
}

FeedRow feed_from(const store::Row& row) {
    FeedRow feed;
    feed.name = row.text("feed");
    feed.kind = kind_from(row.text("kind")).value_or(Kind::kev);
    feed.file = row.text("file");
    feed.digest = row.text("digest");
    feed.version = row.text("version");
    feed.dated = row.text("dated");
    feed.dated_by = dated_by_from(row.text("dated_by"));
    feed.added = row.text("added");
    feed.added_by = row.text("added_by");
    feed.files = static_cast<std::size_t>(row.integer("files"));
    feed.entries = static_cast<std::size_t>(row.integer("all_entries"));
    feed.bytes = static_cast<std::uint64_t>(row.integer("all_bytes"));
    feed.complete = row.integer("complete") != 0;
    return feed;
}

FeedRow row_of(const FeedFile& file, const FeedRequest& request, TimePoint now) {
    FeedRow row;
    row.name = request.name.empty() ? usual_name(file) : request.name;
    row.kind = file.kind;
    row.file = shortened(file.file, 200);
    row.digest = file.digest;
    row.version = file.document.version;
    row.dated = file.document.dated;
    row.dated_by = file.dated_by;
    row.added = to_rfc3339(now);
    row.added_by = request.by;
    row.files = 1;
    row.entries = file.document.entries;
    row.bytes = file.bytes;
    row.complete = file.document.complete;
    return row;
}

void apply_given_date(FeedFile& file, const FeedRequest& request) {
    if (request.dated.empty()) return;
    const auto time = time_from(request.dated);
    if (!time)
        throw Error(ErrorCode::usage, "'" + request.dated.substr(0, 40) + "' is no date",
                    "give a date such as 2026-11-30");
    file.document.dated = to_rfc3339(*time);
    file.dated_by = DatedBy::given;
}

/// A feed from the future would never grow old.
void expect_past(const FeedFile& file, TimePoint now) {
    if (from_rfc3339(file.document.dated) > now + std::chrono::hours(24))
        throw Error(ErrorCode::invalid,
                    file.file + ": is dated in the future: " + file.document.dated,
                    "check the clock of this host");
}

}  // namespace

std::vector<store::Migration> migrations() { return {{"feeds", 1, feed_tables}}; }

double FeedRow::age_days(TimePoint now) const {
    return std::max(0.0, Seconds(now - from_rfc3339(dated)).count() / seconds_of_day);
}

std::vector<FeedRow> FeedStore::list() {
    std::vector<FeedRow> feeds;
    // max(dated) makes SQLite take the other columns from the row that has it
    for (const store::Row& row : database_.query(
             "SELECT feed, kind, file, digest, version, max(dated) AS dated, dated_by, added, "
             "added_by, complete, count(*) AS files, sum(entries) AS all_entries, "
             "sum(bytes) AS all_bytes FROM feed_files GROUP BY feed ORDER BY feed"))
        feeds.push_back(feed_from(row));
    return feeds;
}

std::optional<FeedRow> FeedStore::find(const std::string& name) {
    for (FeedRow& feed : list())
        if (feed.name == name) return std::move(feed);
    return std::nullopt;
}

void FeedStore::expect_better(const FeedRow& before, const FeedFile& file,
                              const FeedRequest& request) {
    if (before.kind != file.kind)
        throw Error(ErrorCode::conflict, "feed '" + before.name + "' is of kind " +
                                             std::string(name(before.kind)) +
                                             ", this file of kind " + std::string(name(file.kind)));
    const std::string& document = file.document.id;
    const auto same =
        database_.query_one("SELECT dated, entries FROM feed_files WHERE feed = ? AND document = ?",
                            {before.name, document});
    if (!same) return;
    if (file.document.dated < same->text("dated") && !request.allow_older)
        throw Error(ErrorCode::refused,
                    file.file + ": is of " + file.document.dated + ", older than what is there (" +
                        same->text("dated") + ")",
                    "if it is to replace it all the same: --allow-older");
    const auto had = static_cast<double>(same->integer("entries"));
    const auto has = static_cast<double>(file.document.entries);
    if (has < std::floor(had * least_share(file.kind)) && !request.allow_smaller)
        throw Error(ErrorCode::refused,
                    file.file + ": has " + count_text(file.document.entries, "entry", "entries") +
                        ", the one that is there has " + std::to_string(same->integer("entries")),
                    "it may have been cut short; if it is right: --allow-smaller");
}

/// CVEs that the catalogue named until now and does not name any more.
std::vector<std::string> FeedStore::lost_listings(const std::string& feed) {
    std::vector<std::string> lost;
    for (const store::Row& row : database_.query(
             "SELECT cve FROM feed_exploited e JOIN feed_files f ON f.id = e.file WHERE f.feed = ? "
             "AND cve NOT IN (SELECT cve FROM temp.staged_exploited) ORDER BY cve",
             {feed}))
        lost.push_back(row.text("cve"));
    if (lost.empty()) return {};
    const std::size_t count = lost.size();
    lost.resize(std::min(count, most_named));
    return {"no longer listed as known exploited: " + joined(lost) +
            (count > most_named ? " and " + std::to_string(count - most_named) + " more" : "")};
}

FeedAdded FeedStore::add(
    const FeedRequest& request, TimePoint now,
    const std::function<void(const FeedRow&, const std::function<void()>&)>& record) {
    if (!request.name.empty() && !valid_feed_name(request.name))
        throw Error(ErrorCode::usage, "'" + request.name.substr(0, 40) + "' cannot name a feed",
                    "lower-case letters, digits and dashes");
    Staging staging(database_);
    FeedFile file = read_feed_file(request.file, request.kind, staging);
    staging.finish();
    apply_given_date(file, request);
    expect_past(file, now);
    FeedAdded added{row_of(file, request, now), true, {}};
    if (file.passed_over > 0)
        added.notes.push_back(count_text(file.passed_over, "file") +
                              " of the archive passed over: no feed that is known");
    const std::string& feed = added.feed.name;
    const std::string& document = file.document.id;
    record(added.feed, [&] {
        if (const auto before = find(feed)) expect_better(*before, file, request);
        for (std::string& note : lost_listings(feed)) added.notes.push_back(std::move(note));
        const auto same = database_.query_one(
            "SELECT digest, dated FROM feed_files WHERE feed = ? AND document = ?",
            {feed, document});
        added.changed = !same || same->text("digest") != file.digest ||
                        same->text("dated") != file.document.dated;
        // a whole feed takes the place of single documents that are not newer
        const std::string gone =
            "SELECT id FROM feed_files WHERE feed = ?1 AND (document = ?2 OR "
            "(?2 = '' AND dated <= ?3))";
        for (const std::string& table : statement_tables())
            database_.execute("DELETE FROM " + table + " WHERE file IN (" + gone + ")",
                              {feed, document, file.document.dated});
        database_.execute("DELETE FROM feed_files WHERE id IN (" + gone + ")",
                          {feed, document, file.document.dated});
        database_.execute(
            "INSERT INTO feed_files (feed, kind, document, file, dated, dated_by, version, digest, "
            "bytes, entries, complete, added, added_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
            "?, ?)",
            {feed, std::string(name(file.kind)), document, added.feed.file, file.document.dated,
             std::string(name(file.dated_by)), file.document.version, file.digest,
             static_cast<std::int64_t>(file.bytes),
             static_cast<std::int64_t>(file.document.entries), std::int64_t{file.document.complete},
             added.feed.added, request.by});
        staging.publish_inside(
            database_.query_one("SELECT last_insert_rowid() AS id")->integer("id"));
    });
    if (const auto now_there = find(feed)) added.feed = *now_there;
    return added;
}

}  // namespace patchlab::feeds
