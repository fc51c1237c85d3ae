// SPDX-License-Identifier: Apache-2.0
#include "platform/http/gzip.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/zlib/deflate_stream.hpp>

#include "platform/core/error.hpp"
#include "platform/core/secret.hpp"
#include "platform/core/text.hpp"

namespace patchlab::http {

namespace {

namespace zlib = boost::beast::zlib;

/// Magic, deflate, no flags, no time, no hint, system not told.
constexpr std::array<char, 10> gzip_head{'\x1f', '\x8b', 8, 0, 0, 0, 0, 0, 0, '\xff'};

void append_number(std::string& out, std::uint32_t number) {
    for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(number >> shift & 0xffU);
}

/// "gzip;q=0.5" → its name and whether it is wanted at all.
struct Coding {
    std::string name;
    bool wanted = true;
};

Coding coding_from(std::string_view text) {
    const auto semicolon = std::min(text.find(';'), text.size());
    Coding coding{in_small_letters(trimmed(text.substr(0, semicolon)))};
    std::string weight =
        in_small_letters(trimmed(text.substr(std::min(semicolon + 1, text.size()))));
    std::erase(weight, ' ');
    const bool zero =
        weight.starts_with("q=0") && weight.find_first_not_of("0.", 2) == std::string::npos;
    coding.wanted = !zero;
    return coding;
}

}  // namespace

bool takes_gzip(const Request& request) {
    std::string_view left = request.field("accept-encoding");
    bool any = false;
    while (!left.empty()) {
        const auto comma = std::min(left.find(','), left.size());
        const Coding coding = coding_from(left.substr(0, comma));
        if (coding.name == "gzip") return coding.wanted;
        if (coding.name == "*") any = coding.wanted;
        left.remove_prefix(std::min(comma + 1, left.size()));
    }
    return any;
}

std::string gzipped(std::string_view bytes) {
    zlib::deflate_stream stream;
    std::string out(gzip_head.begin(), gzip_head.end());
    std::string packed(stream.upper_bound(bytes.size()) + 16, '\0');
    zlib::z_params parameters;
    parameters.next_in = bytes.data();
    parameters.avail_in = bytes.size();
    parameters.next_out = packed.data();
    parameters.avail_out = packed.size();
    boost::beast::error_code error;
    stream.write(parameters, zlib::Flush::finish, error);
    if (error != zlib::error::end_of_stream)
        throw Error(ErrorCode::internal, "a response could not be compressed: " + error.message());
    out.append(packed, 0, packed.size() - parameters.avail_out);
    append_number(out, crc32(bytes));
    append_number(out, static_cast<std::uint32_t>(bytes.size()));
    return out;
}

}  // namespace patchlab::http
