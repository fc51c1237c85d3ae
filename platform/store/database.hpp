// SPDX-License-Identifier: Apache-2.0
//
// The SQLite store: one file, WAL, foreign keys on, synchronous=FULL (what was recorded survives a
// power cut). Modules bring their own tables as frozen migrations; a migration that fails leaves
// the database as it was. SQLiteCpp is not seen outside this folder. A Database must not be used on
// the other side of a fork (run_in_cell): open another there. Thread safety: one Database a thread;
// several processes may use the same file (busy timeout 30 s).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchlab::store {

/// One step of one module's schema. Versions count from 1 without gaps; a landed migration is never
/// edited (its text's sha256 is kept in the database and compared at open).
struct Migration {
    std::string_view module;  ///< "images"
    int version = 1;
    std::string_view sql;  ///< may hold several statements
};

using Value = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

/// One row; columns by name. Getters throw Error(internal) for an unknown column or a wrong type.
class Row {
  public:
    std::string text(std::string_view column) const;
    std::optional<std::string> text_or_null(std::string_view column) const;
    std::int64_t integer(std::string_view column) const;
    std::optional<std::int64_t> integer_or_null(std::string_view column) const;
    double real(std::string_view column) const;

    std::vector<std::pair<std::string, Value>> columns;
};

/// A statement that is prepared once and run many times, each time with other parameters. It must
/// not outlive its Database, and no two runs of it may overlap.
class Statement {
  public:
    ~Statement();
    Statement(Statement&&) noexcept;
    Statement& operator=(Statement&&) noexcept;

    /// As Database::execute().
    int execute(const std::vector<Value>& parameters = {});
    /// Hands every row to `each`; a row is gone when the next one comes, so that a long answer
    /// takes no memory.
    void query(const std::vector<Value>& parameters, const std::function<void(const Row&)>& each);

  private:
    friend class Database;
    struct Impl;
    explicit Statement(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Copies a database into a new file (0600) as it is now, without what is being written; SQLite
/// itself does it (VACUUM INTO), so that the copy is whole and compact. Error(lab).
void copy_database(const std::filesystem::path& from, const std::filesystem::path& to);
/// "ok", or what SQLite finds wrong with the file. Nothing is changed.
std::string check_database(const std::filesystem::path& file);

class Database {
  public:
    /// Opens or creates `file` (mode 0600) and brings it to the newest schema. Error(lab): cannot
    /// be opened, is damaged, or was written by a newer patchlab; Error(internal): a frozen
    /// migration was altered.
    Database(const std::filesystem::path& file, const std::vector<Migration>& migrations);
    ~Database();
    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;

    /// Runs a statement that returns no rows; gives the number of rows changed. A broken constraint
    /// is Error(conflict).
    int execute(std::string_view sql, const std::vector<Value>& parameters = {});
    /// Runs one statement once for each set of parameters, compiled once: for many rows inside one
    /// transaction.
    void execute_each(std::string_view sql, const std::vector<std::vector<Value>>& parameters);
    /// Runs several statements without parameters (a schema).
    void execute_script(std::string_view sql);
    std::vector<Row> query(std::string_view sql, const std::vector<Value>& parameters = {});
    std::optional<Row> query_one(std::string_view sql, const std::vector<Value>& parameters = {});

    Statement prepare(std::string_view sql);

    /// Runs `work` inside BEGIN IMMEDIATE … COMMIT; rolls back when it throws. Not nestable.
    void transaction(const std::function<void()>& work);
    /// Inside a transaction: `work` runs once when it has been committed, and never when it was
    /// not. What `work` throws reaches the caller of transaction(), whose changes stay.
    void after_commit(std::function<void()> work);

    /// Another text as soon as anything was written, by whomever; of no other connection of this
    /// process. To know cheaply that an answer still holds.
    std::string version();

    /// The CREATE statements of the whole schema, sorted: for the test that a fresh schema equals
    /// all migrations replayed.
    std::string schema_text();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace patchlab::store
