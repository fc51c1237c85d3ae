// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/watch_junit.hpp"

#include "platform/core/json.hpp"
#include "platform/core/text.hpp"

namespace patchlab::operations {

namespace {

std::string xml_text(std::string_view text) {
    std::string out;
    for (const char c : plain_text(text, 4000)) {
        if (c == '&') out += "&amp;";
        else if (c == '<') out += "&lt;";
        else if (c == '>') out += "&gt;";
        else if (c == '"') out += "&quot;";
        else out += c;
    }
    return out;
}

struct JunitSuite {
    std::string name, cases;
    int tests = 0, failures = 0, errors = 0, skipped = 0;

    void add(const std::string& test, const char* outcome, const std::string& message) {
        ++tests;
        cases +=
            "    <testcase classname=\"" + xml_text(name) + "\" name=\"" + xml_text(test) + "\"";
        if (!outcome) {
            cases += "/>\n";
            return;
        }
        const std::string_view word(outcome);
        if (word == "failure") ++failures;
        else if (word == "error") ++errors;
        else ++skipped;
        cases += ">\n      <" + std::string(word) + " message=\"" + xml_text(message) +
                 "\"/>\n    </testcase>\n";
    }

    std::string text() const {
        return "  <testsuite name=\"" + xml_text(name) + "\" tests=\"" + std::to_string(tests) +
               "\" failures=\"" + std::to_string(failures) + "\" errors=\"" +
               std::to_string(errors) + "\" skipped=\"" + std::to_string(skipped) + "\">\n" +
               cases + "  </testsuite>\n";
    }
};

/// What a verdict is for a test runner; nullptr: passed.
const char* outcome_of(const Json& patch) {
    if (patch.at("verdict").is_null() || patch.at("role") == "blocked") return "skipped";
    const std::string verdict = patch.at("verdict").get<std::string>();
    if (verdict == "validated") return nullptr;
    return verdict == "inconclusive" ? "error" : "failure";
}

std::string of_campaign(const Json& campaign) {
    JunitSuite suite;
    suite.name = "lab " + campaign.at("lab").get<std::string>() + ", campaign " +
                 campaign.at("id").get<std::string>();
    for (const Json& patch : campaign.at("patches")) {
        const std::string verdict =
            patch.at("verdict").is_null() ? "" : patch.at("verdict").get<std::string>() + ": ";
        suite.add(patch.at("id").get<std::string>(), outcome_of(patch),
                  verdict + patch.at("why").get<std::string>());
    }
    return suite.text();
}

std::string of_vendors(const Json& look) {
    JunitSuite suite;
    suite.name = "vendors";
    for (const Json& one : look.at("suites")) {
        const bool good = one.at("trouble").is_null();
        suite.add(one.at("suite").get<std::string>(), good ? nullptr : "error",
                  good ? "" : one.at("trouble").get<std::string>());
    }
    for (const Json& watch : look.at("watches"))
        for (const Json& lab : watch.at("labs"))
            for (const Json& taken : lab.at("retracted"))
                suite.add("entry " + taken.at("entry").get<std::string>(), "failure",
                          taken.at("reason").get<std::string>());
    return suite.text();
}

}  // namespace

std::string junit_of_look(const Json& look) {
    std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
    xml += of_vendors(look);
    for (const Json& campaign : look.at("campaigns")) xml += of_campaign(campaign);
    return xml + "</testsuites>\n";
}

}  // namespace patchlab::operations
