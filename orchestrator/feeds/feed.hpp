// SPDX-License-Identifier: Apache-2.0
//
// What the public feeds say of vulnerabilities: the kinds of feeds, and single statements as they
// stand in one. A feed is a file that somebody brought and is therefore untrusted. Values; pure
// functions; thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/clock.hpp"

namespace patchlab::feeds {

///   kev         CISA's catalogue of known exploited vulnerabilities
///   ssvc        CVE records with the answers of CISA's Vulnrichment
///   epss        FIRST's probability of exploitation
///   debian      Debian's security tracker
///   osv         OSV records
///   csaf        CSAF 2.0 advisories, VEX among them
///   openvex     OpenVEX documents
///   updateinfo  the advisories of an rpm repository
enum class Kind { kev, ssvc, epss, debian, osv, csaf, openvex, updateinfo };
std::string_view name(Kind kind);
std::optional<Kind> kind_from(std::string_view word);
/// Their words, for messages.
std::vector<std::string> kind_names();
/// A feed of this kind consists of documents, each of which can be brought by itself.
bool of_documents(Kind kind);
/// Days after which what such a feed says is out of date.
double limit_days(Kind kind);
/// Of what a whole feed held before, the part that a newer one must hold to be believed.
double least_share(Kind kind);

/// "CVE-2024-3094".
bool is_cve(std::string_view text);
/// "2026-11-30", "2026-11-30T01:02:03Z", with a fraction, an offset (+0000, +00:00), a blank for
/// the T or without a zone, which is UTC then; nullopt for anything else.
std::optional<TimePoint> time_from(std::string_view text);

struct Exploited {
    std::string cve, since, due;          ///< dates
    std::optional<bool> ransomware = {};  ///< true: known; nullopt: not known
    std::optional<bool> forensics = {};   ///< the catalogue asks for forensic triage
};

/// Words as Vulnrichment has them; empty: it does not answer.
struct SsvcAnswers {
    std::string cve, exploitation, automatable, impact;
    std::string answered;  ///< RFC 3339
    std::optional<double> cvss = {};
};

struct EpssScore {
    std::string cve;
    double score = 0;
    std::optional<double> percentile = {};
};

/// Of one source package, by release.
struct DebianState {
    struct Release {
        std::string status, fixed, urgency, no_advisory;
    };
    std::string cve, source;
    std::map<std::string, Release> releases;
};

/// The version of a package that mends a CVE.
struct Fix {
    std::string cve, advisory, ecosystem, package, fixed, status;
};

/// A VEX statement about the products of one package. `status`: affected | not_affected | fixed |
/// under_investigation.
struct VexStatement {
    std::string document, cve, package, status, justification, detail;
    std::string product;       ///< one of them, as its author calls it
    std::size_t products = 0;  ///< how many
};

/// Takes what a reader finds.
class FeedSink {
  public:
    virtual ~FeedSink() = default;
    virtual void take(const Exploited&) {}
    virtual void take(const SsvcAnswers&) {}
    virtual void take(const EpssScore&) {}
    virtual void take(const DebianState&) {}
    virtual void take(const Fix&) {}
    virtual void take(const VexStatement&) {}
};

/// What a reader says of a file as a whole.
struct Document {
    std::string id;       ///< of a single document; empty: it is a whole feed
    std::string dated;    ///< RFC 3339, by its own words; empty: it does not say
    std::string version;  ///< of the catalogue or the model
    std::string author;   ///< for the name of a feed of documents
    std::size_t entries = 0;
    bool complete = false;  ///< proven: whatever it does not name is not in the feed
};

}  // namespace patchlab::feeds
