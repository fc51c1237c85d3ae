// SPDX-License-Identifier: Apache-2.0
//
// A CVE record (JSON 5) with the container that CISA adds to it. Other organisations add containers
// of their own, which do not answer the four questions.
#include "orchestrator/feeds/json_stream.hpp"
#include "orchestrator/feeds/readers/parts.hpp"
#include "orchestrator/feeds/readers/readers.hpp"

namespace patchlab::feeds {

namespace {

constexpr const char* answering = "CISA-ADP";

/// One of these words, or nothing.
std::string one_of(const std::string& word, std::initializer_list<const char*> words) {
    for (const char* known : words)
        if (word == known) return word;
    return {};
}

void read_option(const Json& option, SsvcAnswers& answers, const std::string& where) {
    if (!option.is_object()) refuse_feed(where, "an option of SSVC is no object");
    for (const auto& [key, value] : option.items()) {
        if (!value.is_string()) refuse_feed(where, "an option of SSVC is not a text");
        const std::string question = small_word(key);
        const std::string word = small_word(value.get_ref<const std::string&>());
        if (question == "exploitation")
            answers.exploitation =
                one_of(word == "public poc" ? "poc" : word, {"none", "poc", "active"});
        else if (question == "automatable") answers.automatable = one_of(word, {"yes", "no"});
        else if (question == "technical impact")
            answers.impact = one_of(word, {"partial", "total"});
    }
}

void read_score(const Json& metric, SsvcAnswers& answers) {
    for (const char* version : {"cvssV4_0", "cvssV3_1", "cvssV3_0"}) {
        const Json& score = member(member(metric, version), "baseScore");
        if (!answers.cvss && score.is_number() && score.get<double>() >= 0 &&
            score.get<double>() <= 10)
            answers.cvss = score.get<double>();
    }
}

void read_container(const Json& container, SsvcAnswers& answers, const std::string& where) {
    const Json& provider = member(container, "providerMetadata");
    const bool answers_here = text_in(provider, "shortName", where) == answering;
    for (const Json& metric : list_in(container, "metrics", where)) {
        read_score(metric, answers);
        const Json& other = member(metric, "other");
        if (!answers_here || text_in(other, "type", where) != "ssvc") continue;
        const Json& content = member(other, "content");
        for (const Json& option : list_in(content, "options", where))
            read_option(option, answers, where);
        const std::string time = text_in(content, "timestamp", where);
        answers.answered =
            time_text(time.empty() ? text_in(provider, "dateUpdated", where) : time, where);
    }
}

}  // namespace

Document read_ssvc(ByteSource& source, const std::string& where, FeedSink& sink) {
    const Json record = read_document(source, where);
    const Json& about = member(record, "cveMetadata");
    SsvcAnswers answers;
    answers.cve = text_in(about, "cveId", where);
    if (!is_cve(answers.cve)) refuse_feed(where, "the record names no CVE");
    Document document;
    document.id = answers.cve;
    document.dated = time_text(text_in(about, "dateUpdated", where), where);
    if (text_in(about, "state", where) == "REJECTED") return document;
    const Json& containers = member(record, "containers");
    for (const Json& container : list_in(containers, "adp", where))
        read_container(container, answers, where);
    for (const Json& metric : list_in(member(containers, "cna"), "metrics", where))
        read_score(metric, answers);
    if (answers.answered.empty()) return document;  // nobody answered
    document.dated = answers.answered;
    document.entries = 1;
    sink.take(answers);
    return document;
}

}  // namespace patchlab::feeds
