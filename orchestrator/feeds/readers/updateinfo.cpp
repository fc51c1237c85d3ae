// SPDX-License-Identifier: Apache-2.0
//
// The advisories of an rpm repository (updateinfo.xml), those that the vendor retracted among them.
#include <set>

#include "orchestrator/feeds/readers/parts.hpp"
#include "orchestrator/feeds/readers/readers.hpp"
#include "orchestrator/feeds/xml_stream.hpp"
#include "platform/core/text.hpp"

namespace patchlab::feeds {

namespace {

constexpr std::size_t most_references = 20'000, most_statements = 500'000;

class Advisories {
  public:
    Advisories(const std::string& where, FeedSink& sink) : where_(where), sink_(sink) {}

    void begin(const std::vector<XmlElement>& path) {
        const XmlElement& element = path.back();
        if (path.size() == 1 && element.name != "updates")
            refuse_feed(where_, "is no list of advisories");
        if (path.size() == 2 && element.name == "update") begin_update(element);
        else if (element.name == "package" && path.size() > 3) begin_package(element);
        else if (element.name == "reference" && path.size() > 3) add_reference(element);
        else if (path.size() == 3 && (element.name == "issued" || element.name == "updated"))
            note_date(element.attribute("date"));
    }

    void end(const std::vector<XmlElement>& path) {
        if (path.size() == 3 && path.back().name == "id")
            id_ = shortened(std::string(trimmed(path.back().text)), 100);
        if (path.size() == 2 && path.back().name == "update") end_update();
    }

    Document document;

  private:
    void begin_update(const XmlElement& element) {
        id_.clear();
        cves_.clear();
        packages_.clear();
        status_ = small_word(element.attribute("status"));
        if (document.author.empty()) document.author = shortened(element.attribute("from"), 60);
    }
    void begin_package(const XmlElement& element) {
        const std::string epoch = element.attribute("epoch");
        const std::string version =
            element.attribute("version") + "-" + element.attribute("release");
        if (packages_.size() > most_references) refuse_feed(where_, id_ + " has too many packages");
        packages_.emplace(
            shortened(element.attribute("name"), 200),
            shortened(epoch.empty() || epoch == "0" ? version : epoch + ":" + version, 200));
    }
    void add_reference(const XmlElement& element) {
        const std::string id = element.attribute("id");
        if (cves_.size() > most_references) refuse_feed(where_, id_ + " has too many references");
        if (element.attribute("type") == "cve" && is_cve(id)) cves_.insert(id);
    }
    void note_date(const std::string& date) {
        // some vendors write seconds since 1970
        if (const auto time = time_from(date))
            document.dated = std::max(document.dated, to_rfc3339(*time));
    }
    void end_update() {
        if (id_.empty()) refuse_feed(where_, "an advisory has no id");
        if (cves_.empty()) cves_.insert("");
        if (packages_.size() * cves_.size() > most_statements)
            refuse_feed(where_, id_ + " names too many packages and CVEs");
        for (const auto& [package, version] : packages_)
            for (const std::string& cve : cves_) {
                sink_.take(Fix{cve, id_, "rpm", package, version, status_});
                ++document.entries;
            }
    }

    const std::string& where_;
    FeedSink& sink_;
    std::string id_, status_;
    std::set<std::string> cves_;
    std::set<std::pair<std::string, std::string>> packages_;
};

}  // namespace

Document read_updateinfo(ByteSource& source, const std::string& where, FeedSink& sink) {
    Advisories advisories(where, sink);
    walk_xml(source, where,
             {[&](const std::vector<XmlElement>& path) { advisories.begin(path); },
              [&](const std::vector<XmlElement>& path) { advisories.end(path); }});
    return advisories.document;
}

}  // namespace patchlab::feeds
