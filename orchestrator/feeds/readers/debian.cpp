// SPDX-License-Identifier: Apache-2.0
//
// Debian's security tracker: source package → CVE → releases. Tens of megabytes in one object, of
// which one CVE of one source is held at a time. It does not say its date.
#include "orchestrator/feeds/json_stream.hpp"
#include "orchestrator/feeds/readers/parts.hpp"
#include "orchestrator/feeds/readers/readers.hpp"

namespace patchlab::feeds {

namespace {

DebianState state_from(const std::string& source, const std::string& cve, const Json& value,
                       const std::string& where) {
    if (!value.is_object()) refuse_feed(where, cve + " of " + source + " is no object");
    const Json& releases = member(value, "releases");
    if (!releases.is_object()) refuse_feed(where, cve + " of " + source + " has no releases");
    DebianState state{cve, source, {}};
    for (const auto& [release, about] : releases.items()) {
        if (!about.is_object() || release.size() > 40)
            refuse_feed(where, cve + " of " + source + " has a malformed release");
        state.releases[release] = {
            text_in(about, "status", where, 40), text_in(about, "fixed_version", where, 100),
            text_in(about, "urgency", where, 40), text_in(about, "nodsa", where, 200)};
    }
    return state;
}

}  // namespace

Document read_debian(ByteSource& source, const std::string& where, FeedSink& sink) {
    Document document;
    walk_json(source, where,
              {[](const JsonPath& path) { return path.size() == 2; },
               [&](const JsonPath& path, Json&& value) {
                   if (path[0] == "[]" || path[0].empty() || path[0].size() > 100)
                       refuse_feed(where, "names no source package");
                   if (!is_cve(path[1])) return;  // a number of the tracker's own
                   sink.take(state_from(path[0], path[1], value, where));
                   ++document.entries;
               }},
              {.depth = 16, .string = 1U << 20, .values = 20'000});
    if (document.entries == 0) refuse_feed(where, "names no CVE");
    return document;
}

}  // namespace patchlab::feeds
