// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "orchestrator/feeds/json_stream.hpp"
#include "orchestrator/feeds/readers/readers.hpp"
#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::feeds {

namespace {

constexpr std::size_t first_look = 4U << 10, second_look = 256U << 10;

std::optional<Kind> kind_of_json(std::string_view text) {
    const std::vector<std::string> members = members_at_the_beginning(text);
    const auto has = [&](std::string_view name) {
        return std::find(members.begin(), members.end(), name) != members.end();
    };
    if (has("catalogVersion") || has("dateReleased")) return Kind::kev;
    if (has("containers") || has("cveMetadata")) return Kind::ssvc;
    if (has("document/csaf_version") || has("document/tracking")) return Kind::csaf;
    if (has("@context") || has("statements")) return Kind::openvex;
    if (has("schema_version") || has("affected") || (has("id") && has("modified")))
        return Kind::osv;
    const bool tracker = std::any_of(members.begin(), members.end(), [](const std::string& path) {
        return is_cve(std::string_view(path).substr(std::min(path.find('/') + 1, path.size())));
    });
    return tracker ? std::optional(Kind::debian) : std::nullopt;
}

std::optional<Kind> kind_of_csv(std::string_view text) {
    const std::string_view line = trimmed(text.substr(0, text.find('\n')));
    if (line.starts_with('#') || line.starts_with("cve,epss")) return Kind::epss;
    const bool kev = line.find("cveID") != std::string_view::npos &&
                     line.find("dateAdded") != std::string_view::npos;
    return kev ? std::optional(Kind::kev) : std::nullopt;
}

std::optional<Kind> kind_of_text(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    text = trimmed(text);
    if (text.starts_with('{')) return kind_of_json(text);
    if (!text.starts_with('<')) return kind_of_csv(text);
    return text.substr(0, 4096).find("<updates") != std::string_view::npos
               ? std::optional(Kind::updateinfo)
               : std::nullopt;
}

}  // namespace

std::optional<Kind> recognise(ByteSource& source) {
    if (const auto kind = kind_of_text(source.peek(first_look))) return kind;
    return kind_of_text(source.peek(second_look));
}

Document read_feed(Kind kind, ByteSource& source, const std::string& where, FeedSink& sink) {
    switch (kind) {
        case Kind::kev: return read_kev(source, where, sink);
        case Kind::ssvc: return read_ssvc(source, where, sink);
        case Kind::epss: return read_epss(source, where, sink);
        case Kind::debian: return read_debian(source, where, sink);
        case Kind::osv: return read_osv(source, where, sink);
        case Kind::csaf: return read_csaf(source, where, sink);
        case Kind::openvex: return read_openvex(source, where, sink);
        case Kind::updateinfo: break;
    }
    return read_updateinfo(source, where, sink);
}

}  // namespace patchlab::feeds
