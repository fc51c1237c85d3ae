// SPDX-License-Identifier: Apache-2.0
#include "platform/http/client.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <charconv>

#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::http {

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

constexpr std::string_view https_scheme = "https://";
constexpr Seconds connect_patience{20}, send_patience{60}, answer_patience{180};
constexpr std::size_t largest_answer_head = 64U << 10, piece_size = 256U << 10;

[[noreturn]] void no_https_address(const std::string& text) {
    throw Error(ErrorCode::usage, "'" + one_line(shortened(text, 100)) + "' is no address",
                "such as https://patchlab.example.com");
}

bool is_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc() && end == text.data() + text.size() && port != 0;
}

/// A literal of an address, as certificates and resolvers want it.
std::string without_brackets(const std::string& host) {
    return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

bool is_ip_address(const std::string& host) {
    boost::system::error_code error;
    asio::ip::make_address(host, error);
    return !error;
}

std::uint64_t size_of(const Piece& piece) {
    std::uint64_t size = piece.text.size();
    struct stat info {};
    if (piece.file >= 0 && ::fstat(piece.file, &info) == 0)
        size += static_cast<std::uint64_t>(info.st_size);
    return size;
}

}  // namespace

ServerAddress server_address(const std::string& text) {
    if (!text.starts_with(https_scheme)) no_https_address(text);
    const std::string rest = text.substr(https_scheme.size());
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    ServerAddress address;
    address.host = rest.substr(0, slash);
    address.base = rest.substr(slash);
    while (address.base.ends_with('/')) address.base.pop_back();
    const std::size_t colon = address.host.rfind(':');
    if (colon != std::string::npos && !address.host.ends_with(']')) {
        address.port = address.host.substr(colon + 1);
        address.host.erase(colon);
    }
    const auto odd = [](char c) {
        return c <= ' ' || c >= 0x7f || c == '@' || c == '?' || c == '#';
    };
    if (address.host.empty() || !is_port(address.port) ||
        std::any_of(text.begin(), text.end(), odd))
        no_https_address(text);
    return address;
}

struct Client::Connection {
    Connection(const ServerAddress& to, const std::filesystem::path& authorities)
        : address(to), tls(asio::ssl::context::tls_client), stream(io, prepared(authorities)) {}

    asio::ssl::context& prepared(const std::filesystem::path& authorities) {
        ::SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
        tls.set_verify_mode(asio::ssl::verify_peer);
        boost::system::error_code error;
        if (authorities.empty()) tls.set_default_verify_paths(error);
        else tls.load_verify_file(authorities.string(), error);
        if (error)
            throw Error(ErrorCode::usage,
                        "the certificates of " + authorities.string() + " cannot be read",
                        "--ca names a file of certificates (PEM)");
        return tls;
    }

    /// Lets one step happen. Error(lab) when it fails or takes too long.
    template <typename Start>
    boost::system::error_code step(Start start, Seconds longest) {
        boost::system::error_code result = asio::error::would_block;
        start([&result](boost::system::error_code error, const auto&...) { result = error; });
        io.restart();
        io.run_for(std::chrono::duration_cast<std::chrono::milliseconds>(longest));
        if (result != asio::error::would_block) return result;
        boost::system::error_code ignored;
        stream.lowest_layer().close(ignored);
        io.restart();
        io.run();  // nothing may be left that writes into what is gone
        return asio::error::timed_out;
    }

    [[noreturn]] void fail(const boost::system::error_code& error) const {
        throw Error(ErrorCode::lab, "https://" + address.host + ":" + address.port +
                                        " does not answer: " + error.message());
    }

