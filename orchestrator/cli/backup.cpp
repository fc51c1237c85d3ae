// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/terminal.hpp"

namespace patchlab::cli {

namespace {

struct BackupWords {
    std::string file;
    std::string passphrase_file;
};

Json request_of(const BackupWords& words) {
    Json request{{"file", std::filesystem::absolute(words.file).string()}};
    if (!words.passphrase_file.empty())
        request["passphrase_file"] = std::filesystem::absolute(words.passphrase_file).string();
    return request;
}

std::string size_of(const JsonReader& backup) {
    return count_text(backup.integer("files"), "file") + ", " + size_text(backup.integer("bytes"));
}

void create_backup(Context& context, const BackupWords& words) {
    const Json document = context.invoke("backup.create", request_of(words));
    context.print(document, [&] {
        const JsonReader backup(document, "backup");
        std::cout << "backup " << backup.string("file") << ": " << size_of(backup) << "\n"
                  << "keep the passphrase elsewhere: without it the keys are lost\n";
    });
}

void verify_backup(Context& context, const BackupWords& words) {
    const Json document = context.invoke("backup.verify", request_of(words));
    context.print(document, [&] {
        const JsonReader backup(document, "backup");
        for (const JsonReader& problem : backup.objects("problems"))
            std::cout << problem.string("file") << ": " << problem.string("what") << "\n";
        std::cout << (backup.boolean("intact") ? "intact" : "not intact") << ": of "
                  << backup.string("created") << ", " << size_of(backup) << "; keys "
                  << backup.string("keys") << "\n";
    });
}

void restore_backup(Context& context, const BackupWords& words) {
    const Json document = context.invoke("backup.restore", request_of(words));
    context.print(document, [&] {
        const JsonReader backup(document, "backup");
        std::cout << "restored " << size_of(backup) << " into " << backup.string("state")
                  << ", as of " << backup.string("created") << "\n"
                  << "next     patchlab audit verify; images are built again, labs prepare "
                     "themselves\n";
    });
}

void add_verb(CLI::App& noun, Context& context, const char* name, const char* what,
              void (*run)(Context&, const BackupWords&), bool needs_passphrase) {
    CLI::App* verb = noun.add_subcommand(name, what);
    auto words = std::make_shared<BackupWords>();
    verb->add_option("FILE", words->file, "the backup")->required();
    verb->add_option("--passphrase-file", words->passphrase_file,
                     "its content locks the keys (mode 0600)")
        ->type_name("FILE")
        ->required(needs_passphrase);
    add_json_flag(*verb, context);
    verb->callback([&context, words, run] { run(context, *words); });
}

}  // namespace

void add_backup(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand("backup", "a state folder in one file, and back");
    noun->require_subcommand(1);
    add_verb(*noun, context, "create",
             "copy the database, evidence, catalog and locked keys into a new file", create_backup,
             true);
    add_verb(*noun, context, "verify", "find any byte that changed since it was made",
             verify_backup, false);
    add_verb(*noun, context, "restore", "put a backup where no state is yet", restore_backup, true);
}

}  // namespace patchlab::cli
