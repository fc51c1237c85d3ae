// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/signed_documents.hpp"

#include <functional>

#include "platform/core/attestation.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "reports/manifest.hpp"
#include "reports/signature.hpp"

namespace patchlab::governance {

namespace {

constexpr std::uint64_t max_signed_bytes = 64U << 20;
constexpr std::string_view signed_suffix = ".dsse.json";

/// `file`: where it stands; empty: in the database.
using EachText = std::function<void(const fs::path& file, const std::string& text)>;

void each_file_below(const fs::path& folder, const EachText& each) {
    std::error_code error;
    for (fs::recursive_directory_iterator item(folder, error), end; !error && item != end;
         item.increment(error))
        if (item->path().filename().string().ends_with(signed_suffix) &&
            item->symlink_status().type() == fs::file_type::regular)
            each(item->path(), read_file(item->path(), max_signed_bytes));
}

void each_head(Governance& house, const EachText& each) {
    each_file_below(house.state / "audit", each);
    for (const store::Row& row : house.database.query("SELECT envelope FROM governance_audit_head"))
        each({}, row.text("envelope"));
}

void each_signed(Governance& house, const EachText& each) {
    std::error_code error;
    for (const auto& run : fs::directory_iterator(house.state / "runs", error)) {
        const fs::path file = run.path() / "evidence" / reports::signature_file;
        if (const auto text = read_file_if_any(file)) each(file, *text);
    }
    each_file_below(house.state / "catalog", each);
    for (const store::Row& row : house.database.query("SELECT envelope FROM governance_rulings"))
        each({}, row.text("envelope"));
    each_head(house, each);
}

/// The evidence that a signature stands for; empty when it is of something else.
std::string evidence_under(const std::string& text) {
    try {
        const char* what = "a signed document";
        const Statement statement = statement_of(parse_envelope(text, what), what);
        if (statement.predicate_type == reports::test_result_predicate)
            return statement.digest_of(reports::manifest_file);
    } catch (const Error&) {
    }
    return {};
}

/// What the rows from before a time name.
struct NamedBefore {
    std::set<std::string> digests;  ///< every run of 64 hex digits in their details
    std::set<std::string> entries;  ///< of the catalog
};

void add_digests(std::set<std::string>& digests, const std::string& detail) {
    static constexpr std::string_view hex_digits = "0123456789abcdef";
    std::size_t length = 0;
    for (std::size_t i = 0; i <= detail.size(); ++i) {
        const bool hex = i < detail.size() && hex_digits.find(detail[i]) != std::string::npos;
        if (!hex && length == 64) digests.insert(detail.substr(i - length, length));
        length = hex ? length + 1 : 0;
    }
}

NamedBefore named_before(Governance& house, const std::string& until) {
    NamedBefore named;
    for (const store::Row& row : house.database.query(
             "SELECT action, subject, detail FROM governance_audit WHERE time < ?", {until})) {
        add_digests(named.digests, row.text("detail"));
        if (row.text("action") == "entry-made") named.entries.insert(row.text("subject"));
    }
    return named;
}

/// The decision in the folder of an entry follows from records and evidence that are looked at by
/// themselves, and another key signed that it is in that entry.
bool is_decision_of(const std::set<std::string>& entries, const fs::path& file) {
    return file.filename() == "decision.dsse.json" && file.has_parent_path() &&
           entries.contains(file.parent_path().parent_path().filename().string());
}

}  // namespace

std::set<std::string> signed_documents(Governance& house) {
    std::set<std::string> documents;
    each_signed(house, [&](const fs::path&, const std::string& text) {
        documents.insert(sha256_hex(text));
    });
    return documents;
}

std::set<std::string> documents_on_record(Governance& house, const std::string& until) {
    const NamedBefore named = named_before(house, until);
    std::set<std::string> documents;
    each_signed(house, [&](const fs::path& file, const std::string& text) {
        const std::string document = sha256_hex(text);
        if (named.digests.contains(document) || named.digests.contains(evidence_under(text)) ||
            is_decision_of(named.entries, file))
            documents.insert(document);
    });
    // the trail goes on from its heads, which were good a moment ago
    each_head(house, [&](const fs::path&, const std::string& text) {
        documents.insert(sha256_hex(text));
    });
    return documents;
}

}  // namespace patchlab::governance
