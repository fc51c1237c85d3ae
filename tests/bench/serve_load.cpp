// SPDX-License-Identifier: Apache-2.0
//
// Load for a service that runs: idle streams, and so many reads a second. Called by ./bench serve.
//   serve_load PORT TOKEN SECONDS STREAMS RATE PATH…
// Prints one line of JSON: latencies by path in milliseconds, and what was not answered with 200.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <deque>
#include <iostream>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "platform/core/json.hpp"
#include "tests/support/http_client.hpp"

namespace {

using namespace patchlab;
using testing::RawClient;

struct Options {
    std::uint16_t port = 0;
    std::string token;
    double seconds = 10;
    int streams = 200;
    double rate = 50;
    std::vector<std::string> paths;
};

std::string request(const Options& options, const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
           options.token + "\r\nAccept: */*\r\n\r\n";
}

struct Sample {
    std::string path;
    double milliseconds = 0, first_byte = 0;
    int status = 0;
    std::size_t bytes = 0;
};

/// What is due, taken by whoever is free: a slow answer delays no other question.
class Load {
  public:
    explicit Load(const Options& options) : options_(options) {}

    std::vector<Sample> run() {
        std::vector<std::thread> askers;
        for (int i = 0; i < 8; ++i) askers.emplace_back([this] { ask_on(); });
        for (std::thread& asker : askers) asker.join();
        return samples_;
    }

  private:
    void ask_on() {
        RawClient client(options_.port);
        while (true) {
            const std::size_t number = next_++;
            const double due = static_cast<double>(number) / options_.rate;
            if (due > options_.seconds) return;
            while (time_.seconds() < due)
                std::this_thread::sleep_for(std::chrono::microseconds(200));
            keep(ask(client, options_.paths[number % options_.paths.size()]));
        }
    }

    Sample ask(RawClient& client, const std::string& path) {
        const Stopwatch watch;
        client.send(request(options_, path));
        const std::string head = client.read_until("\r\n\r\n", 30);
        Sample sample{path, 0, watch.seconds() * 1000, testing::status_of(head), head.size()};
        const auto at = head.find("Content-Length: ");
        std::size_t left = at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
        sample.bytes += left;
        client.read_exactly(left, 30);
        sample.milliseconds = watch.seconds() * 1000;
        return sample;
    }

    void keep(Sample sample) {
        const std::lock_guard lock(mutex_);
        samples_.push_back(std::move(sample));
    }

    const Options& options_;
    Stopwatch time_;
    std::atomic<std::size_t> next_ = 0;
    std::mutex mutex_;
    std::vector<Sample> samples_;
};

double share_of(std::vector<double>& sorted, double share) {
    if (sorted.empty()) return 0;
    std::sort(sorted.begin(), sorted.end());
    return sorted[std::min(sorted.size() - 1,
                           static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

Json latencies(std::vector<double> all) {
    return {{"p50", share_of(all, 0.5)}, {"p99", share_of(all, 0.99)}, {"most", share_of(all, 1)}};
}

Json summary(const std::vector<Sample>& samples) {
    std::map<std::string, std::vector<const Sample*>> by_path;
    for (const Sample& sample : samples) by_path[sample.path].push_back(&sample);
    Json paths = Json::array();
    std::vector<double> all;
    int failed = 0;
    for (const auto& [path, of_path] : by_path) {
        std::vector<double> whole, first;
        std::size_t bytes = 0;
        int bad = 0;
        for (const Sample* sample : of_path) {
            whole.push_back(sample->milliseconds);
            first.push_back(sample->first_byte);
            bytes = std::max(bytes, sample->bytes);
            if (sample->status != 200) ++bad;
        }
        all.insert(all.end(), whole.begin(), whole.end());
        failed += bad;
        paths.push_back({{"path", path},
                         {"requests", of_path.size()},
                         {"failed", bad},
                         {"bytes", bytes},
                         {"milliseconds", latencies(whole)},
                         {"first_byte", latencies(first)}});
    }
    return {{"requests", samples.size()},
            {"failed", failed},
            {"milliseconds", latencies(all)},
            {"paths", paths}};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 7) {
        std::fputs("usage: serve_load PORT TOKEN SECONDS STREAMS RATE PATH…\n", stderr);
        return 2;
    }
    Options options{static_cast<std::uint16_t>(std::stoi(argv[1])),
                    argv[2],
                    std::stod(argv[3]),
                    std::stoi(argv[4]),
                    std::stod(argv[5]),
                    {argv + 6, argv + argc}};
    std::deque<RawClient> streams;
    int open = 0;
    for (int i = 0; i < options.streams; ++i) {
        streams.emplace_back(options.port);
        streams.back().send(request(options, "/api/v1/stream"));
        if (testing::status_of(streams.back().read_until("\r\n\r\n", 10)) == 200) ++open;
    }
    Load load(options);
    Json result = summary(load.run());
    result["streams"] = open;
    std::cout << to_line(result) << "\n";
    return result.at("failed") == 0 && open == options.streams ? 0 : 1;
}
