// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/feeds/json_stream.hpp"

#include <algorithm>
#include <istream>
#include <streambuf>

#include "orchestrator/feeds/readers/parts.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "platform/core/text.hpp"

namespace patchlab::feeds {

namespace {

/// The stream that the parser reads. A single token that never ends is stopped here: the parser
/// would hold all of it.
class SourceBuffer : public std::streambuf {
  public:
    SourceBuffer(ByteSource& source, std::string where, std::size_t most)
        : source_(source), where_(std::move(where)), most_(most) {}
    void token_ended() { since_token_ = 0; }

  protected:
    int_type underflow() override {
        if (since_token_ > most_) refuse_feed(where_, "holds a text that is too long");
        const std::string_view bytes = source_.next();
        if (bytes.empty()) return traits_type::eof();
        since_token_ += bytes.size();
        char* begin = const_cast<char*>(bytes.data());  // the parser reads only
        setg(begin, begin, begin + bytes.size());
        return traits_type::to_int_type(*begin);
    }

  private:
    ByteSource& source_;
    std::string where_;
    std::size_t most_;
    std::size_t since_token_ = 0;
};

void refuse_repeated(const Json::object_t& object, const std::string& where) {
    if (object.size() < 2) return;
    std::vector<std::string_view> keys;
    keys.reserve(object.size());
    for (const auto& [key, value] : object) keys.push_back(key);
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end())
        refuse_feed(where,
                    "names '" + shortened(plain_text(*twice, 100), 100) + "' twice in one object");
}

/// What the parser tells, made into the values that are wanted.
class Walker : public nlohmann::json_sax<Json> {
  public:
    Walker(SourceBuffer& buffer, const std::string& where, const JsonWanted& wanted,
           const JsonLimits& limits)
        : buffer_(buffer), where_(where), wanted_(wanted), limits_(limits) {}

    bool null() override { return scalar(nullptr); }
    bool boolean(bool value) override { return scalar(value); }
    bool number_integer(number_integer_t value) override { return scalar(value); }
    bool number_unsigned(number_unsigned_t value) override { return scalar(value); }
    bool number_float(number_float_t value, const string_t&) override { return scalar(value); }
    bool binary(binary_t&) override { return false; }
    bool string(string_t& value) override {
        check_text(value);
        return scalar(std::move(value));
    }
    bool key(string_t& value) override {
        check_text(value);
        buffer_.token_ended();
        path_.back() = value;
        return true;
    }
    bool start_object(std::size_t) override { return open(Json::object()); }
    bool start_array(std::size_t) override { return open(Json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool parse_error(std::size_t, const std::string&,
                     const nlohmann::detail::exception& error) override {
        std::string text = error.what();
        if (const std::size_t end = text.find("] "); end != std::string::npos)
            text.erase(0, end + 2);
        refuse_feed(where_, "is malformed or cut short: " + shortened(plain_text(text, 300), 300));
    }

  private:
    void check_text(const string_t& text) const {
        if (text.size() > limits_.string) refuse_feed(where_, "holds a text that is too long");
    }

    bool scalar(Json&& value) {
        buffer_.token_ended();
        if (!open_.empty()) add(std::move(value));
        else if (wanted_.wants(path_)) wanted_.take(path_, std::move(value));
        return true;
    }

    bool open(Json&& container) {
        buffer_.token_ended();
        if (++depth_ > limits_.depth)
            refuse_feed(where_, "is nested deeper than " + std::to_string(limits_.depth));
        const bool array = container.is_array();
        if (!open_.empty()) open_.push_back(add(std::move(container)));
        else if (wanted_.wants(path_)) begin(std::move(container));
        path_.emplace_back(array ? "[]" : "");
        return true;
    }

    bool close() {
        buffer_.token_ended();
        --depth_;
        path_.pop_back();
        if (open_.empty()) return true;
        if (open_.back()->is_object())
            refuse_repeated(open_.back()->get_ref<const Json::object_t&>(), where_);
        open_.pop_back();
        if (open_.empty()) wanted_.take(path_, std::move(built_));
        return true;
    }

    void begin(Json&& container) {
        values_ = 0;
        built_ = std::move(container);
        open_.push_back(&built_);
    }

    /// Puts a value into the innermost open container, which is the only one that grows.
    Json* add(Json&& value) {
        if (++values_ > limits_.values)
            refuse_feed(where_, "holds more than " + std::to_string(limits_.values) + " values");
        Json& parent = *open_.back();
        if (parent.is_array()) {
            parent.push_back(std::move(value));
            return &parent.back();
        }
        auto& members = parent.get_ref<Json::object_t&>();
        members.push_back({path_.back(), std::move(value)});
        return &members.back().second;
    }

    SourceBuffer& buffer_;
    const std::string& where_;
    const JsonWanted& wanted_;
    const JsonLimits& limits_;
    JsonPath path_;
    std::size_t depth_ = 0, values_ = 0;
    Json built_;
    std::vector<Json*> open_;
};

}  // namespace

void walk_json(ByteSource& source, const std::string& where, const JsonWanted& wanted,
               const JsonLimits& limits) {
    SourceBuffer buffer(source, where, 4 * limits.string);
    std::istream stream(&buffer);
    stream.exceptions(std::ios::badbit);
    Walker walker(buffer, where, wanted, limits);
    if (!Json::sax_parse(stream, &walker)) refuse_feed(where, "is malformed");
}

Json read_document(ByteSource& source, const std::string& where) {
    Json document;
    walk_json(source, where,
              {[](const JsonPath& path) { return path.empty(); },
               [&](const JsonPath&, Json&& value) { document = std::move(value); }});
    if (!document.is_object()) refuse_feed(where, "is no JSON object");
    return document;
}

std::vector<std::string> members_at_the_beginning(std::string_view text) {
    std::vector<std::string> found;
    ByteSource source(text);
    const auto note = [&](const JsonPath& path) {
        if (path.empty() || path.size() > 2 || path.front() == "[]") return false;
        std::string member = path.front() + (path.size() == 2 ? "/" + path.back() : "");
        if (found.size() < 2000) found.push_back(std::move(member));
        return false;
    };
    try {
        walk_json(source, "", {note, [](const JsonPath&, Json&&) {}});
    } catch (const Error&) {  // the text ends somewhere: what came before is what counts
    }
    return found;
}

}  // namespace patchlab::feeds
