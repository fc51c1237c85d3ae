// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/feeds/answers.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab::feeds {

namespace {

constexpr std::size_t most_statements_shown = 200;

std::optional<double> real_or_null(const store::Row& row, std::string_view column) {
    for (const auto& [name, value] : row.columns)
        if (name == column && std::holds_alternative<std::nullptr_t>(value)) return std::nullopt;
    return row.real(column);
}

std::optional<bool> flag_or_null(const store::Row& row, std::string_view column) {
    const auto value = row.integer_or_null(column);
    return value ? std::optional(*value != 0) : std::nullopt;
}

std::string short_number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.5g", value);
    return text.data();
}

Answer too_old(const AnswerSource& source) {
    return {std::nullopt, source,
            "feed " + source.feed + " is of " + source.dated.substr(0, 10) + ", which is too old"};
}

/// A feed that is too old can only say the worse of two answers.
Answer weighed(const std::string& word, std::string_view worst, const AnswerSource& source) {
    if (word.empty()) return {std::nullopt, source, "feed " + source.feed + " leaves it open"};
    if (source.stale && word != worst) return too_old(source);
    return {word, source, ""};
}

/// Keeps the statements about these packages; binary packages have the source's name in front.
bool is_about(const std::string& package, const std::vector<std::string>& packages) {
    return packages.empty() ||
           std::find(packages.begin(), packages.end(), package) != packages.end();
}

DebianState state_from_row(const store::Row& row) {
    DebianState state{row.text("cve"), row.text("source"), {}};
    const Json releases = parse_json(row.text("releases"), "the store");
    for (const auto& [release, about] : releases.items()) {
        const JsonReader reader(about, "the store");
        state.releases[release] = {reader.string("status"), reader.string("fixed"),
                                   reader.string("urgency"), reader.string("no_advisory")};
    }
    return state;
}

}  // namespace

AnswerBook::AnswerBook(store::Database& database, TimePoint now) : database_(database), now_(now) {
    for (FeedRow& feed : FeedStore(database).list()) feeds_.emplace(feed.name, feed);
}

AnswerSource AnswerBook::source_of(const store::Row& row) const {
    // by the date of its own file: a new document of a feed makes an old one no younger
    AnswerSource source{row.text("feed"), row.text("file_name"), row.text("dated"),
                        row.text("digest"), true};
    if (const auto feed = feeds_.find(source.feed); feed != feeds_.end()) {
        FeedRow file = feed->second;
        file.dated = source.dated;
        source.stale = file.stale(now_);
    }
    return source;
}

Answer AnswerBook::silent(Kind kind) const {
    Answer answer{std::nullopt, std::nullopt,
                  "there is no feed of kind " + std::string(name(kind))};
    for (const auto& [feed, row] : feeds_) {
        if (row.kind != kind) continue;
        answer.source = AnswerSource{feed, row.file, row.dated, row.digest, row.stale(now_)};
        answer.why = "feed " + feed + " does not name it";
        if (!answer.source->stale) break;
        answer = too_old(*answer.source);
    }
    return answer;
}

namespace {

constexpr const char* with_source =
    ", f.feed, f.file AS file_name, f.dated, f.digest FROM feed_files f JOIN ";

std::string query_of(const std::string& table, const std::string& columns,
                     const std::string& order) {
    return "SELECT " + columns + with_source + table + " s ON s.file = f.id WHERE s.cve = ? " +
           "ORDER BY " + order + " LIMIT " + std::to_string(most_statements_shown);
}

}  // namespace

void AnswerBook::exploited(CveAnswers& answers) {
    static const std::string query =
        query_of("feed_exploited", "s.cve, s.since, s.due, s.ransomware, s.forensics", "s.since");
    if (const auto row = database_.query_one(query, {answers.cve})) {
        answers.exploited = {"yes", source_of(*row), ""};
        answers.since = row->text("since");
        answers.due = row->text("due");
        answers.ransomware = flag_or_null(*row, "ransomware");
        answers.forensics = flag_or_null(*row, "forensics");
        return;
    }
    answers.exploited = silent(Kind::kev);
    for (const auto& [feed, row] : feeds_) {
        if (row.kind != Kind::kev || row.stale(now_)) continue;
        const AnswerSource source{feed, row.file, row.dated, row.digest, false};
        if (row.complete) {
            answers.exploited = {"no", source, ""};
            return;
        }
        answers.exploited = {std::nullopt, source,
                             "feed " + feed +
                                 " does not name it, and its form (CSV) does not prove that it is "
                                 "whole"};
    }
}

