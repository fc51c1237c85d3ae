// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/audit_witness.hpp"

#include <syslog.h>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::operations {

namespace {

constexpr std::string_view witness_schema = "patchlab/witness/v1";

fs::path witness_file(const fs::path& state) { return state / "audit" / "witness.json"; }

}  // namespace

AuditWitness read_witness(const fs::path& state) {
    const auto text = read_file_if_any(witness_file(state));
    if (!text) return {};
    const std::string where = witness_file(state).string();
    const Json document = parse_json(*text, where);
    const JsonReader json(document, where);
    json.expect_schema(witness_schema);
    return {json.boolean_or("syslog", false), json.strings_or_empty("command")};
}

void write_witness(const fs::path& state, const AuditWitness& witness) {
    make_folder(state / "audit", 0700);
    write_file_atomic(
        witness_file(state),
        to_text(Json{
            {"schema", witness_schema}, {"syslog", witness.syslog}, {"command", witness.command}}),
        0600);
}

void tell_witness(const fs::path& state, process::CommandRunner& commands,
                  const governance::AuditHead& head) {
    const AuditWitness witness = read_witness(state);
    if (witness.syslog) {
        ::openlog("patchlab", LOG_PID, LOG_AUTHPRIV);
        ::syslog(LOG_NOTICE, "head of the audit trail: row %lld, hash %s, document %s",
                 static_cast<long long>(head.seq), head.hash.c_str(), head.digest().c_str());
        ::closelog();
    }
    if (witness.command.empty()) return;
    process::CommandSpec command;
    command.program = witness.command.front();
    command.args.assign(witness.command.begin() + 1, witness.command.end());
    command.purpose = "handing the head of the audit trail on";
    command.deadline = Seconds(30);
    command.input = head.envelope;
    commands.require(command);
}

}  // namespace patchlab::operations
