// SPDX-License-Identifier: Apache-2.0
//
// A CSAF 2.0 document: what its author says of each CVE for each of its products. Vendors name
// thousands of products for one CVE; they are told by package, with one product as an example.
#include <map>
#include <set>

#include "orchestrator/feeds/json_stream.hpp"
#include "orchestrator/feeds/readers/parts.hpp"
#include "orchestrator/feeds/readers/readers.hpp"

namespace patchlab::feeds {

namespace {

constexpr std::size_t most_branches = 32;

/// What the product tree says of each product id.
class Products {
  public:
    Products(const Json& tree, const std::string& where) : where_(where) {
        add_branches(tree, 0);
        for (const Json& product : list_in(tree, "full_product_names", where)) add(product);
        for (const Json& relation : list_in(tree, "relationships", where)) {
            const Json& product = member(relation, "full_product_name");
            add(product);
            const std::string component = text_in(relation, "product_reference", where, 500);
            const auto id = text_in(product, "product_id", where, 500);
            if (!component.empty()) component_[id] = component;
        }
    }

    std::string package_of(const std::string& id) const {
        const auto component = component_.find(id);
        const std::string& meant = component == component_.end() ? id : component->second;
        const auto purl = purl_.find(meant);
        return purl == purl_.end() ? package_of_product(meant) : package_of_product(purl->second);
    }
    std::string name_of(const std::string& id) const {
        const auto name = name_.find(id);
        return name == name_.end() || name->second.empty() ? id.substr(0, 200) : name->second;
    }

  private:
    void add_branches(const Json& parent, std::size_t depth) {
        if (depth > most_branches) refuse_feed(where_, "its products are nested too deeply");
        for (const Json& branch : list_in(parent, "branches", where_)) {
            add(member(branch, "product"));
            add_branches(branch, depth + 1);
        }
    }
    void add(const Json& product) {
        const std::string id = text_in(product, "product_id", where_, 500);
        if (id.empty()) return;
        name_[id] = text_in(product, "name", where_);
        const std::string purl =
            text_in(member(product, "product_identification_helper"), "purl", where_, 500);
        if (!purl.empty()) purl_[id] = purl;
    }

    const std::string& where_;
    std::map<std::string, std::string> name_, purl_, component_;
};

/// The first text for each product id: justifications (`flags`), explanations (`threats`).
std::map<std::string, std::string> texts_by_product(const Json& list, const char* key,
                                                    const std::string& where) {
    std::map<std::string, std::string> texts;
    for (const Json& item : list) {
        const std::string text = text_in(item, key, where, 300);
        for (const Json& id : list_in(item, "product_ids", where))
            if (id.is_string()) texts.emplace(id.get_ref<const std::string&>(), text);
    }
    return texts;
}

struct StatusWord {
    const char* csaf;
    const char* ours;
};
constexpr StatusWord status_words[] = {{"fixed", "fixed"},
                                       {"first_fixed", "fixed"},
                                       {"known_affected", "affected"},
                                       {"first_affected", "affected"},
                                       {"last_affected", "affected"},
                                       {"known_not_affected", "not_affected"},
                                       {"under_investigation", "under_investigation"}};

void read_vulnerability(const std::string& cve, const Json& vulnerability, const Products& products,
                        const std::string& where, FeedSink& sink, Document& document) {
    const auto flags = texts_by_product(list_in(vulnerability, "flags", where), "label", where);
    const auto threats =
        texts_by_product(list_in(vulnerability, "threats", where), "details", where);
    std::map<std::pair<std::string, std::string>, VexStatement> statements;
    for (const auto& [csaf, ours] : status_words)
        for (const Json& product : list_in(member(vulnerability, "product_status"), csaf, where)) {
            if (!product.is_string()) refuse_feed(where, "a product of " + cve + " is not a text");
            const std::string& id = product.get_ref<const std::string&>();
            const std::string package = products.package_of(id);
            VexStatement& one = statements[{package, ours}];
            if (one.products++ > 0) continue;
            one.document = document.id;
            one.cve = cve;
            one.package = package;
            one.status = ours;
            one.product = products.name_of(id);
            if (const auto flag = flags.find(id); flag != flags.end())
                one.justification = flag->second;
            if (const auto threat = threats.find(id);
                threat != threats.end() && one.status == "not_affected")
                one.detail = threat->second;
        }
    for (const auto& [key, statement] : statements) sink.take(statement);
    document.entries += statements.size();
}

}  // namespace

Document read_csaf(ByteSource& source, const std::string& where, FeedSink& sink) {
    const Json root = read_document(source, where);
    const Json& about = member(root, "document");
    if (!about.is_object()) refuse_feed(where, "has no 'document'");
    const std::string version = text_in(about, "csaf_version", where);
    if (!version.starts_with("2.")) refuse_feed(where, "is not CSAF 2");
    const Json& tracking = member(about, "tracking");
    Document document;
    document.id = text_in(tracking, "id", where);
    if (document.id.empty()) refuse_feed(where, "the document has no id");
    document.version = text_in(tracking, "version", where, 40);
    document.dated = time_text(text_in(tracking, "current_release_date", where), where);
    document.author = text_in(member(about, "publisher"), "name", where, 60);
    const Products products(member(root, "product_tree"), where);
    std::set<std::string> seen;
    for (const Json& vulnerability : list_in(root, "vulnerabilities", where)) {
        const std::string cve = text_in(vulnerability, "cve", where);
        if (!is_cve(cve)) continue;  // it is known by another number only
        if (!seen.insert(cve).second) refuse_feed(where, "names " + cve + " twice");
        read_vulnerability(cve, vulnerability, products, where, sink, document);
    }
    return document;
}

}  // namespace patchlab::feeds
