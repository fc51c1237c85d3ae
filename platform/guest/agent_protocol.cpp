// SPDX-License-Identifier: Apache-2.0
#include "platform/guest/agent_protocol.hpp"

#include "platform/core/digest.hpp"

namespace patchlab::guest {

namespace {

constexpr const char* where = "guest agent";

/// Runs a checked read; whatever is wrong in the guest's words means that the channel cannot be
/// trusted any more.
template <typename Read>
auto read_or_lose(Read&& read) -> decltype(read()) {
    try {
        return read();
    } catch (const ChannelLost&) {
        throw;
    } catch (const Error& error) {
        throw ChannelLost("the guest agent's answer is malformed: " + error.message());
    } catch (const Json::exception&) {  // a number that no type holds
        throw ChannelLost("the guest agent's answer is malformed");
    }
}

std::string decode_stream(const JsonReader& reader, std::string_view key, std::size_t max_output,
                          bool& truncated) {
    if (!reader.has(key)) return {};
    std::string bytes = base64_decode(reader.string(key));
    if (bytes.size() > max_output) {
        bytes.resize(max_output);
        truncated = true;
    }
    return bytes;
}

}  // namespace

std::string request_line(std::string_view command, const Json& arguments) {
    Json request = {{"execute", command}};
    if (!arguments.is_null()) request["arguments"] = arguments;
    return to_line(request) + "\n";
}

AgentAnswer parse_answer(std::string_view line) {
    return read_or_lose([&] {
        const Json document = parse_json(line, where, max_answer_bytes);
        const JsonReader reader(document, where);
        AgentAnswer answer;
        if (reader.has("error")) {
            const JsonReader error = reader.object("error");
            answer.failed = true;
            answer.error_class = error.string_or("class", "GenericError").substr(0, 100);
            answer.error_text = error.string_or("desc", "no description").substr(0, 500);
            return answer;
        }
        answer.value = reader.raw("return");
        return answer;
    });
}

std::int64_t parse_exec_pid(const AgentAnswer& answer) {
    return read_or_lose([&] {
        const std::int64_t pid = JsonReader(answer.value, where, "/return").integer("pid");
        if (pid <= 0)
            throw ChannelLost("the guest agent's answer is malformed: pid " + std::to_string(pid));
        return pid;
    });
}

ExecStatus parse_exec_status(const AgentAnswer& answer, std::size_t max_output) {
    return read_or_lose([&] {
        const JsonReader reader(answer.value, where, "/return");
        ExecStatus status;
        status.exited = reader.boolean("exited");
        if (!status.exited) return status;
        GuestResult& result = status.result;
        const std::int64_t exit_code = reader.integer_or("exitcode", -1);
        const std::int64_t signal = reader.integer_or("signal", 0);
        if (exit_code < -1 || exit_code > 255) reader.fail("exitcode", "is out of range");
        if (signal < 0 || signal > 128) reader.fail("signal", "is out of range");
        result.exit_code = static_cast<int>(exit_code);
        result.signal = static_cast<int>(signal);
        result.truncated =
            reader.boolean_or("out-truncated", false) || reader.boolean_or("err-truncated", false);
        result.out = decode_stream(reader, "out-data", max_output, result.truncated);
        result.err = decode_stream(reader, "err-data", max_output, result.truncated);
        return status;
    });
}

Json exec_arguments(const GuestCommand& command) {
    if (command.argv.empty() || command.argv.front().empty() || command.argv.front().front() != '/')
        throw Error(ErrorCode::internal, "a command for a guest must start with an absolute path");
    // The agent replaces its whole environment as soon as one variable is given, and what it would
    // hand down otherwise differs between systems; so the environment is always the same small one.
    Json environment = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                        "LC_ALL=C.UTF-8", "HOME=/root"};
    for (const std::string& variable : command.environment) environment.push_back(variable);
    Json arguments = {
        {"path", command.argv.front()},
        {"arg", std::vector<std::string>(command.argv.begin() + 1, command.argv.end())},
        {"env", environment},
        {"capture-output", true}};
    if (!command.input.empty()) arguments["input-data"] = base64_encode(command.input);
    return arguments;
}

}  // namespace patchlab::guest