void AnswerBook::ssvc(CveAnswers& answers) {
    // of several files the newest answer counts, and of one moment the worse
    static const std::string query =
        query_of("feed_ssvc", "s.cve, s.exploitation, s.automatable, s.impact, s.answered, s.cvss",
                 "s.answered DESC, s.exploitation = 'active' DESC, s.automatable DESC, "
                 "s.impact DESC");
    const auto row = database_.query_one(query, {answers.cve});
    if (!row) {
        answers.exploitation = answers.automatable = answers.impact = silent(Kind::ssvc);
        return;
    }
    const AnswerSource source = source_of(*row);
    answers.exploitation = weighed(row->text("exploitation"), "active", source);
    answers.automatable = weighed(row->text("automatable"), "yes", source);
    answers.impact = weighed(row->text("impact"), "total", source);
    answers.cvss = real_or_null(*row, "cvss");
}

void AnswerBook::epss(CveAnswers& answers) {
    static const std::string query =
        query_of("feed_epss", "s.cve, s.score, s.percentile", "f.dated DESC");
    const auto row = database_.query_one(query, {answers.cve});
    if (!row) {
        answers.epss = silent(Kind::epss);
        return;
    }
    const AnswerSource source = source_of(*row);
    if (source.stale) {
        answers.epss = too_old(source);
        return;
    }
    answers.score = row->real("score");
    answers.percentile = real_or_null(*row, "percentile");
    answers.epss = {short_number(*answers.score), source, ""};
}

void AnswerBook::statements(CveAnswers& answers, const std::vector<std::string>& packages) {
    static const std::string debian =
        query_of("feed_debian", "s.cve, s.source, s.releases", "s.source");
    static const std::string fixes = query_of(
        "feed_fixes", "s.cve, s.advisory, s.ecosystem, s.package, s.fixed, s.status", "s.advisory");
    static const std::string vex =
        query_of("feed_vex",
                 "s.cve, s.document, s.package, s.status, s.justification, s.detail, s.product, "
                 "s.products",
                 "f.dated DESC, s.package, s.status");
    for (const store::Row& row : database_.query(debian, {answers.cve}))
        if (is_about(row.text("source"), packages))
            answers.debian.push_back({source_of(row), state_from_row(row)});
    for (const store::Row& row : database_.query(fixes, {answers.cve}))
        if (is_about(row.text("package"), packages))
            answers.fixes.push_back({source_of(row),
                                     {row.text("cve"), row.text("advisory"), row.text("ecosystem"),
                                      row.text("package"), row.text("fixed"), row.text("status")}});
    for (const store::Row& row : database_.query(vex, {answers.cve}))
        if (is_about(row.text("package"), packages))
            answers.vex.push_back(
                {source_of(row),
                 {row.text("document"), row.text("cve"), row.text("package"), row.text("status"),
                  row.text("justification"), row.text("detail"), row.text("product"),
                  static_cast<std::size_t>(row.integer("products"))}});
}

std::vector<std::string> AnswerBook::cves_of(const std::string& advisory) {
    if (is_cve(advisory)) return {advisory};
    std::vector<std::string> cves;
    for (const store::Row& row : database_.query(
             "SELECT DISTINCT cve FROM feed_fixes WHERE advisory = ? AND cve <> ''", {advisory}))
        cves.push_back(row.text("cve"));
    return cves;
}

CveAnswers AnswerBook::about(const std::string& cve, const std::vector<std::string>& packages) {
    CveAnswers answers;
    answers.cve = cve;
    exploited(answers);
    ssvc(answers);
    epss(answers);
    statements(answers, packages);
    return answers;
}

}  // namespace patchlab::feeds
