// SPDX-License-Identifier: Apache-2.0
//
// An OpenVEX document. Early versions name the vulnerability and the products as plain texts, later
// ones as objects.
#include <map>
#include <set>

#include "orchestrator/feeds/json_stream.hpp"
#include "orchestrator/feeds/readers/parts.hpp"
#include "orchestrator/feeds/readers/readers.hpp"
#include "platform/core/text.hpp"

namespace patchlab::feeds {

namespace {

std::set<std::string> cves_named(const Json& vulnerability, const std::string& where) {
    std::set<std::string> cves;
    const auto note = [&](const std::string& id) {
        if (is_cve(id)) cves.insert(id);
    };
    if (vulnerability.is_string()) note(vulnerability.get_ref<const std::string&>());
    if (!vulnerability.is_object()) return cves;
    note(text_in(vulnerability, "name", where));
    for (const Json& alias : list_in(vulnerability, "aliases", where))
        if (alias.is_string()) note(alias.get_ref<const std::string&>());
    return cves;
}

std::string product_id(const Json& product, const std::string& where) {
    if (product.is_string()) return shortened(product.get_ref<const std::string&>(), 500);
    const std::string id = text_in(product, "@id", where, 500);
    return id.empty() ? text_in(member(product, "identifiers"), "purl", where, 500) : id;
}

void read_statement(const Json& statement, const std::string& where, const std::string& document,
                    std::map<std::string, VexStatement>& found) {
    static const std::set<std::string> known{"affected", "not_affected", "fixed",
                                             "under_investigation"};
    const std::string status = text_in(statement, "status", where);
    if (!known.contains(status))
        refuse_feed(where, "'" + plain_text(status, 40) + "' is no status of OpenVEX");
    for (const Json& product : list_in(statement, "products", where)) {
        const std::string id = product_id(product, where);
        if (id.empty()) refuse_feed(where, "a product has no id");
        for (const std::string& cve : cves_named(member(statement, "vulnerability"), where)) {
            const std::string package = package_of_product(id);
            VexStatement& one = found[cve + "\n" + package + "\n" + status];
            if (one.products++ == 0)
                one = {document,
                       cve,
                       package,
                       status,
                       text_in(statement, "justification", where, 100),
                       text_in(statement, "impact_statement", where, 300),
                       shortened(id, 200),
                       1};
        }
    }
}

}  // namespace

Document read_openvex(ByteSource& source, const std::string& where, FeedSink& sink) {
    const Json root = read_document(source, where);
    Document document;
    document.id = text_in(root, "@id", where);
    if (document.id.empty()) refuse_feed(where, "the document has no @id");
    document.author = text_in(root, "author", where, 60);
    const std::string updated = text_in(root, "last_updated", where);
    document.dated =
        time_text(updated.empty() ? text_in(root, "timestamp", where) : updated, where);
    std::map<std::string, VexStatement> found;
    for (const Json& statement : list_in(root, "statements", where))
        read_statement(statement, where, document.id, found);
    for (const auto& [key, statement] : found) sink.take(statement);
    document.entries = found.size();
    return document;
}

}  // namespace patchlab::feeds
