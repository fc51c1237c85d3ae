// SPDX-License-Identifier: Apache-2.0
//
// docs/reference/api.md, "The command line": the call goes as one request, its messages come as
// lines.
#include <unistd.h>

#include <algorithm>

#include "orchestrator/service/remote/transport.hpp"
#include "orchestrator/service/wire/frame.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/secret.hpp"
#include "platform/http/client.hpp"

namespace patchlab::service {

namespace {

constexpr Seconds moment{0.25};
constexpr std::size_t largest_problem = 1U << 20, id_bytes = 16;

http::Field authorization(const Credential& shown) {
    const bool token = shown.kind == Credential::Kind::token;
    return {"Authorization", (token ? "Bearer " : "Session ") + shown.value};
}

/// What a service says that does not take a call at all, as the end of one.
Json end_of_refused(int status, const std::string& body) {
    Json error{{"code", "lab"},
               {"message", "the service answers with status " + std::to_string(status)},
               {"advice", "is it patchlab that listens there?"}};
    try {
        const Json problem = parse_json(body, "the answer", largest_problem);
        const JsonReader in(problem, "the answer");
        error = {{"code", in.string("code")},
                 {"message", in.string("detail")},
                 {"advice", in.string_or("advice", "")}};
    } catch (const Error&) {
        // no problem document: what the status says is all that is known
    }
    error["cause"] = error.at("message");
    return {{"error", error}};
}

class HttpsTransport final : public Transport {
  public:
    HttpsTransport(const std::string& address, std::filesystem::path authorities)
        : address_(http::server_address(address)), authorities_(std::move(authorities)) {}

    void begin(const Ask& ask, const SentFiles& files) override {
        id_ = random_text(id_bytes);
        shown_ = ask.credential;
        refused_.reset();
        files_ = files;
        client_ = std::make_unique<http::Client>(address_, authorities_);
        http::Outgoing request = outgoing("/api/v1/call/" + ask.call);
        write_body(request, ask, files);
        const http::Response head = client_->begin(request);
        if (head.status != 200)
            refused_ = end_of_refused(head.status, client_->rest(largest_problem));
    }

    void interrupt() override {
        http::Client other(address_, authorities_);
        other.begin(outgoing("/api/v1/interrupt"));
    }

    std::optional<Json> next() override {
        if (refused_) return std::exchange(refused_, std::nullopt);
        const auto line = client_->next_line(moment, 2 * most_from_back);
        if (!line || line->empty()) return std::nullopt;
        Json message = parse_json(*line, "the service", 2 * most_from_back);
        if (!message.contains("file")) return message;
        take_content(message);
        return std::nullopt;
    }

    bool ended() const override { return !refused_ && (!client_ || client_->ended()); }

  private:
    http::Outgoing outgoing(std::string path) const {
        http::Outgoing request;
        request.path = std::move(path);
        request.fields = {{"Call-Id", id_}, {"Accept", "application/x-ndjson"}};
        if (shown_) request.fields.push_back(authorization(*shown_));
        return request;
    }

    /// Alone, or the first part of a form whose other parts are the files to be read.
    void write_body(http::Outgoing& request, const Ask& ask, const SentFiles& files) const {
        Json call{{"request", ask.request}};
        if (!ask.as.empty()) call["as"] = ask.as;
        if (!files.descriptors.empty()) {
            call["files"] = files.descriptors.size();
            call["written"] = files.written;
        }
        if (files.written.size() == files.descriptors.size()) {
            request.fields.emplace_back("Content-Type", "application/json");
            request.body.push_back({to_line(call)});
            return;
        }
        const std::string boundary = "patchlab-" + id_, line = "--" + boundary + "\r\n";
        request.fields.emplace_back("Content-Type", "multipart/form-data; boundary=" + boundary);
        request.body.push_back(
            {line + "Content-Disposition: form-data; name=\"call\"\r\n\r\n" + to_line(call)});
        for (std::size_t i = 0; i < files.descriptors.size(); ++i) {
            if (is_written(i)) continue;
            request.body.push_back({"\r\n" + line +
                                        "Content-Disposition: form-data; name=\"file\"; "
                                        "filename=\"" +
                                        std::to_string(i) + "\"\r\n\r\n",
                                    files.descriptors[i]});
        }
        request.body.push_back({"\r\n--" + boundary + "--\r\n"});
    }

    bool is_written(std::size_t file) const {
        return std::find(files_.written.begin(), files_.written.end(), file) !=
               files_.written.end();
    }

    /// A piece of a file that the service fills. Error(lab) for one that was not lent for that.
    void take_content(const Json& message) const {
        const JsonReader in(message, "the service");
        const auto file = static_cast<std::size_t>(in.integer("file"));
        if (!is_written(file) ||
            !write_whole(files_.descriptors.at(file), base64_decode(in.string("bytes"))))
            throw Error(ErrorCode::lab, "a file that the service sends cannot be written");
    }

    http::ServerAddress address_;
    std::filesystem::path authorities_;
    std::unique_ptr<http::Client> client_;
    std::string id_;
    std::optional<Credential> shown_;
    std::optional<Json> refused_;
    SentFiles files_;
};

}  // namespace

std::unique_ptr<Transport> https_transport(const std::string& address,
                                           const std::filesystem::path& authorities) {
    return std::make_unique<HttpsTransport>(address, authorities);
}

}  // namespace patchlab::service
