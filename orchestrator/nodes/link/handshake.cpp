// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/nodes/link/handshake.hpp"

#include <array>

#include "platform/core/digest.hpp"
#include "platform/core/version.hpp"

namespace patchlab::nodes {

namespace {

constexpr Seconds patience_in_greeting{30};

struct Challenges {
    std::string of_head, of_node, node;
    PublicKey head_key;
};

std::string words_of_node(const Challenges& challenges) {
    return "patchlab node greets head\n" + challenges.of_head + "\n" + challenges.of_node + "\n" +
           challenges.node + "\n" + challenges.head_key.id() + "\n";
}

std::string words_of_head(const Challenges& challenges, const PublicKey& node_key) {
    return "patchlab head greets node\n" + challenges.of_head + "\n" + challenges.of_node + "\n" +
           challenges.node + "\n" + node_key.id() + "\n";
}

constexpr std::array all_codes{
    ErrorCode::usage,       ErrorCode::invalid,           ErrorCode::not_found, ErrorCode::conflict,
    ErrorCode::not_allowed, ErrorCode::not_authenticated, ErrorCode::refused,   ErrorCode::lab,
    ErrorCode::timeout,     ErrorCode::internal};

[[noreturn]] void refuse(const std::string& why, const std::string& advice = "") {
    throw Error(ErrorCode::not_allowed, why, advice);
}

KnownNode proven_node(const Message& hello, const SecretKey& head, const std::string& challenge,
                      const FindNode& find, Challenges& challenges) {
    const JsonReader in(hello.json, "greeting");
    in.expect_schema(link_schema);
    challenges = {challenge, in.string("challenge"), in.string("node"), head.public_key()};
    if (challenges.of_node.size() != 64) in.fail("challenge", "has another length");
    const auto node = find(challenges.node);
    if (!node)
        refuse("node '" + challenges.node.substr(0, 64) + "' is not known here",
               "an administrator adds it: patchlab node add NAME --key FILE");
    if (!node->key.verifies(words_of_node(challenges), base64_decode(in.string("signature"))))
        refuse("node '" + node->name + "' has another key here",
               "after the node's key was made anew, revoke the node and add it under a new name");
    if (!node->revoked.empty())
        refuse("node '" + node->name + "' was revoked on " + node->revoked, "");
    return *node;
}

}  // namespace

Json error_answer(const Error& error) {
    return {
        {"error",
         {{"code", name(error.code())}, {"message", error.message()}, {"advice", error.advice()}}}};
}

void throw_error_of(const Json& answer) {
    const JsonReader in(answer, "answer");
    if (!in.has("error")) return;
    const JsonReader error = in.object("error");
    const std::string code = error.string("code");
    for (const ErrorCode candidate : all_codes)
        if (name(candidate) == code)
            throw Error(candidate, error.string("message"), error.string_or("advice", ""));
    throw Error(ErrorCode::lab, error.string("message"), error.string_or("advice", ""));
}

KnownNode greet_node(Link& link, const SecretKey& head, const FindNode& find) {
    const std::string challenge = random_hex(32);
    link.send({{{"schema", link_schema},
                {"challenge", challenge},
                {"key", head.public_key().pem()},
                {"version", version}},
               {}},
              patience_in_greeting);
    const Message hello = link.receive(patience_in_greeting);
    try {
        Challenges challenges{"", "", "", head.public_key()};
        KnownNode node = proven_node(hello, head, challenge, find, challenges);
        link.send({{{"schema", link_schema},
                    {"signature", base64_encode(head.sign(words_of_head(challenges, node.key)))}},
                   {}},
                  patience_in_greeting);
        return node;
    } catch (const ContactLost&) {
        throw;
    } catch (const Error& error) {
        link.send({error_answer(error), {}}, patience_in_greeting);
        throw;
    }
}

void greet_head(Link& link, const std::string& name, const SecretKey& key,
                const std::vector<PublicKey>& heads) {
    const Message first = link.receive(patience_in_greeting);
    throw_error_of(first.json);
    const JsonReader in(first.json, "greeting");
    in.expect_schema(link_schema);
    const PublicKey head = PublicKey::from_pem(in.string("key"), "the key of the head");
    bool known = heads.empty();
    for (const PublicKey& one : heads) known = known || one == head;
    if (!known)
        refuse("the head has key " + head.id().substr(0, 16) +
                   ", which is none of those that this node was told of",
               "after the head's key was rotated: patchlab key export there, patchlab node init "
               "--head-key FILE here");
    if (const std::string theirs = in.string("version"); theirs != version)
        refuse("the head is patchlab " + theirs + ", and this node is patchlab " + version,
               "install the same version on both");
    const Challenges challenges{in.string("challenge"), random_hex(32), name, head};
    link.send({{{"schema", link_schema},
                {"node", name},
                {"challenge", challenges.of_node},
                {"signature", base64_encode(key.sign(words_of_node(challenges)))}},
               {}},
              patience_in_greeting);
    const Message answer = link.receive(patience_in_greeting);
    throw_error_of(answer.json);
    const std::string proof =
        base64_decode(JsonReader(answer.json, "greeting").string("signature"));
    if (!head.verifies(words_of_head(challenges, key.public_key()), proof))
        refuse("the head did not prove that it has its key");
}

}  // namespace patchlab::nodes
