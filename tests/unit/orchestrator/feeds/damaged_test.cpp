// SPDX-License-Identifier: Apache-2.0
//
// Every golden file, cut at random and with random bytes in it: never a crash, and a cut one never
// passes for a whole one.
#include <rapidcheck/gtest.h>

#include "tests/unit/orchestrator/feeds/feeds_fixture.hpp"

namespace patchlab::feeds {
namespace {

const std::vector<std::pair<std::string, Kind>>& files() {
    static const std::vector<std::pair<std::string, Kind>> all{
        {golden_text("kev.json"), Kind::kev},
        {golden_text("ssvc.json"), Kind::ssvc},
        {golden_text("epss.csv"), Kind::epss},
        {golden_text("debian.json"), Kind::debian},
        {golden_text("osv.json"), Kind::osv},
        {golden_text("csaf.json"), Kind::csaf},
        {golden_text("openvex.json"), Kind::openvex},
        {golden_text("updateinfo.xml"), Kind::updateinfo},
        {golden_text("kev.csv"), Kind::kev}};
    return all;
}

bool accepted(Kind kind, std::string_view text) {
    Remembered sink;
    try {
        read_text(kind, text, sink);
        return true;
    } catch (const Error&) {
        return false;
    }
}

RC_GTEST_PROP(DamagedFeeds, that_are_cut_are_refused_unless_they_end_with_a_line, ()) {
    const auto& [text, kind] = *rc::gen::elementOf(files());
    const std::size_t whole = text.find_last_not_of("\n") + 1;
    const auto size = *rc::gen::inRange<std::size_t>(0, whole);
    const bool lines = kind == Kind::epss || !text.starts_with('{');
    if (!lines || kind == Kind::updateinfo || (size > 0 && text[size - 1] != '\n'))
        RC_ASSERT(!accepted(kind, std::string_view(text).substr(0, size)));
}

RC_GTEST_PROP(DamagedFeeds, with_any_bytes_in_them_are_read_or_refused, ()) {
    const auto& [text, kind] = *rc::gen::elementOf(files());
    std::string damaged = text;
    const auto count = *rc::gen::inRange(1, 6);
    for (int i = 0; i < count; ++i)
        damaged[*rc::gen::inRange<std::size_t>(0, damaged.size())] =
            static_cast<char>(*rc::gen::inRange(0, 256));
    accepted(kind, damaged);
}

RC_GTEST_PROP(DamagedFeeds, of_any_bytes_are_read_or_refused, ()) {
    const auto text = *rc::gen::string<std::string>();
    for (const auto& [golden, kind] : files()) accepted(kind, text);
    ByteSource source{std::string_view(text)};
    recognise(source);
}

}  // namespace
}  // namespace patchlab::feeds
