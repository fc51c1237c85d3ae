// SPDX-License-Identifier: Apache-2.0
//
// SystemCommandRunner: Boost.Process holds, Asio waits, reads and keeps the deadline; the launcher
// is our own (docs/adr/0001-posix-spawn.md says why).
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/process/v2/process.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/process/command.hpp"
#include "platform/process/launcher.hpp"
#include "platform/process/pipe.hpp"

namespace patchlab::process {

namespace {

namespace asio = boost::asio;
using Process = boost::process::v2::basic_process<asio::any_io_executor>;

/// How long output of helpers that outlive their command is still waited for before they are
/// killed.
constexpr Seconds straggler_time{2};
constexpr std::size_t longest_line = 64U << 10;

[[noreturn]] void fail(const std::string& what, int number) {
    throw Error(ErrorCode::lab, what + ": " + std::strerror(number));
}

/// Moves a descriptor above the standard ones, so that wiring 0, 1 and 2 of the child cannot
/// overwrite it.
UniqueFd above_standard(UniqueFd fd) {
    if (fd.get() > STDERR_FILENO) return fd;
    UniqueFd moved(::fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!moved) fail("cannot duplicate a descriptor", errno);
    return moved;
}

Pipe make_output_pipe() {
    Pipe pipe = make_pipe();
    pipe.write = above_standard(std::move(pipe.write));
    return pipe;
}

/// Input is handed over as an anonymous file: nothing has to be fed while the output is drained, so
/// nothing can deadlock.
UniqueFd make_stdin(const std::string& input) {
    if (input.empty()) return above_standard(UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)));
    UniqueFd file(::memfd_create("stdin", MFD_CLOEXEC));
    if (!file) fail("cannot create an anonymous file", errno);
    if (!write_whole(file.get(), input)) fail("cannot write the input", errno);
    ::lseek(file.get(), 0, SEEK_SET);
    return above_standard(std::move(file));
}

