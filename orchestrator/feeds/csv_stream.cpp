// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/feeds/csv_stream.hpp"

#include "platform/core/error.hpp"

namespace patchlab::feeds {

namespace {

constexpr std::size_t most_columns = 64, longest_field = 64U << 10;
constexpr int end_of_file = -1;

}  // namespace

void CsvStream::fail(const std::string& why) const {
    throw Error(ErrorCode::invalid, where_ + ": line " + std::to_string(begun_) + ": " + why);
}

int CsvStream::look() {
    if (at_ == block_.size()) {
        block_ = source_.next();
        at_ = 0;
        if (block_.empty()) return end_of_file;
    }
    return static_cast<unsigned char>(block_[at_]);
}

int CsvStream::get() {
    const int c = look();
    if (c != end_of_file) ++at_;
    if (c == '\n') ++line_;
    return c;
}

void CsvStream::add(std::string& field, int c) const {
    if (c == 0) fail("holds a NUL byte");
    if (field.size() >= longest_field) fail("a field is longer than 64 KiB");
    field += static_cast<char>(c);
}

/// Behind the opening mark. True when the closing one was found.
bool CsvStream::quoted_field(std::string& field) {
    for (int c = get(); c != end_of_file; c = get()) {
        if (c != '"') add(field, c);
        else if (look() == '"') add(field, get());
        else return true;
    }
    return false;
}

bool CsvStream::next(std::vector<std::string>& cells) {
    while (look() == '\n' || look() == '\r') get();
    begun_ = line_;
    cells.assign(1, "");
    if (look() == end_of_file) return false;
    for (int c = get(); c != '\n'; c = get()) {
        if (c == end_of_file) fail("is cut short: the last line has no end");
        if (c == '\r' && look() == '\n') continue;
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
    begun_ = line_;
    text.clear();
    if (look() == end_of_file) return false;
    for (int c = get(); c != '\n'; c = get()) {
        if (c == end_of_file) fail("is cut short: the last line has no end");
        if (c != '\r') add(text, c);
    }
    return true;
}

}  // namespace patchlab::feeds
