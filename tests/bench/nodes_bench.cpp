// SPDX-License-Identifier: Apache-2.0
//
// nodes_bench RUNS NODES…: what the head costs that hands runs to lab hosts. Its queue, its files
// and its reading of Slurm's answers are real; hosts and the minutes of a run are simulated. For
// each number of hosts, so many runs are handed over at once, and each takes so long that the hosts
// are busy for about a minute: throughput by what the slots allow. Then one minute with a
// hundred runs. Prints one line of JSON.
#include <sys/resource.h>
#include <time.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

#include "orchestrator/pipeline/fake/fake_scheduler.hpp"
#include "orchestrator/pipeline/slurm/slurm_queue.hpp"
#include "orchestrator/pipeline/slurm/slurm_scheduler.hpp"
#include "platform/core/json.hpp"

namespace patchlab::pipeline {
namespace {

constexpr unsigned slots = 2;
constexpr double busy_seconds = 60;

/// What squeue prints for a job besides what is read, in its size.
constexpr std::size_t unread_bytes = 2600;

/// Its answers are printed and read as those of squeue are.
class PrintedScheduler final : public Scheduler {
  public:
    explicit PrintedScheduler(FakeScheduler& scheduler) : scheduler_(scheduler) {}
    std::string submit(const JobSpec& job) override { return scheduler_.submit(job); }
    void cancel(const std::string& id) override { scheduler_.cancel(id); }
    std::vector<Job> jobs() override {
        static const std::string unread(unread_bytes, 'x');
        Json jobs = Json::array();
        for (const Job& job : scheduler_.jobs())
            jobs.push_back({{"job_id", std::stol(job.id)},
                            {"name", job.name},
                            {"job_state", job.word},
                            {"batch_host", job.node},
                            {"state_reason", job.reason},
                            {"exit_code", job.exit_code},
                            {"unread", unread}});
        return jobs_from(to_line({{"errors", Json::array()}, {"jobs", jobs}}));
    }

  private:
    FakeScheduler& scheduler_;
};

/// Of this thread alone: the simulated hosts are other threads.
double processor_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double peak_mb() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

class Bench {
  public:
    Bench(unsigned nodes, double seconds)
        : seconds_(seconds),
          hosts_(names(nodes), slots,
                 [this](const JobSpec& job, const std::string&,
                        const std::function<bool()>& ended) { return work(job, ended); }),
          queue_(std::make_shared<PrintedScheduler>(hosts_), clock_, options()) {
        make_folder(runs_folder());
    }

    void submit() {
        const std::string id = "r-20260101-" + std::to_string(10000 + ++count_);
        const RunFolder run(runs_folder() / id);
        make_folder(run.root());
        RunState state;
        state.id = id;
        run.save(state);
        queue_.submit(run);
    }
    std::size_t look_after() { return queue_.look_after_all(runs_folder()); }

  private:
    static std::vector<std::string> names(unsigned count) {
        std::vector<std::string> all;
        for (unsigned i = 1; i <= count; ++i) all.push_back("lab" + std::to_string(i));
        return all;
    }
    static SlurmQueueOptions options() {
        SlurmQueueOptions options;
        options.job = [](const RunFolder& run, int) {
            JobSpec job;
            job.script = run.root().string();
            return job;
        };
        return options;
    }
    int work(const JobSpec& job, const std::function<bool()>& ended) const {
        for (const Deadline end{Seconds(seconds_)}; !end.passed() && !ended();)
            std::this_thread::sleep_for(std::min(end.left(), std::chrono::milliseconds(100)));
        const RunFolder run(job.script);
        RunState state = run.load();
        state.progress = RunProgress::finished;
        state.verdict = "validated";
        write_as_another_disk_would(run, state);
        return 0;
    }
    /// The host's disk is not the head's: it is not waited for here.
    static void write_as_another_disk_would(const RunFolder& run, const RunState& state) {
        const fs::path part = fs::path(run.state_file()) += ".delivered";
        Json json = read_json(run.state_file());
        json["state"] = name(state.progress);
        json["verdict"] = state.verdict;
        std::ofstream(part) << to_line(json);
        fs::rename(part, run.state_file());
    }
    fs::path runs_folder() const { return folder_.path() / "runs"; }

    const double seconds_;
    SystemClock clock_;
    TempFolder folder_{fs::temp_directory_path(), "nodes-bench"};
    FakeScheduler hosts_;
    SlurmQueue queue_;
    int count_ = 0;
};

Json throughput(unsigned nodes, int runs) {
    const double seconds = busy_seconds * nodes * slots / runs;
    Bench bench(nodes, seconds);
    const double before = processor_seconds();
    const Stopwatch watch;
    for (int i = 0; i < runs; ++i) bench.submit();
    const double handed_over = watch.seconds();
    while (bench.look_after() > 0) std::this_thread::sleep_for(std::chrono::milliseconds(200));
    const double wall = watch.seconds();
    const int rounds =
        (runs + static_cast<int>(nodes * slots) - 1) / static_cast<int>(nodes * slots);
    const double least = rounds * seconds;
    return {{"nodes", nodes},
            {"runs", runs},
            {"seconds_each", seconds},
            {"wall_seconds", wall},
            {"least_seconds", least},
            {"of_linear", least / wall},
            {"handed_over_seconds", handed_over},
            {"head_milliseconds_each", (processor_seconds() - before) / runs * 1000}};
}

/// A hundred runs in a minute, with as many in the list of those that ended as Slurm keeps.
Json one_minute() {
    Bench bench(64, 30);
    for (int i = 0; i < 100; ++i) bench.submit();
    double spent = -processor_seconds();
    const Stopwatch watch;
    for (int submitted = 0; watch.seconds() < 60;) {
        if (submitted < 100 && watch.seconds() >= 0.6 * submitted) {
            bench.submit();
            ++submitted;
        }
        static int turn = 0;
        if (++turn % 10 == 0) bench.look_after();
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    spent += processor_seconds();
    return {{"runs_per_minute", 100}, {"head_share_of_processor", spent / 60}};
}

}  // namespace
}  // namespace patchlab::pipeline

int main(int argc, char** argv) {
    using namespace patchlab;
    if (argc < 3) return 2;
    Json all = Json::array();
    for (int i = 2; i < argc; ++i)
        all.push_back(
            pipeline::throughput(static_cast<unsigned>(std::atoi(argv[i])), std::atoi(argv[1])));
    const Json minute = pipeline::one_minute();
    std::cout << to_line(
                     {{"throughput", all}, {"minute", minute}, {"peak_mb", pipeline::peak_mb()}})
              << std::endl;
    return 0;
}
