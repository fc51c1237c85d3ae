// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/csv.hpp"

#include <algorithm>

#include "platform/core/text.hpp"

namespace patchlab::inventory {

namespace {

constexpr std::size_t most_columns = 256, longest_field = 64U << 10;

/// Takes one record after the other off the text.
class Records {
  public:
    Records(std::string_view text, char separator) : text_(text), separator_(separator) {}

    bool more() const { return at_ < text_.size(); }

    /// The next record. `mistake` says what is wrong with it, and the reader then stands behind it.
    CsvRow next(std::string& mistake) {
        CsvRow row{line_, {}};
        mistake.clear();
        while (true) {
            row.cells.push_back(field(mistake));
            if (at_ < text_.size() && text_[at_] == separator_) {
                ++at_;
                continue;
            }
            end_line();
            if (row.cells.size() > most_columns)
                mistake = "has more than " + std::to_string(most_columns) + " fields";
            return row;
        }
    }

  private:
    bool at_end_of_line() const {
        return at_ >= text_.size() || text_[at_] == '\n' ||
               (text_[at_] == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n'));
    }

    void end_line() {
        if (at_ < text_.size() && text_[at_] == '\r') ++at_;
        if (at_ < text_.size() && text_[at_] == '\n') ++at_;
        ++line_;
    }

    std::string field(std::string& mistake) {
        std::string out =
            at_ < text_.size() && text_[at_] == '"' ? quoted(mistake) : unquoted(mistake);
        if (out.size() > longest_field) {
            out.clear();
            mistake = "has a field of more than 64 KiB";
        }
        return out;
    }

    std::string unquoted(std::string& mistake) {
        const std::size_t from = at_;
        while (!at_end_of_line() && text_[at_] != separator_) {
            if (text_[at_] == '"')
                mistake = "has a quote inside a field that does not begin with one";
            ++at_;
        }
        return std::string(text_.substr(from, at_ - from));
    }

    std::string quoted(std::string& mistake) {
        std::string out;
        for (++at_; at_ < text_.size(); ++at_) {
            if (text_[at_] == '\n') ++line_;
            if (text_[at_] != '"') {
                out += text_[at_];
            } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
                out += '"';
                ++at_;
            } else {
                ++at_;
                if (!at_end_of_line() && text_[at_] != separator_) {
                    mistake = "has something between a closing quote and the next separator";
                    while (!at_end_of_line() && text_[at_] != separator_) ++at_;
                }
                return out;
            }
        }
        mistake = "begins a quoted field that never ends";
        return out;
    }

    std::string_view text_;
    char separator_;
    std::size_t at_ = 0;
    int line_ = 1;
};

bool empty(const CsvRow& row) {
    return row.cells.size() == 1 && row.cells[0].find_first_not_of(" \t") == std::string::npos;
}

char separator_of(std::string_view text) {
    const std::string_view header = text.substr(0, text.find('\n'));
    return header.find(',') == std::string_view::npos && header.find(';') != std::string_view::npos
               ? ';'
               : ',';
}

void read_header(CsvTable& table, const CsvRow& row, const std::string& file,
                 Diagnostics& diagnostics) {
    for (const std::string& cell : row.cells) {
        const std::string word(trimmed(cell, " \t"));
        if (word.empty()) diagnostics.add(file, row.line, "", "a column of the header has no name");
        else if (std::find(table.header.begin(), table.header.end(), word) != table.header.end())
            diagnostics.add(file, row.line, "/" + word, "stands twice in the header");
        table.header.push_back(word);
    }
}

}  // namespace

bool is_text(std::string_view bytes) {
    return bytes.find('\0') == std::string_view::npos && is_utf8(bytes);
}

CsvTable read_csv(std::string_view text, const std::string& file, Diagnostics& diagnostics) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    CsvTable table;
    Records records(text, separator_of(text));
    bool header = true;
    std::string mistake;
    while (records.more()) {
        CsvRow row = records.next(mistake);
        if (mistake.empty() && empty(row)) continue;
        for (const std::string& cell : row.cells)
            if (mistake.empty() && !is_text(cell)) mistake = "is not UTF-8";
        if (mistake.empty() && !header && row.cells.size() != table.header.size())
            mistake = "has " + std::to_string(row.cells.size()) +
                      (row.cells.size() == 1 ? " field" : " fields") + ", the header has " +
                      std::to_string(table.header.size());
        if (!mistake.empty()) diagnostics.add(file, row.line, "", "the row " + mistake);
        if (!mistake.empty() && header) return table;  // without a header no row means anything
        if (mistake.empty() && header) read_header(table, row, file, diagnostics);
        else if (mistake.empty()) table.rows.push_back(std::move(row));
        header = false;
    }
    if (header) diagnostics.add(file, 1, "", "there is no header");
    return table;
}

}  // namespace patchlab::inventory
