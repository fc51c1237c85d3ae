// SPDX-License-Identifier: Apache-2.0
//
// An OSV record: which version of which package of which ecosystem mends it.
#include <set>

#include "orchestrator/feeds/json_stream.hpp"
#include "orchestrator/feeds/readers/parts.hpp"
#include "orchestrator/feeds/readers/readers.hpp"

namespace patchlab::feeds {

namespace {

std::set<std::string> cves_of(const Json& record, const std::string& where) {
    std::set<std::string> cves;
    const auto note = [&](const std::string& id) {
        if (is_cve(id)) cves.insert(id);
    };
    note(text_in(record, "id", where));
    for (const char* key : {"aliases", "upstream"})
        for (const Json& id : list_in(record, key, where)) {
            if (!id.is_string())
                refuse_feed(where, "'" + std::string(key) + "' is no list of texts");
            note(id.get_ref<const std::string&>());
        }
    return cves;
}

/// Every version with which a range ends; an empty one: nothing mends it yet.
std::set<std::string> fixed_in(const Json& affected, const std::string& where) {
    std::set<std::string> versions;
    for (const Json& range : list_in(affected, "ranges", where))
        for (const Json& event : list_in(range, "events", where))
            if (const std::string fixed = text_in(event, "fixed", where, 100); !fixed.empty())
                versions.insert(fixed);
    if (versions.empty()) versions.insert("");
    return versions;
}

}  // namespace

Document read_osv(ByteSource& source, const std::string& where, FeedSink& sink) {
    const Json record = read_document(source, where);
    Document document;
    document.id = text_in(record, "id", where);
    if (document.id.empty()) refuse_feed(where, "the record has no id");
    document.dated = time_text(text_in(record, "modified", where), where);
    if (!text_in(record, "withdrawn", where).empty()) return document;
    const std::set<std::string> cves = cves_of(record, where);
    for (const Json& affected : list_in(record, "affected", where)) {
        const Json& package = member(affected, "package");
        const std::string ecosystem = text_in(package, "ecosystem", where, 100);
        if (document.author.empty()) document.author = ecosystem.substr(0, ecosystem.find(':'));
        for (const std::string& fixed : fixed_in(affected, where))
            for (const std::string& cve : cves) {
                sink.take(Fix{cve, document.id, ecosystem, text_in(package, "name", where), fixed,
                              fixed.empty() ? "open" : "fixed"});
                ++document.entries;
            }
    }
    return document;
}

}  // namespace patchlab::feeds
