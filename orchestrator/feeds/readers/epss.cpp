// SPDX-License-Identifier: Apache-2.0
//
// FIRST's scores. The first line says model and date in several spellings, or is missing in files
// of earlier years, which have no percentiles either.
#include <algorithm>
#include <charconv>

#include "orchestrator/feeds/csv_stream.hpp"
#include "orchestrator/feeds/readers/parts.hpp"
#include "orchestrator/feeds/readers/readers.hpp"
#include "platform/core/text.hpp"

namespace patchlab::feeds {

namespace {

/// "#model_version:v2026.06.15,score_date:2026-11-30T12:00:00Z", in any order.
void read_heading(std::string_view line, Document& document, const std::string& where) {
    line.remove_prefix(1);
    while (!line.empty()) {
        const std::size_t end = std::min(line.find(','), line.size());
        const std::string_view part = line.substr(0, end);
        const std::size_t colon = std::min(part.find(':'), part.size());
        const std::string_view key = trimmed(part.substr(0, colon));
        const std::string_view value =
            colon == part.size() ? std::string_view{} : trimmed(part.substr(colon + 1));
        if (key == "model_version") document.version = std::string(value.substr(0, 40));
        if (key == "score_date") document.dated = time_text(value, where);
        line.remove_prefix(std::min(end + 1, line.size()));
    }
}

double share_from(const std::string& text, const CsvStream& csv, const char* column) {
    double value = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0 && value <= 1))
        csv.fail("'" + shortened(plain_text(text, 40), 40) + "' is no " + column +
                 " between 0 and 1");
    return value;
}

}  // namespace

Document read_epss(ByteSource& source, const std::string& where, FeedSink& sink) {
    Document document;
    CsvStream csv(source, where);
    if (source.peek(4).starts_with('#')) {
        std::string heading;
        csv.line(heading);
        read_heading(heading, document, where);
    }
    std::vector<std::string> cells;
    if (!csv.next(cells)) refuse_feed(where, "has no header");
    const bool percentiles = cells == std::vector<std::string>{"cve", "epss", "percentile"};
    if (!percentiles && cells != std::vector<std::string>{"cve", "epss"})
        refuse_feed(where, "has no header 'cve,epss,percentile'");
    const std::size_t width = cells.size();
    while (csv.next(cells)) {
        if (cells.size() != width || !is_cve(cells[0])) csv.fail("is no score of a CVE");
        EpssScore score{cells[0], share_from(cells[1], csv, "score")};
        if (percentiles) score.percentile = share_from(cells[2], csv, "percentile");
        sink.take(score);
        ++document.entries;
    }
    if (document.entries == 0) refuse_feed(where, "has no score");
    return document;
}

}  // namespace patchlab::feeds
