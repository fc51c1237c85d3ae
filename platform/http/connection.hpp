// SPDX-License-Identifier: Apache-2.0
//
// One connection of the server. For the files of this folder.
#pragma once

#include <memory>
#include <string>

#include "platform/http/server.hpp"

namespace patchlab::http {

/// What all connections of a server share.
struct Shared {
    Loop& loop;
    Handler& handler;
    Limits limits;
    Counts counts = {};
    bool stopping = false;
};

class Connection final : public Exchange {
  public:
    Connection(Shared& shared, UniqueFd fd, Peer peer);
    ~Connection() override;

    /// Requests, one after the other, until the connection ends.
    Task<void> serve();
    /// Ends it where it waits for a request; after its response where it does not.
    void end_when_idle();
    void close() { socket_.close(); }

    Request& request() override { return request_; }
    Task<void> respond(Response response) override;
    Task<bool> begin(Response head, bool lasting) override;
    Task<bool> write(std::string_view bytes) override;
    Task<Wake> pause(Seconds time) override;
    void wake() override { socket_.wake(); }
    void drop() override { socket_.close(); }
    bool has_begun() const override { return sent_; }
    bool gone() const override;

  private:
    enum class Got { head, nothing, late, too_large };
    Task<Got> read_head(std::string& head);
    Task<bool> serve_one();
    Task<bool> admit_and_read();
    Task<bool> read_body();
    /// More of the body, to where it belongs. False when there is no room.
    bool keep_body(std::string_view bytes);
    Task<bool> finish();
    Task<void> refuse(int status, const std::string& why);
    Task<bool> send(std::string_view bytes);
    /// Shows the other end that nothing more comes, and waits a moment for it to see that.
    Task<void> let_go();
    std::string now() const;

    Shared& shared_;
    Socket socket_;
    Peer peer_;
    Request request_;
    std::string buffer_;  ///< what came and was not used yet
    bool idle_ = true;    ///< waits for the first byte of a request
    bool sent_ = false;   ///< a head went out for this request
    bool chunked_ = false;
    bool in_pieces_ = false;  ///< the body follows piece by piece
    bool stream_ = false;
    bool keep_ = true;     ///< another request may follow
    bool broken_ = false;  ///< the other end does not take what is sent
};

}  // namespace patchlab::http
