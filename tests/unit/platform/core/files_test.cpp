// SPDX-License-Identifier: Apache-2.0
#include "platform/core/files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <thread>
#include <vector>

#include "platform/core/error.hpp"

namespace patchlab {
namespace {

class Files : public ::testing::Test {
  protected:
    TempFolder folder{fs::temp_directory_path(), "patchlab-test"};
    fs::path file = folder.path() / "file";

    std::size_t entries() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder.path()), {}));
    }
    static unsigned mode(const fs::path& path) {
        struct stat info {};
        return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
    }
};

TEST_F(Files, an_atomic_write_replaces_the_whole_file_and_sets_the_mode) {
    write_file_atomic(file, "a long first text", 0600);
    write_file_atomic(file, "short", 0640);
    EXPECT_EQ(read_file(file), "short");
    EXPECT_EQ(mode(file), 0640U);
    EXPECT_EQ(entries(), 1U);
}

TEST_F(Files, an_atomic_write_that_fails_leaves_the_old_file_and_nothing_beside_it) {
    write_file_atomic(file, "old");
    // in a child, for the limit stays: no file may grow beyond 4 KiB, which is how a full disk
    // looks to the writer
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{4096, 4096};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        try {
            write_file_atomic(file, std::string(100'000, 'n'));
            ::_exit(1);
        } catch (const Error& error) {
            ::_exit(error.code() == ErrorCode::lab ? 0 : 2);
        }
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(read_file(file), "old");
    EXPECT_EQ(entries(), 1U);
}

TEST_F(Files, a_reader_never_sees_half_of_an_atomic_write) {
    write_file_atomic(file, std::string(50'000, 'a'));
    const pid_t writer = ::fork();
    if (writer == 0) {
        for (int i = 0; i < 40; ++i)
            write_file_atomic(file, std::string(50'000, i % 2 ? 'a' : 'b'));
        ::_exit(0);
    }
    int status = 0;
    while (::waitpid(writer, &status, WNOHANG) == 0) {
        const std::string seen = read_file(file);
        ASSERT_EQ(seen.size(), 50'000U);
        ASSERT_EQ(seen.find_first_not_of(seen.front()), std::string::npos);
    }
    EXPECT_EQ(status, 0);
}

TEST_F(Files, the_end_of_a_growing_file_is_read_alone) {
    EXPECT_EQ(read_end(file, 5), "");
    EXPECT_EQ(read_end(folder.path(), 5), "");
    write_file_atomic(file, "0123456789");
    EXPECT_EQ(read_end(file, 4), "6789");
    EXPECT_EQ(read_end(file, 100), "0123456789");
    EXPECT_EQ(read_end(file, 4, 8), "89");
    EXPECT_EQ(read_end(file, 4, 10), "");
    EXPECT_EQ(read_end(file, 4, 1000), "");
}

TEST_F(Files, reading_tells_missing_from_too_large_from_unreadable) {
    EXPECT_EQ(read_file_if_any(file), std::nullopt);
    EXPECT_EQ(read_file_if_any(file / "below"), std::nullopt);
    write_file_atomic(file, "12345");
    EXPECT_EQ(read_file(file, 5), "12345");
    const auto code_of = [](const auto& work) {
        try {
            work();
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::internal;
    };
    EXPECT_EQ(code_of([&] { read_file(file, 4); }), ErrorCode::invalid);
    EXPECT_EQ(code_of([&] { read_file(folder.path() / "none"); }), ErrorCode::not_found);
    EXPECT_EQ(code_of([&] { read_file(folder.path()); }), ErrorCode::lab);
}

TEST_F(Files, appended_lines_add_up) {
    append_line_durable(file, "one", 0600);
    append_line_durable(file, "two");
    EXPECT_EQ(read_file(file), "one\ntwo\n");
    EXPECT_EQ(mode(file), 0600U);
}

TEST_F(Files, removing_a_tree_follows_no_symlink) {
    make_folder(folder.path() / "keep");
    write_file_atomic(folder.path() / "keep" / "precious", "x");
    make_folder(folder.path() / "tree" / "deep");
    fs::create_directory_symlink(folder.path() / "keep", folder.path() / "tree" / "deep" / "link");
    remove_tree(folder.path() / "tree");
    remove_tree(folder.path() / "tree");  // not there: fine
    EXPECT_FALSE(fs::exists(folder.path() / "tree"));
    EXPECT_TRUE(fs::exists(folder.path() / "keep" / "precious"));
}

TEST_F(Files, a_temporary_folder_is_private_and_goes_unless_kept) {
    fs::path gone;
    fs::path kept;
    {
        TempFolder first(folder.path(), "a");
        TempFolder second(folder.path(), "b");
        EXPECT_EQ(mode(first.path()), 0700U);
        TempFolder moved(std::move(first));
        second.keep();
        gone = moved.path();
        kept = second.path();
        EXPECT_TRUE(fs::exists(gone));
    }
    EXPECT_FALSE(fs::exists(gone));
    EXPECT_TRUE(fs::exists(kept));
}

TEST_F(Files, free_space_is_told_for_a_path_that_is_not_there_yet) {
    EXPECT_GT(free_bytes(folder.path() / "a" / "b"), 0U);
}

TEST_F(Files, a_lock_keeps_others_out_until_it_goes) {
    EXPECT_FALSE(FileLock::is_held(file));
    {
        const auto lock = FileLock::try_acquire(file);
        ASSERT_TRUE(lock);
        EXPECT_TRUE(FileLock::is_held(file));
        EXPECT_FALSE(FileLock::try_acquire(file));
    }
    EXPECT_FALSE(FileLock::is_held(file));
    EXPECT_TRUE(FileLock::try_acquire(file));
}

TEST_F(Files, a_question_never_keeps_anybody_from_the_lock) {
    static_cast<void>(FileLock::acquire(file));  // the file is there from now on
    std::atomic<bool> over{false};
    std::vector<std::thread> askers;
    for (int i = 0; i < 2; ++i)
        askers.emplace_back([&] {
            while (!over) static_cast<void>(FileLock::is_held(file));
        });
    int refused = 0;
    for (int attempt = 0; attempt < 20'000; ++attempt)
        if (!FileLock::try_acquire(file)) ++refused;
    over = true;
    for (std::thread& asker : askers) asker.join();
    EXPECT_EQ(refused, 0);
}

TEST_F(Files, a_process_of_an_older_version_that_holds_its_flock_keeps_others_out) {
    const UniqueFd older(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    ASSERT_EQ(::flock(older.get(), LOCK_EX | LOCK_NB), 0);
    EXPECT_FALSE(FileLock::try_acquire(file));
}

TEST_F(Files, the_lock_of_a_killed_process_is_free) {
    std::array<int, 2> ready{};
    ASSERT_EQ(::pipe(ready.data()), 0);
    const pid_t holder = ::fork();
    if (holder == 0) {
        const auto lock = FileLock::try_acquire(file);
        static_cast<void>(!::write(ready[1], "x", 1));
        for (;;) ::pause();
    }
    char byte = 0;
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    EXPECT_TRUE(FileLock::is_held(file));
    EXPECT_FALSE(FileLock::try_acquire(file));
    ::kill(holder, SIGKILL);
    ::waitpid(holder, nullptr, 0);
    EXPECT_FALSE(FileLock::is_held(file));
    EXPECT_TRUE(FileLock::try_acquire(file));
    ::close(ready[0]);
    ::close(ready[1]);
}

TEST_F(Files, acquire_waits_for_the_holder) {
    auto lock = FileLock::try_acquire(file);
    std::array<int, 2> order{};
    ASSERT_EQ(::pipe(order.data()), 0);
    const pid_t waiter = ::fork();
    if (waiter == 0) {
        lock.reset();  // our copy of the parent's descriptor; the parent still holds the lock
        const FileLock mine = FileLock::acquire(file);
        static_cast<void>(!::write(order[1], "2", 1));
        ::_exit(0);
    }
    static_cast<void>(!::write(order[1], "1", 1));
    lock.reset();
    char seen[2] = {};
    ASSERT_EQ(::read(order[0], &seen[0], 1), 1);
    ASSERT_EQ(::read(order[0], &seen[1], 1), 1);
    EXPECT_EQ(seen[0], '1');
    EXPECT_EQ(seen[1], '2');
    ::waitpid(waiter, nullptr, 0);
    ::close(order[0]);
    ::close(order[1]);
}

TEST(UniqueFd, closes_what_it_owns_and_nothing_twice) {
    int raw = -1;
    {
        UniqueFd first(::dup(0));
        raw = first.get();
        UniqueFd second(std::move(first));
        EXPECT_FALSE(first);
        first = std::move(second);
        EXPECT_EQ(first.get(), raw);
    }
    EXPECT_EQ(::close(raw), -1);
}

TEST_F(Files, a_folder_that_is_there_keeps_its_mode_unless_it_is_made) {
    const TempFolder outer("/tmp", "files-test");
    const fs::path shared = outer.path() / "shared";
    fs::create_directory(shared);
    fs::permissions(shared, fs::perms::all | fs::perms::sticky_bit);
    make_folder_if_missing(shared);
    EXPECT_EQ(fs::status(shared).permissions(), fs::perms::all | fs::perms::sticky_bit);
    make_folder_if_missing(shared / "own", 0700);
    EXPECT_EQ(fs::status(shared / "own").permissions(), fs::perms::owner_all);
}

}  // namespace
}  // namespace patchlab
