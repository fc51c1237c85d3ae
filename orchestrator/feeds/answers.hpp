// SPDX-License-Identifier: Apache-2.0
//
// What the feeds answer about one CVE, each answer with its source. Unknown stays unknown: a feed
// that is not there, that is too old, or that does not name a CVE does not say "no". A feed that is
// too old can still say the worse of two answers; it can no longer say the better one. Thread
// safety: one a thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/feeds/feed_store.hpp"
#include "platform/core/json_fwd.hpp"

namespace patchlab::feeds {

/// The file that an answer stands in.
struct AnswerSource {
    std::string feed, file, dated, digest;
    bool stale = false;
    bool operator==(const AnswerSource&) const = default;
};

/// A word, and whose it is; no word: unknown, and why.
struct Answer {
    std::optional<std::string> word;
    std::optional<AnswerSource> source;  ///< also of an unknown answer, when a feed was asked
    std::string why;                     ///< why it is unknown
    bool known() const { return word.has_value(); }
    bool is(std::string_view other) const { return word && *word == other; }
};

struct CveAnswers {
    std::string cve;
    Answer exploited;  ///< yes | no
    std::string since, due;
    std::optional<bool> ransomware, forensics;
    Answer exploitation;  ///< none | poc | active
    Answer automatable;   ///< yes | no
    Answer impact;        ///< partial | total
    std::optional<double> cvss;
    Answer epss;  ///< the score as text
    std::optional<double> score, percentile;

    template <typename Statement>
    struct Sourced {
        AnswerSource source;
        Statement statement;
    };
    std::vector<Sourced<DebianState>> debian;
    std::vector<Sourced<Fix>> fixes;
    std::vector<Sourced<VexStatement>> vex;
};

class AnswerBook {
  public:
    AnswerBook(store::Database& database, TimePoint now);

    /// What is said of the CVE. Of the packages named, where `packages` is not empty: statements
    /// about others are left out.
    CveAnswers about(const std::string& cve, const std::vector<std::string>& packages = {});
    /// The CVEs of an advisory: itself, or those that a feed says it mends.
    std::vector<std::string> cves_of(const std::string& advisory);

  private:
    AnswerSource source_of(const store::Row& row) const;
    void exploited(CveAnswers& answers);
    void ssvc(CveAnswers& answers);
    void epss(CveAnswers& answers);
    void statements(CveAnswers& answers, const std::vector<std::string>& packages);
    /// Why no feed of this kind answers.
    Answer silent(Kind kind) const;

    store::Database& database_;
    std::map<std::string, FeedRow> feeds_;
    TimePoint now_;
};

Json to_json(const AnswerSource& source);
/// {answer, source, why}: answer is null when it is unknown.
Json to_json(const Answer& answer);
Json to_json(const CveAnswers& answers);

}  // namespace patchlab::feeds