    void connect() {
        const std::string host = without_brackets(address.host);
        asio::ip::tcp::resolver resolver(io);
        boost::system::error_code error;
        const auto found = resolver.resolve(host, address.port, error);
        if (error) fail(error);
        error = step([&](auto done) { asio::async_connect(stream.lowest_layer(), found, done); },
                     connect_patience);
        if (error) fail(error);
        SSL* const ssl = stream.native_handle();
        X509_VERIFY_PARAM* const wanted = ::SSL_get0_param(ssl);
        if (is_ip_address(host)) {
            ::X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str());
        } else {
            ::X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size());
            ::SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                       const_cast<char*>(host.c_str()));
        }
        error =
            step([&](auto done) { stream.async_handshake(asio::ssl::stream_base::client, done); },
                 connect_patience);
        if (!error) return;
        const long verified = ::SSL_get_verify_result(ssl);
        if (verified == X509_V_OK) fail(error);
        throw Error(ErrorCode::lab,
                    "the certificate of https://" + address.host + ":" + address.port +
                        " proves nothing: " + ::X509_verify_cert_error_string(verified),
                    "of an authority of your own, name the certificate with --ca FILE");
    }

    boost::system::error_code write(std::string_view bytes) {
        if (bytes.empty()) return {};
        return step(
            [&](auto done) {
                asio::async_write(stream, asio::buffer(bytes.data(), bytes.size()), done);
            },
            send_patience);
    }

    boost::system::error_code write_file(int file) {
        std::vector<char> piece(piece_size);
        for (off_t at = 0;;) {
            const ssize_t size = ::pread(file, piece.data(), piece.size(), at);
            if (size <= 0) return {};
            at += size;
            if (const auto error = write({piece.data(), static_cast<std::size_t>(size)}))
                return error;
        }
    }

    /// Who refuses a request may hang up before all of it was sent: then it is read what they say.
    void send(const Outgoing& request) {
        std::uint64_t length = 0;
        for (const Piece& piece : request.body) length += size_of(piece);
        std::string head = request.method + " " + address.base + request.path + " HTTP/1.1\r\n";
        head += "Host: " + address.host + ":" + address.port + "\r\nConnection: close\r\n";
        for (const auto& [name, value] : request.fields) head += name + ": " + value + "\r\n";
        head += "Content-Length: " + std::to_string(length) + "\r\n\r\n";
        if (write(head)) return;
        for (const Piece& piece : request.body)
            if (write(piece.text) || (piece.file >= 0 && write_file(piece.file))) return;
    }

    void start_reading() {
        auto& body = parser->get().body();
        body.data = some.data();
        body.size = some.size();
        body.more = true;
        reading = true;
        beast::http::async_read_some(
            stream, buffer, *parser, [this](boost::system::error_code error, std::size_t) {
                reading = false;
                if (error == beast::http::error::need_buffer) error = {};
                got.append(some.data(), some.size() - parser->get().body().size);
                over = parser->is_done() || error;
            });
    }

    /// False when nothing came within the time.
    bool read_more(Seconds patience) {
        if (!reading) start_reading();
        io.restart();
        io.run_for(std::chrono::duration_cast<std::chrono::milliseconds>(patience));
        return !reading;
    }

    ~Connection() {
        boost::system::error_code ignored;
        stream.lowest_layer().close(ignored);
        io.restart();
        io.run();
    }

    ServerAddress address;
    asio::io_context io;
    asio::ssl::context tls;
    asio::ssl::stream<asio::ip::tcp::socket> stream;
    beast::flat_buffer buffer;
    std::optional<beast::http::response_parser<beast::http::buffer_body>> parser;
    std::array<char, 64U << 10> some{};
    std::string got;           ///< of the body, not yet given away
    std::size_t searched = 0;  ///< of it, without the end of a line
    bool reading = false, over = false;
};

Client::Client(const ServerAddress& address, const std::filesystem::path& authorities)
    : connection_(std::make_unique<Connection>(address, authorities)) {
    connection_->connect();
}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Response Client::begin(const Outgoing& request) {
    Connection& line = *connection_;
    line.send(request);
    auto& parser = line.parser.emplace();
    parser.header_limit(largest_answer_head);
    parser.body_limit(boost::none);
    const auto error = line.step(
        [&](auto done) { beast::http::async_read_header(line.stream, line.buffer, parser, done); },
        answer_patience);
    if (error) line.fail(error);
    Response head;
    head.status = static_cast<int>(parser.get().result_int());
    for (const auto& field : parser.get())
        head.fields.emplace_back(in_small_letters(std::string_view(field.name_string().data(),
                                                                   field.name_string().size())),
                                 std::string(field.value().data(), field.value().size()));
    line.over = parser.is_done();
    return head;
}

std::optional<std::string> Client::next_line(Seconds patience, std::size_t most) {
    Connection& line = *connection_;
    const Deadline deadline(patience);
    while (true) {
        const std::size_t end = line.got.find('\n', line.searched);
        if (end != std::string::npos) {
            std::string text = line.got.substr(0, end);
            line.got.erase(0, end + 1);
            line.searched = 0;
            return text;
        }
        line.searched = line.got.size();
        if (line.got.size() > most)
            throw Error(ErrorCode::lab, "the service sends a line that is too long");
        if (line.over || !line.read_more(Seconds(deadline.left()))) return std::nullopt;
    }
}

bool Client::ended() const {
    return connection_->over && connection_->got.find('\n') == std::string::npos;
}

std::string Client::rest(std::size_t most) {
    Connection& line = *connection_;
    while (!line.over && line.got.size() < most && line.read_more(answer_patience)) continue;
    return line.got.substr(0, most);
}

}  // namespace patchlab::http
