// SPDX-License-Identifier: Apache-2.0
//
// The installation's own keys: they sign evidence, countersign rulings and sign the head of the
// audit trail.
#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

Json key_json(const RingKey& key) {
    return {{"id", key.key.id()},
            {"algorithm", "ed25519"},
            {"public_key", key.key.pem()},
            {"created", key.created},
            {"retired", key.retired.empty() ? Json(nullptr) : Json(key.retired)}};
}

void add_key_list(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("list", "list the installation's keys, the retired ones too");
    add_json_flag(*verb, context);
    verb->callback([&context] {
        Json keys = Json::array();
        std::vector<std::vector<std::string>> rows;
        for (const RingKey& key : installation_keys(context.state()).list()) {
            keys.push_back(key_json(key));
            rows.push_back({key.key.id(), key.created,
                            key.retired.empty() ? "in use" : "retired " + key.retired});
        }
        context.print({{"schema", "patchlab/key-list/v1"}, {"keys", keys}}, [&] {
            print_table(context, {"KEY", "CREATED", "STATE"}, rows);
        });
    });
}

/// All public keys, so that what was signed before a rotation verifies with the same file.
void add_export(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "export",
        "write the public keys (PEM): all that is needed to verify evidence and rulings elsewhere");
    auto file = std::make_shared<std::string>();
    verb->add_option("-o,--output", *file, "write to this file instead of stdout")
        ->type_name("FILE");
    verb->callback([&context, file] {
        const KeyRing ring = installation_keys(context.state());
        ring.current(context.clock());  // made at first use
        std::string text;
        for (const RingKey& key : ring.list())
            text += "# patchlab, installation, key " + key.key.id() + ", since " + key.created +
                    (key.retired.empty() ? "" : ", retired " + key.retired) + "\n" + key.key.pem();
        if (file->empty()) std::cout << text;
        else write_file_atomic(*file, text);
    });
}

void add_rotate(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "rotate",
        "make a new key and destroy the secret of the old one; what it signed stays verifiable");
    add_json_flag(*verb, context);
    verb->callback([&context] {
        governance::Governance& house = context.governance();
        const governance::Actor actor = context.actor();
        governance::require_role(house, actor, {governance::Role::admin},
                                 "rotate the installation's key");
        const RingKey key = house.keys.rotate(context.clock());
        house.audit.append({actor, "key-rotated", key.key.id(), {}});
        context.print(key_json(key), [&] {
            std::cout << "the key is now " << key.key.id()
                      << "\nhand out the public keys anew: patchlab key export\n";
        });
    });
}

}  // namespace

void add_key(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand("key", "the keys this installation signs with");
    noun->require_subcommand(1);
    add_key_list(*noun, context);
    add_export(*noun, context);
    add_rotate(*noun, context);
}

}  // namespace patchlab::cli
