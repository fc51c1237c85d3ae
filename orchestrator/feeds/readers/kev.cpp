// SPDX-License-Identifier: Apache-2.0
//
// CISA's catalogue of known exploited vulnerabilities. The JSON form says how many entries it has,
// so a shorter one cannot pass for a whole one: it alone proves that a CVE is not listed. The CSV
// form says neither that nor its date.
#include <algorithm>
#include <map>
#include <set>

#include "orchestrator/feeds/csv_stream.hpp"
#include "orchestrator/feeds/json_stream.hpp"
#include "orchestrator/feeds/readers/parts.hpp"
#include "orchestrator/feeds/readers/readers.hpp"
#include "platform/core/text.hpp"

namespace patchlab::feeds {

namespace {

std::optional<bool> forensics_from(std::string_view text) {
    const std::string word = small_word(text);
    if (word == "yes") return true;
    return word == "no" ? std::optional(false) : std::nullopt;
}

/// "Unknown" is not no.
std::optional<bool> ransomware_from(std::string_view text) {
    return small_word(text) == "known" ? std::optional(true) : std::nullopt;
}

/// Collects what both forms have in common.
class KevEntries {
  public:
    KevEntries(const std::string& where, FeedSink& sink) : where_(where), sink_(sink) {}

    void add(Exploited entry) {
        if (!is_cve(entry.cve))
            refuse_feed(where_, "'" + shortened(plain_text(entry.cve, 40), 40) + "' is no CVE");
        if (!seen_.insert(entry.cve).second) refuse_feed(where_, "lists " + entry.cve + " twice");
        entry.since = date_text(entry.since, where_);
        entry.due = date_text(entry.due, where_);
        if (entry.since.empty()) refuse_feed(where_, entry.cve + " has no date");
        newest_ = std::max(newest_, entry.since);
        sink_.take(entry);
    }
    std::size_t count() const { return seen_.size(); }
    const std::string& newest() const { return newest_; }

  private:
    const std::string& where_;
    FeedSink& sink_;
    std::set<std::string> seen_;
    std::string newest_;
};

Exploited from_json(const Json& item, const std::string& where) {
    if (!item.is_object()) refuse_feed(where, "an entry is no object");
    return {text_in(item, "cveID", where), text_in(item, "dateAdded", where),
            text_in(item, "dueDate", where),
            ransomware_from(text_in(item, "knownRansomwareCampaignUse", where)),
            forensics_from(text_in(item, "forensicTriage", where))};
}

Document read_kev_json(ByteSource& source, const std::string& where, FeedSink& sink) {
    KevEntries entries(where, sink);
    Json head = Json::object();
    const auto is_entry = [](const JsonPath& path) {
        return path.size() == 2 && path[0] == "vulnerabilities" && path[1] == "[]";
    };
    walk_json(source, where,
              {[&](const JsonPath& path) {
                   return is_entry(path) || (path.size() == 1 && path[0] != "vulnerabilities" &&
                                             path[0] != "[]" && head.size() < 100);
               },
               [&](const JsonPath& path, Json&& value) {
                   if (is_entry(path)) entries.add(from_json(value, where));
                   else head[path[0]] = std::move(value);
               }},
              {.depth = 16, .string = 256U << 10, .values = 2000});
    const Json& count = member(head, "count");
    if (!count.is_number_unsigned()) refuse_feed(where, "does not say how many entries it has");
    if (count.get<std::size_t>() != entries.count())
        refuse_feed(where, "says that it has " + std::to_string(count.get<std::size_t>()) +
                               " entries, but has " + std::to_string(entries.count()));
    Document document;
    document.dated = time_text(text_in(head, "dateReleased", where), where);
    if (document.dated.empty()) refuse_feed(where, "does not say when it was released");
    document.version = text_in(head, "catalogVersion", where);
    document.entries = entries.count();
    document.complete = true;
    return document;
}

Document read_kev_csv(ByteSource& source, const std::string& where, FeedSink& sink) {
    CsvStream csv(source, where);
    std::vector<std::string> cells;
    std::map<std::string, std::size_t> columns;
    if (!csv.next(cells)) refuse_feed(where, "has no header");
    if (cells[0].starts_with("\xEF\xBB\xBF")) cells[0].erase(0, 3);
    for (std::size_t i = 0; i < cells.size(); ++i) columns[cells[i]] = i;
    for (const char* needed : {"cveID", "dateAdded", "dueDate"})
        if (!columns.contains(needed))
            refuse_feed(where, "has no column '" + std::string(needed) + "'");
    const std::size_t width = cells.size();
    KevEntries entries(where, sink);
    const auto cell = [&](const char* column) {
        const auto found = columns.find(column);
        return found == columns.end() ? std::string() : std::string(trimmed(cells[found->second]));
    };
    while (csv.next(cells)) {
        if (cells.size() != width)
            csv.fail("has " + std::to_string(cells.size()) + " columns, the header has " +
                     std::to_string(width));
        entries.add({cell("cveID"), cell("dateAdded"), cell("dueDate"),
                     ransomware_from(cell("knownRansomwareCampaignUse")),
                     forensics_from(cell("forensicTriage"))});
    }
    Document document;
    document.dated = time_text(entries.newest(), where);
    if (document.dated.empty()) refuse_feed(where, "has no entry");
    document.entries = entries.count();
    return document;
}

}  // namespace

Document read_kev(ByteSource& source, const std::string& where, FeedSink& sink) {
    const std::string_view begin = trimmed(source.peek(1024));
    return begin.starts_with('{') || begin.starts_with("\xEF\xBB\xBF{")
               ? read_kev_json(source, where, sink)
               : read_kev_csv(source, where, sink);
}

}  // namespace patchlab::feeds
