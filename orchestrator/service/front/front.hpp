// SPDX-License-Identifier: Apache-2.0
//
// The front: what is at the other end of HTTP. It routes, asks the back, and renders; it holds no
// state but what is at work. Nothing that it says of a caller is its own judgement: who somebody
// is, and what they may, only the back decides. Thread safety: the thread of the loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "orchestrator/service/api/routes.hpp"
#include "orchestrator/service/console/screens.hpp"
#include "orchestrator/service/front/caller.hpp"
#include "orchestrator/service/front/hub.hpp"
#include "orchestrator/service/front/remembered.hpp"
#include "orchestrator/service/front/upstream.hpp"
#include "platform/http/server.hpp"

namespace patchlab::service::front {

struct FrontLimits {
    std::uint64_t before_login = 4U << 10;
    std::uint64_t json = 8U << 20;
    std::uint64_t upload = 64U << 20;
};

struct Context {
    http::Exchange& exchange;
    CallerOf caller;
    std::string cookie = {};  ///< Set-Cookie of the response
    const http::Request& request() const { return exchange.request(); }
};

class Front final : public http::Handler {
  public:
    /// `hosts`: the names that this service is asked by, without port. What is asked by another
    /// name is refused: it is a page of somebody else whose name leads here.
    Front(http::Loop& loop, Upstream& upstream, std::vector<std::string> hosts,
          FrontLimits limits = {});

    http::Task<std::optional<std::uint64_t>> admit(http::Exchange& exchange) override;
    http::Task<void> handle(http::Exchange& exchange) override;
    http::Response refuse(const http::Refusal& refusal) override;

    Hub& hub() { return hub_; }

  private:
    bool knows_host(const http::Request& request) const;
    http::Task<void> respond(Context& context, http::Response response);
    http::Task<void> problem(Context& context, const Json& error);
    http::Task<void> problem(Context& context, const char* code, const std::string& why,
                             const std::string& advice = {});

    // front.cpp
    http::Task<void> serve(Context& context);
    http::Task<void> ready(Context& context);
    http::Task<void> metrics(Context& context);
    http::Task<void> openapi(Context& context);
    http::Task<void> stream(Context& context);
    http::Task<void> log_in(Context& context);
    http::Task<void> log_out(Context& context);

    // front_pages.cpp
    struct Sent;
    http::Task<console::Viewer> viewer_for(const Context& context);
    http::Task<void> serve_page(Context& context);
    http::Task<void> show(Context& context, const console::Screen& wanted, console::Visit visit,
                          const console::Viewer& viewer, int status);
    http::Task<void> send_form(Context& context, const console::Screen& screen,
                               console::Visit visit, console::Viewer viewer);
    http::Task<void> show_again(Context& context, Sent& sent, const console::Failure& failure);
    http::Task<void> pass_on(Context& context, Sent& sent);
    http::Task<void> finish_form(Context& context, Sent& sent);
    http::Task<void> signed_in(Context& context, Sent& sent, Json session);
    http::Task<std::optional<console::Failure>> sign_in_again(Context& context, Sent& sent);
    static void begin_session(Context& context, Json& started);
    http::Task<void> work_alone(BackCall call);
    BackCall call_of_form(const Context& context, const Sent& sent) const;

    // front_api.cpp
    struct Work;
    http::Task<void> serve_api(Context& context);
    Work work_for(const http::Request& request, const api::Match& match) const;
    http::Task<void> badge(Context& context, std::string run);
    http::Task<void> serve_route(Context& context, api::Match match);
    /// What must hold before a write: the caller meant it, and has seen what it is about. False:
    /// a problem was sent.
    http::Task<bool> meant(Context& context);
    http::Task<std::string> tag_of(const Context& context, std::string_view operation,
                                   const std::string& member, const std::string& subject);
    http::Task<bool> seen(Context& context, const Work& work);
    /// One decision about a thing at a time: whoever comes second sees what the first one did.
    http::Task<void> begin_decision(std::string thing);
    void end_decision(const std::string& thing);
    http::Task<void> run_call(Context& context, Work& work);
    http::Task<void> run_guarded(Context& context, Work& work);
    http::Task<void> run_once(Context& context, Work& work, const std::string& key);
    http::Task<http::Response> call_whole(const Context& context, const Work& work);
    http::Task<void> call_for_file(Context& context, Work& work);
    http::Task<void> call_streaming(Context& context, Work& work);
    http::Task<BackReply> ask(const Context& context, std::string operation, Json request);

    // front_call.cpp
    static bool is_call(const http::Request& request);
    static std::string call_key(const Context& context);
    http::Task<void> serve_call(Context& context);
    http::Task<void> pass_call(Context& context, std::string name);
    http::Task<void> answer_call(Context& context, BackCall call,
                                 const std::vector<UniqueFd>& files,
                                 const std::vector<std::size_t>& written);
    static http::Task<void> send_content(http::Exchange& exchange, std::size_t number, int file);

    http::Loop& loop_;
    Upstream& upstream_;
    std::vector<std::string> hosts_;
    FrontLimits limits_;
    Hub hub_;
    Remembered remembered_;
    std::set<std::string> deciding_;  ///< what somebody decides about right now
    http::Signal decided_;
    /// Of calls of the command line that are at work: whether they are to end.
    std::map<std::string, std::shared_ptr<bool>> calls_;
};

/// The description of the API as it is sent; made once in a process.
const std::string& openapi_text();
/// A JSON response.
http::Response json_response(int status, const Json& document);
http::Response problem_response(const Json& error);
/// The header of a response that is to be saved under this name. Of it remain letters, digits,
/// dots and dashes; everything else is "_".
http::Field saved_as(std::string_view name);
/// GET or HEAD.
inline bool is_read(const http::Request& request) {
    return request.method == "GET" || request.method == "HEAD";
}
/// A call of the back in the name of whoever asks.
BackCall call_by(const CallerOf& caller, std::string operation, Json request);
/// Error(usage) when the query string cannot be decoded.
api::Parameters query_in(const http::Request& request);
/// A text of a document; empty without it.
std::string text_member(const Json& document, const char* name);
/// What every response carries.
void add_common_fields(http::Response& response);

}  // namespace patchlab::service::front
