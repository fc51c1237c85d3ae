// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/nodes/host/client.hpp"

#include "orchestrator/nodes/link/handshake.hpp"

namespace patchlab::nodes {

namespace {

constexpr Seconds patience_for_checking{900};  // gigabytes of evidence are read and hashed

}  // namespace

HeadClient::HeadClient(const NodeIdentity& identity, const SecretKey& key, std::string run,
                       int attempt)
    : stream_(HeadStream::open(identity.address)), run_(std::move(run)), attempt_(attempt) {
    greet_head(stream_->link(), identity.name, key, identity.head_keys);
}

Message HeadClient::ask(const char* what, Json request, std::string bytes, Seconds patience) {
    request["ask"] = what;
    request["run"] = run_;
    request["attempt"] = attempt_;
    stream_->link().send({std::move(request), std::move(bytes)}, patience);
    Message answer = stream_->link().receive(patience);
    const JsonReader in(answer.json, "answer of the head");
    if (in.boolean_or("superseded", false))
        throw LostToAnother(in.object("error").string("message"));
    throw_error_of(answer.json);
    return answer;
}

std::string HeadClient::begin() { return ask("begin", Json::object()).bytes; }

std::vector<Material> HeadClient::materials() {
    return materials_from_json(ask("materials", Json::object(), {}, patience_for_checking).json);
}

void HeadClient::tell_contents(const std::vector<std::string>& keys, const std::string& emulator) {
    ask("contents", {{"contents", keys}, {"emulator", emulator}});
}

std::string HeadClient::read(const std::string& path, std::uint64_t offset) {
    return ask("read", {{"path", path}, {"offset", offset}}).bytes;
}

bool HeadClient::beat(std::string_view stage, std::string_view events) {
    const Message answer = ask("beat", {{"stage", stage}}, std::string(events), Seconds(10));
    return JsonReader(answer.json, "answer of the head").boolean("cancelled");
}

HeadClient::DeliveryStart HeadClient::deliver(const std::string& evidence) {
    const Message answer = ask("deliver", {{"evidence", evidence}});
    const JsonReader in(answer.json, "answer of the head");
    DeliveryStart start;
    start.accepted = in.boolean("accepted");
    if (start.accepted) return start;
    for (const JsonReader& file : in.objects("files"))
        start.there[file.string("path")] = static_cast<std::uint64_t>(file.integer("bytes"));
    return start;
}

void HeadClient::put(const std::string& path, std::uint64_t offset, std::string_view bytes,
                     bool anew) {
    ask("put", {{"path", path}, {"offset", offset}, {"anew", anew}}, std::string(bytes),
        Seconds(120));
}

std::string HeadClient::finish() {
    const Message answer = ask("finish", Json::object(), {}, patience_for_checking);
    return JsonReader(answer.json, "answer of the head").string_or("verdict", "");
}

}  // namespace patchlab::nodes
