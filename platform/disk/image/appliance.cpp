// SPDX-License-Identifier: Apache-2.0
#include "platform/disk/image/appliance.hpp"

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <thread>

namespace patchlab::disk {

namespace fs = std::filesystem;

namespace {

void free_list(char** list) {
    for (char** at = list; *at != nullptr; ++at) std::free(*at);
    std::free(list);
}

void require(guestfs_h* handle, int result, const std::string& what) {
    if (result == -1) throw_guestfs(handle, ErrorCode::lab, what);
}

/// Kills a process at a deadline unless destroyed before.
class Killer {
  public:
    Killer(int pid, Seconds deadline)
        : thread_([this, pid, deadline](const std::stop_token& stop) {
              std::unique_lock lock(mutex_);
              if (!wake_.wait_for(lock, stop, deadline, [&] { return stop.stop_requested(); }) &&
                  !stop.stop_requested()) {
                  fired_ = true;
                  if (pid > 0) ::kill(pid, SIGKILL);
              }
          }) {}
    bool fired() const { return fired_; }

  private:
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::atomic<bool> fired_ = false;
    std::jthread thread_;  // last: it uses the members above
};

}  // namespace

void FreeText::operator()(char* text) const noexcept { std::free(text); }

std::vector<std::string> take_strings(char** list) {
    std::vector<std::string> result;
    if (list == nullptr) return result;
    for (char** at = list; *at != nullptr; ++at) result.emplace_back(*at);
    free_list(list);
    return result;
}

std::vector<std::pair<std::string, std::string>> take_pairs(char** list) {
    const auto flat = take_strings(list);
    std::vector<std::pair<std::string, std::string>> result;
    for (std::size_t i = 0; i + 1 < flat.size(); i += 2) result.emplace_back(flat[i], flat[i + 1]);
    return result;
}

void throw_guestfs(guestfs_h* handle, ErrorCode code, const std::string& what) {
    const char* error = guestfs_last_error(handle);
    throw Error(code,
                "cannot " + what + ": " + (error != nullptr ? error : "libguestfs gave no reason"));
}

Appliance::Appliance(const fs::path& image, const std::string& format,
                     const LibguestfsOptions& options)
    : handle_(
          guestfs_create_flags(GUESTFS_CREATE_NO_ENVIRONMENT | GUESTFS_CREATE_NO_CLOSE_ON_EXIT)),
      deadline_(options.deadline) {
    if (!handle_) throw Error(ErrorCode::lab, "libguestfs cannot be used: out of memory");
    guestfs_h* g = handle_.get();
    guestfs_set_error_handler(g, nullptr,
                              nullptr);  // errors are taken from the handle, not printed
    require(g, guestfs_set_backend(g, "direct"), "choose libguestfs' direct backend");
    if (options.acceleration != "kvm")
        require(g, guestfs_set_backend_setting(g, "force_tcg", "1"), "turn acceleration off");
    struct guestfs_add_drive_opts_argv add {};
    add.bitmask = GUESTFS_ADD_DRIVE_OPTS_READONLY_BITMASK | GUESTFS_ADD_DRIVE_OPTS_FORMAT_BITMASK;
    add.readonly = 1;
    add.format = format.c_str();
    require(g, guestfs_add_drive_opts_argv(g, fs::absolute(image).c_str(), &add),
            "open " + image.string());
    if (guestfs_launch(g) == -1) {
        const char* error = guestfs_last_error(g);
        throw Error(ErrorCode::lab,
                    std::string("libguestfs' appliance does not start: ") +
                        (error != nullptr ? error : "no reason given"),
                    "`libguestfs-test-tool` tells why; the appliance needs a kernel package "
                    "(linux-image-amd64) readable in /boot");
    }
}

void Appliance::within_deadline(const std::function<void(guestfs_h*)>& work) const {
    const Killer killer(guestfs_get_pid(handle_.get()), deadline_);
    try {
        work(handle_.get());
    } catch (const Error&) {
        if (killer.fired())
            throw Error(ErrorCode::timeout, "libguestfs did not finish within its deadline");
        throw;
    }
}

}  // namespace patchlab::disk
