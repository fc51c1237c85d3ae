// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a feed of any kind (the first byte chooses): never a crash, every statement about a
// CVE that is one, and a catalogue that calls itself whole has as many entries as it says.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

#include "orchestrator/feeds/readers/readers.hpp"
#include "platform/core/error.hpp"

namespace {

using namespace patchlab::feeds;

class Checking final : public FeedSink {
  public:
    void take(const Exploited& one) override {
        require(is_cve(one.cve));
        require(one.since.size() == 10);
        require(listed_.insert(one.cve).second);
    }
    void take(const SsvcAnswers& one) override { require(is_cve(one.cve)); }
    void take(const EpssScore& one) override { require(one.score >= 0 && one.score <= 1); }
    void take(const DebianState& one) override { require(is_cve(one.cve)); }
    void take(const Fix& one) override { require(one.cve.empty() || is_cve(one.cve)); }
    void take(const VexStatement& one) override { require(is_cve(one.cve)); }
    std::size_t listed() const { return listed_.size(); }

  private:
    static void require(bool holds) {
        if (!holds) std::abort();
    }
    std::set<std::string> listed_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    ByteSource looked_at(text), source(text);
    recognise(looked_at);
    Checking sink;
    const Kind kind = static_cast<Kind>(data[0] % 8);
    try {
        const Document document = read_feed(kind, source, "FILE", sink);
        if (document.complete && document.entries != sink.listed()) std::abort();
    } catch (const patchlab::Error&) {
    }
    return 0;
}