/// By number: glibc 2.36 declares pidfd_open() without C linkage, so C++ cannot link it.
UniqueFd open_pidfd(pid_t pid) {
    return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

/// A started child that leads its own session; whatever happens, its group is killed and it is
/// reaped. It is reaped last: until then nobody can get its id, which names its group, too. (So its
/// end is seen on a descriptor of its own; async_wait() would reap it.)
class Child {
  public:
    Child(asio::io_context& context, pid_t pid)
        : group_(pid), process_(context.get_executor(), pid), ended_(context) {
        UniqueFd watched = open_pidfd(pid);
        if (watched) {
            ended_.assign(watched.release());
            return;
        }
        const int number = errno;
        end();
        fail("cannot watch a process", number);
    }
    ~Child() { end(); }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    template <typename Then>
    void when_ended(Then then) {
        ended_.async_wait(asio::posix::descriptor_base::wait_read,
                          [then](const boost::system::error_code& error) {
                              if (!error) then();
                          });
    }
    void kill_group() { ::kill(-process_.id(), SIGKILL); }

    /// Kills what is left of the group and takes the leader's status.
    int end() {
        if (!process_.is_open()) return status_;
        kill_group();
        boost::system::error_code error;
        process_.wait(error);
        status_ = process_.native_exit_code();
        process_.detach();
        return status_;
    }

  private:
    RunningGroup group_;
    Process process_;
    asio::posix::stream_descriptor ended_;
    int status_ = 0;
};

/// One output stream: keeps what fits, drops the rest, hands lines on.
class Stream {
  public:
    Stream(asio::io_context& context, UniqueFd fd, std::string& kept, const CommandSpec& spec,
           bool& truncated)
        : pipe_(context, fd.release()), kept_(kept), spec_(spec), truncated_(truncated) {}

    bool open() const { return pipe_.is_open(); }

    /// Reads until the end, then calls `then`.
    template <typename Then>
    void read(Then then) {
        pipe_.async_read_some(
            asio::buffer(buffer_),
            [this, then](const boost::system::error_code& error, std::size_t got) {
                take({buffer_.data(), got});
                if (!error) return read(then);
                close();
                then();
            });
    }
    /// Takes what is there without waiting for more.
    void finish() {
        boost::system::error_code error;
        if (open()) pipe_.non_blocking(true, error);
        while (open() && !error)
            take({buffer_.data(), pipe_.read_some(asio::buffer(buffer_), error)});
        close();
    }

  private:
    void close() {
        boost::system::error_code ignored;
        pipe_.close(ignored);
        if (!line_.empty()) flush_line();
    }
    void take(std::string_view bytes) {
        const std::size_t room = spec_.max_output - std::min(spec_.max_output, kept_.size());
        if (bytes.size() > room) truncated_ = true;
        kept_.append(bytes.substr(0, room));
        if (!spec_.on_output_line) return;
        for (const char c : bytes) {
            if (c == '\n' || c == '\r') {  // progress bars end their lines with a carriage return
                if (!line_.empty() || c == '\n') flush_line();
            } else if (line_.size() < longest_line) {
                line_ += c;
            }
        }
    }
    void flush_line() {
        const std::string line = std::exchange(line_, {});
        if (spec_.on_output_line) spec_.on_output_line(line);
    }

    asio::posix::stream_descriptor pipe_;
    std::array<char, 65536> buffer_{};
    std::string& kept_;
    const CommandSpec& spec_;
    bool& truncated_;
    std::string line_;
};

/// Waits until the child has ended and both streams are at their end, or the deadline passes.
class Supervision {
  public:
    Supervision(asio::io_context& context, Child& child, Stream& out, Stream& err,
                CommandResult& result)
        : context_(context),
          timer_(context),
          child_(child),
          out_(out),
          err_(err),
          result_(result) {}

    void run(Seconds deadline) {
        limit(deadline);
        child_.when_ended([this] {
            exited_ = true;
            if (timer_.expiry() - std::chrono::steady_clock::now() > straggler_time)
                limit(straggler_time);
            stop_when_done();
        });
        out_.read([this] { stop_when_done(); });
        err_.read([this] { stop_when_done(); });
        context_.run();
    }

  private:
    void limit(Seconds time) {
        constexpr Seconds longest{86400.0 * 365};
        timer_.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(
            std::clamp(time, Seconds(0), longest)));
        timer_.async_wait([this](const boost::system::error_code& error) {
            if (error) return;  // a shorter limit took its place
            if (!exited_) result_.timed_out = true;
            child_.kill_group();
            context_.stop();
        });
    }
    void stop_when_done() {
        if (exited_ && !out_.open() && !err_.open()) context_.stop();
    }

    asio::io_context& context_;
    asio::steady_timer timer_;
    Child& child_;
    Stream& out_;
    Stream& err_;
    CommandResult& result_;
    bool exited_ = false;
};

CommandResult run_now(const CommandSpec& spec) {
    const auto program = find_program(spec.program);
    if (!program)
        throw Error(ErrorCode::lab, "there is no program '" + spec.program + "' on this host",
                    package_advice(std::filesystem::path(spec.program).filename().string()));
    UniqueFd in = make_stdin(spec.input);
    if (!in) fail("cannot open /dev/null", errno);
    Pipe out = make_output_pipe();
    Pipe err = make_output_pipe();

    CommandResult result;
    const Stopwatch watch;
    asio::io_context context(1);
    Child child(context, launch(spec, *program, {in.get(), out.write.get(), err.write.get()}));
    in.reset();
    out.write.reset();
    err.write.reset();
    Stream out_stream(context, std::move(out.read), result.out, spec, result.truncated);
    Stream err_stream(context, std::move(err.read), result.err, spec, result.truncated);
    Supervision(context, child, out_stream, err_stream, result).run(spec.deadline);
    const int status = child.end();
    out_stream.finish();
    err_stream.finish();

    result.seconds = watch.seconds();
    if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
    else if (!result.timed_out) result.exit_code = WEXITSTATUS(status);
    return result;
}

}  // namespace

CommandResult SystemCommandRunner::run(const CommandSpec& spec) {
    return during(spec.purpose.empty() ? "running " + spec.program : spec.purpose,
                  [&] { return run_now(spec); });
}

}  // namespace patchlab::process
