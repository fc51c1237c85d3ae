// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/feeds/csv_stream.hpp"

#include "platform/core/error.hpp"

namespace patchlab::feeds {

namespace {

constexpr std::size_t most_columns = 64, longest_field = 64U << 10;

}  // namespace

void CsvStream::fail(const std::string& why) const {
    throw Error(ErrorCode::invalid, where_ + ": line " + std::to_string(begun_) + ": " + why);
}

void CsvStream::add(std::string& field, int c) const {
    if (c == 0) fail("holds a NUL byte");
    if (field.size() >= longest_field) fail("a field is longer than 64 KiB");
    field += static_cast<char>(c);
}

/// Behind the opening mark. True when the closing one was found.
bool CsvStream::quoted_field(std::string& field) {
    for (int c = bytes_.get(); c != ByteCursor::end; c = bytes_.get()) {
        if (c != '"') add(field, c);
        else if (bytes_.look() == '"') add(field, bytes_.get());
        else return true;
    }
    return false;
}

bool CsvStream::next(std::vector<std::string>& cells) {
    while (bytes_.look() == '\n' || bytes_.look() == '\r') bytes_.get();
    begun_ = bytes_.line();
    cells.assign(1, "");
    if (bytes_.look() == ByteCursor::end) return false;
    for (int c = bytes_.get(); c != '\n'; c = bytes_.get()) {
        if (c == ByteCursor::end) fail("is cut short: the last line has no end");
        if (c == '\r' && bytes_.look() == '\n') continue;
        if (c == '"' && cells.back().empty()) {
            if (!quoted_field(cells.back())) fail("is cut short within quotation marks");
        } else if (c == ',') {
            if (cells.size() == most_columns) fail("has more than 64 columns");
            cells.emplace_back();
        } else {
            add(cells.back(), c);
        }
    }
    return true;
}

bool CsvStream::line(std::string& text) {
    begun_ = bytes_.line();
    text.clear();
    if (bytes_.look() == ByteCursor::end) return false;
    for (int c = bytes_.get(); c != '\n'; c = bytes_.get()) {
        if (c == ByteCursor::end) fail("is cut short: the last line has no end");
        if (c != '\r') add(text, c);
    }
    return true;
}

}  // namespace patchlab::feeds
