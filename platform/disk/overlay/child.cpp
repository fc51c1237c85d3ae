// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/overlay/child.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "platform/disk/overlay/areas.hpp"
#include "platform/disk/overlay/block_server.hpp"
#include "platform/process/command.hpp"

namespace patchlab::disk {

namespace {

constexpr const char* child_mark = "PATCHLAB_COMPARE_CHILD";
constexpr std::size_t longest_answer = 128U << 20;
constexpr Seconds comparison_deadline{1800};

void put_line(const Json& value) {
    const std::string line = to_line(value) + "\n";
    for (std::size_t done = 0; done < line.size();) {
        const ssize_t written = ::write(STDOUT_FILENO, line.data() + done, line.size() - done);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) ::_exit(1);
        done += static_cast<std::size_t>(written);
    }
}

void put_error(const Error& error) {
    put_line(
        {{"error",
          {{"code", name(error.code())}, {"message", error.what()}, {"advice", error.advice()}}}});
}

/// The process without rights: reads both images through the server and says what changed.
void compare_unprivileged(const BlockServer& server, unsigned layers, bool everything,
                          TextWanted texts) {
    NbdReader base(server.socket(), "base");
    NbdReader overlay(server.socket(), "overlay");
    give_up_rights(server.folder());
    const auto held = overlay.held_by_upper(layers);
    std::uint64_t bytes = 0;
    for (const ByteRange& range : held) bytes += range.last - range.first;
    const ChangeSink sink = [](const FileChange& change) {
        Json line{{"change", to_json(change)}};
        if (change.text_before) line["text_before"] = *change.text_before;
        if (change.text_after) line["text_after"] = *change.text_after;
        put_line(line);
    };
    const DiskPair disks{base, overlay, held, &texts};
    const AreaReport report =
        everything ? compare_all_areas(disks, sink) : compare_touched_areas(disks, sink);
    Json others = Json::array();
    for (const Area& area : report.others)
        others.push_back({{"name", area.name},
                          {"number", area.number},
                          {"first", area.range.first},
                          {"last", area.range.last}});
    put_line({{"done", {{"overlay_bytes", bytes}, {"inodes", report.inodes}, {"others", others}}}});
}

int serve_and_compare(const OverlayQuery& query, bool everything) {
    const auto chain = chain_between(query.overlay, query.base);
    const BlockServer server(chain);
    const pid_t worker = ::fork();
    if (worker < 0)
        throw Error(ErrorCode::lab, std::string("cannot fork: ") + std::strerror(errno));
    if (worker == 0) {
        // _exit: the server and its folder belong to the parent, and must not be ended from here
        try {
            compare_unprivileged(server, static_cast<unsigned>(chain.size() - 1), everything,
                                 {query.keep});
            ::_exit(0);
        } catch (const Error& error) {
            put_error(error);
        } catch (const std::exception& error) {
            put_error(Error(ErrorCode::lab, std::string("the comparison failed: ") + error.what()));
        }
        ::_exit(1);
    }
    int status = 0;
    while (::waitpid(worker, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status))
        throw Error(ErrorCode::lab,
                    std::string("the process that reads the guest's filesystems was ended by ") +
                        ::strsignal(WTERMSIG(status)));
    return WEXITSTATUS(status);
}

[[noreturn]] void throw_child_error(const JsonReader& error) {
    const std::string code = error.string("code");
    for (const ErrorCode known :
         {ErrorCode::invalid, ErrorCode::not_found, ErrorCode::timeout, ErrorCode::internal})
        if (code == name(known))
            throw Error(known, error.string("message"), error.string_or("advice", ""));
    throw Error(ErrorCode::lab, error.string("message"), error.string_or("advice", ""));
}

void read_done(const JsonReader& done, ChildAnswer& answer) {
    answer.comparison.overlay_bytes = static_cast<std::uint64_t>(done.integer("overlay_bytes"));
    answer.comparison.inodes_examined = static_cast<std::uint64_t>(done.integer("inodes"));
    for (const JsonReader& area : done.objects("others"))
        answer.others.push_back({area.string("name"),
                                 static_cast<int>(area.integer("number")),
                                 {static_cast<std::uint64_t>(area.integer("first")),
                                  static_cast<std::uint64_t>(area.integer("last"))}});
}

}  // namespace

std::optional<int> run_if_compare_child(int argc, char** argv) {
    if (argc < 5 || std::string_view(argv[1]) != compare_child_word || !::getenv(child_mark))
        return std::nullopt;
    try {
        OverlayQuery query{argv[3], argv[4]};
        query.keep.assign(argv + 5, argv + argc);
        return serve_and_compare(query, std::string_view(argv[2]) == "everything");
    } catch (const Error& error) {
        put_error(error);
    } catch (const std::exception& error) {
        put_error(Error(ErrorCode::lab, error.what()));
    }
    return 1;
}

ChildAnswer ask_compare_child(const OverlayQuery& query, bool everything) {
    // a program whose main() does not call run_if_compare_child() would start itself for ever
    if (::getenv(child_mark))
        throw Error(ErrorCode::internal, "main() does not call run_if_compare_child()");
    process::CommandSpec spec;
    spec.program = "/proc/self/exe";
    spec.args = {compare_child_word, everything ? "everything" : "touched", query.base.string(),
                 query.overlay.string()};
    spec.args.insert(spec.args.end(), query.keep.begin(), query.keep.end());
    spec.purpose = "comparing an overlay with its base";
    spec.deadline = comparison_deadline;
    spec.environment = {{child_mark, "1"}};
    spec.max_output = longest_answer;
    process::SystemCommandRunner runner;
    const process::CommandResult result = runner.run(spec);
    if (result.timed_out)
        throw Error(ErrorCode::timeout, "the comparison of the disks did not end in time");
    if (result.truncated)
        throw Error(ErrorCode::lab, "the comparison found more changes than can be handled");
    ChildAnswer answer;
    bool finished = false;
    for (std::string_view rest = result.out; !rest.empty();) {
        const std::size_t end = rest.find('\n');
        if (end == rest.npos || finished)
            throw Error(ErrorCode::lab, "the comparison of the disks broke off");
        const Json line = parse_json(rest.substr(0, end), "comparison of the disks");
        rest.remove_prefix(end + 1);
        const JsonReader reader(line, "comparison of the disks");
        if (reader.has("error")) throw_child_error(reader.object("error"));
        if (reader.has("change")) {
            FileChange& change =
                answer.comparison.changes.emplace_back(file_change_from_json(reader.raw("change")));
            if (reader.has("text_before")) change.text_before = reader.string("text_before");
            if (reader.has("text_after")) change.text_after = reader.string("text_after");
        } else {
            read_done(reader.object("done"), answer);
            finished = true;
        }
    }
    if (!finished || result.exit_code != 0)
        throw Error(ErrorCode::lab,
                    "the comparison of the disks broke off" +
                        (result.err.empty() ? "" : ": " + result.err.substr(0, 500)));
    return answer;
}

}  // namespace patchlab::disk
