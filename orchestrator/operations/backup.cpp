// SPDX-License-Identifier: Apache-2.0
//
// A state folder in one file, and back.
#include "orchestrator/backup/backup.hpp"

#include "orchestrator/notify/target.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::operations {

namespace {

std::string passphrase_in(const JsonReader& request) {
    const std::string file = request.string("passphrase_file");
    return during("reading the passphrase", [&] { return notify::read_secret(file); });
}

Json summary_json(const char* schema, const std::string& file, const backup::Summary& summary) {
    return {{"schema", schema},         {"file", file},           {"created", summary.created},
            {"digest", summary.digest}, {"files", summary.files}, {"bytes", summary.bytes}};
}

Outcome create_backup(Call& call, const JsonReader& request) {
    const std::string file = fs::absolute(request.string("file")).lexically_normal().string();
    call.events.progress("copying the state");
    const backup::Summary made = backup::create({call.session.state(), call.session.database(),
                                                 call.session.clock(), call.session.commands()},
                                                file, passphrase_in(request));
    return {summary_json("patchlab/backup-created/v1", file, made), 0,
            Audit{file, {{"digest", made.digest}, {"files", made.files}}}};
}

Outcome verify_backup(Call& call, const JsonReader& request) {
    std::optional<std::string> passphrase;
    if (request.has("passphrase_file")) passphrase = passphrase_in(request);
    const std::string file = request.string("file");
    const backup::Verification found = backup::verify(call.session.commands(), file, passphrase);
    Json document = summary_json("patchlab/backup-verification/v1", file, found.summary);
    document["intact"] = found.ok();
    document["keys"] = found.keys_opened ? "opened" : "locked";
    document["problems"] = Json::array();
    for (const backup::Problem& problem : found.problems)
        document["problems"].push_back({{"file", problem.file}, {"what", problem.what}});
    return {document, found.ok() ? 0 : exit_code(ErrorCode::refused)};
}

/// Where nothing is, nobody is a user yet: whoever may write there and knows the passphrase may.
Outcome restore_backup(Call& call, const JsonReader& request) {
    const std::string file = request.string("file");
    const fs::path state = call.session.state_place();
    const backup::Summary restored =
        backup::restore(call.session.commands(), file, state, passphrase_in(request));
    Json document = summary_json("patchlab/backup-restored/v1", file, restored);
    document["state"] = state.string();
    return {document};
}

}  // namespace

std::vector<Operation> backup_operations() {
    return {
        {"backup.create", "Copy the database, evidence, catalog and locked keys into one file",
         Kind::long_write, administrators("make a backup"), create_backup, "file"},
        {"backup.verify", "Find any byte of a backup that changed since it was made",
         Kind::long_read, anyone(), verify_backup},
        {"backup.restore", "Put a backup where no state is yet", Kind::long_read, anyone(),
         restore_backup},
    };
}

}  // namespace patchlab::operations
