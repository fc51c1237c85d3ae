// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "orchestrator/inventory/csv.hpp"
#include "orchestrator/inventory/import.hpp"
#include "orchestrator/inventory/same_host.hpp"
#include "platform/core/schema.hpp"
#include "platform/core/text.hpp"

namespace patchlab::inventory {

namespace {

/// What a column holds.
enum class Column { name, attribute, variable, wrong };

struct ColumnMeaning {
    Column kind = Column::wrong;
    std::string word;
};

std::string unknown_column(const std::string& column) {
    static const std::vector<std::string> known{
        "name",         "criticality",  "exposed",        "owner",
        "owners",       "window",       "location",       "function",
        "image",        "tags",         "groups",         "ansible_host",
        "ansible_port", "ansible_user", "ansible_become", "ansible_ssh_private_key_file"};
    const std::string meant = nearest_word(column, known);
    return "there is no column '" + column + "'" +
           (meant.empty() ? "" : "; did you mean '" + meant + "'?");
}

std::vector<ColumnMeaning> meanings(const CsvTable& table, const std::string& file,
                                    Diagnostics& diagnostics) {
    std::vector<ColumnMeaning> columns;
    int names = 0;
    for (const std::string& column : table.header) {
        const std::string word = column.starts_with("patchlab_") ? column.substr(9) : column;
        const VariableKind variable = kind_of_variable(column);
        ColumnMeaning meaning{Column::wrong, word};
        if (column == "name" || column == "host") meaning.kind = Column::name;
        else if (is_attribute(word)) meaning.kind = Column::attribute;
        else if (variable == VariableKind::connection) meaning = {Column::variable, column};
        else if (variable == VariableKind::secret)
            diagnostics.add(file, 1, "/" + column, "holds a secret: " + secret_advice());
        else if (!column.empty()) diagnostics.add(file, 1, "/" + column, unknown_column(column));
        names += meaning.kind == Column::name ? 1 : 0;
        columns.push_back(meaning);
    }
    if (names != 1)
        diagnostics.add(file, 1, "",
                        names == 0 ? "the header has no column 'name'"
                                   : "'name' and 'host' mean the same: keep one");
    return columns;
}

/// Ansible tells numbers and yes-or-no from text; a user may be called 1000.
Json typed(const std::string& variable, const std::string& text) {
    const auto is_about = [&](std::initializer_list<std::string_view> words) {
        return std::any_of(words.begin(), words.end(),
                           [&](std::string_view word) { return variable.ends_with(word); });
    };
    if (is_about({"_become", "_pipelining", "_checking"})) {
        if (text == "true" || text == "yes") return true;
        if (text == "false" || text == "no") return false;
    }
    if (is_about({"_port", "_timeout", "_retries"}) && !text.empty() && text.size() <= 9 &&
        text.find_first_not_of("0123456789") == std::string::npos)
        return std::stoi(text);
    return text;
}

}  // namespace

std::vector<Host> hosts_of_csv(std::string_view text, const std::string& file,
                               const KnownNames& known, Diagnostics& diagnostics) {
    Diagnostics own;
    const CsvTable table = read_csv(text, file, own);
    const std::vector<ColumnMeaning> columns =
        table.header.empty() ? std::vector<ColumnMeaning>{} : meanings(table, file, own);
    std::vector<Host> hosts;
    std::map<std::string, std::pair<int, std::string>> seen;  // line and name, by host_key()
    for (const CsvRow& row : table.rows) {
        Host host;
        const auto mistake = [&](const std::string& column, const std::string& what) {
            own.add(file, row.line, column.empty() ? "" : "/" + column, what);
        };
        for (std::size_t i = 0; i < columns.size(); ++i) {
            std::string wrong;
            if (columns[i].kind == Column::name) {
                host.name = row.cells[i];
                if (!valid_host_name(host.name))
                    wrong = "'" + host.name.substr(0, 100) +
                            "' cannot be the name of a host (letters, digits and . _ -; give its "
                            "address as ansible_host)";
            } else if (columns[i].kind == Column::attribute) {
                wrong = set_attribute(host, columns[i].word, row.cells[i], known);
            } else if (columns[i].kind == Column::variable) {
                wrong = set_variable(host, columns[i].word, typed(columns[i].word, row.cells[i]));
            }
            if (!wrong.empty()) mistake(table.header[i], wrong);
        }
        if (const std::string wrong = settle(host); !wrong.empty()) mistake("", wrong);
        const auto [earlier, fresh] =
            seen.emplace(host_key(host.name), std::pair(row.line, host.name));
        const auto& [line, name] = earlier->second;
        if (!fresh)
            mistake("", "host '" + host.name + "' stands in line " + std::to_string(line) +
                            " already" + (name == host.name ? "" : ", as '" + name + "'"));
        else hosts.push_back(std::move(host));
    }
    if (own.ok() && hosts.empty()) own.add(file, 1, "", "there is no host");
    diagnostics.items.insert(diagnostics.items.end(), own.items.begin(), own.items.end());
    return hosts;
}

}  // namespace patchlab::inventory
