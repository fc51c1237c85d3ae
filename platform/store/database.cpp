// SPDX-License-Identifier: Apache-2.0
#include "platform/store/database.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <sqlite3.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <type_traits>
#include <utility>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/store/migrate.hpp"

namespace patchlab::store {

namespace {

constexpr int busy_milliseconds = 30'000;

/// SQLite's reasons in patchlab's words. The primary result code is the low byte of the extended
/// one.
[[noreturn]] void fail(const SQLite::Exception& cause) {
    const std::string why = cause.what();
    switch (cause.getErrorCode() & 0xff) {
        case SQLITE_CONSTRAINT: throw Error(ErrorCode::conflict, "the store refuses it: " + why);
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            throw Error(ErrorCode::lab, "the store is busy: another patchlab has held it for 30 s");
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            throw Error(ErrorCode::lab, "the store is damaged: " + why,
                        "restore patchlab.db from a backup, or use another --state-dir");
        case SQLITE_FULL:
            throw Error(ErrorCode::lab, "the store cannot grow: the disk is full",
                        "free some space and try again");
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH: throw Error(ErrorCode::lab, "the store cannot be used: " + why);
        default: throw Error(ErrorCode::internal, "the store: " + why);
    }
}

template <typename Work>
auto translated(Work&& work) -> decltype(work()) {
    try {
        return work();
    } catch (const SQLite::Exception& cause) {
        fail(cause);
    }
}

void bind(SQLite::Statement& statement, const std::vector<Value>& parameters) {
    int index = 0;
    for (const Value& parameter : parameters) {
        ++index;
        std::visit(
            [&](const auto& value) {
                using Type = std::decay_t<decltype(value)>;
                if constexpr (std::is_same_v<Type, std::nullptr_t>) statement.bind(index);
                else statement.bind(index, value);
            },
            parameter);
    }
}

Value value_of(const SQLite::Column& column) {
    if (column.isNull()) return nullptr;
    if (column.isInteger()) return std::int64_t{column.getInt64()};
    if (column.isFloat()) return column.getDouble();
    return column.getString();
}

const Value& column_of(const Row& row, std::string_view name) {
    for (const auto& [column, value] : row.columns)
        if (column == name) return value;
    throw Error(ErrorCode::internal, "the store: a row has no column '" + std::string(name) + "'");
}

template <typename Type>
const Type& typed(const Row& row, std::string_view name) {
    if (const Type* value = std::get_if<Type>(&column_of(row, name))) return *value;
    throw Error(ErrorCode::internal,
                "the store: column '" + std::string(name) + "' has another type");
}

/// Created by us first, so that it never exists with a wider mode; SQLite gives its -wal and -shm
/// files the same one.
void create_private(const std::filesystem::path& file) {
    const UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd)
        throw Error(ErrorCode::lab,
                    "cannot open the store " + file.string() + ": " + std::strerror(errno));
}

}  // namespace

std::string Row::text(std::string_view column) const { return typed<std::string>(*this, column); }
std::int64_t Row::integer(std::string_view column) const {
    return typed<std::int64_t>(*this, column);
}

std::optional<std::string> Row::text_or_null(std::string_view column) const {
    if (std::holds_alternative<std::nullptr_t>(column_of(*this, column))) return std::nullopt;
    return text(column);
}

std::optional<std::int64_t> Row::integer_or_null(std::string_view column) const {
    if (std::holds_alternative<std::nullptr_t>(column_of(*this, column))) return std::nullopt;
    return integer(column);
}

double Row::real(std::string_view column) const {
    // SQLite keeps a REAL without fraction as it likes; both are numbers to the reader
    if (const auto* whole = std::get_if<std::int64_t>(&column_of(*this, column)))
        return static_cast<double>(*whole);
    return typed<double>(*this, column);
}

struct Database::Impl {
    SQLite::Database connection;
    const std::uint64_t number = ++connections;
    bool in_transaction = false;
    std::vector<std::function<void()>> afterwards;  ///< of the open transaction

    static inline std::atomic<std::uint64_t> connections = 0;  ///< of this process so far

    explicit Impl(const std::filesystem::path& file)
        : connection(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
                     busy_milliseconds) {
        sqlite3_extended_result_codes(connection.getHandle(), 1);
        connection.exec(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
    }
};

Database::Database(const std::filesystem::path& file, const std::vector<Migration>& migrations) {
    during("opening the store " + file.string(), [&] {
        create_private(file);
        // two processes that switch one new file to WAL at once get "busy" without waiting; so one
        // opens after the other
        const FileLock opening = FileLock::acquire(file.string() + ".opening");
        translated([&] { impl_ = std::make_unique<Impl>(file); });
        migrate(*this, migrations);
    });
}

Database::~Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;

std::string Database::version() {
    return std::to_string(impl_->number) + "." +
           std::to_string(query_one("PRAGMA data_version")->integer("data_version")) + "." +
           std::to_string(sqlite3_total_changes(impl_->connection.getHandle()));
}

int Database::execute(std::string_view sql, const std::vector<Value>& parameters) {
    return translated([&] {
        SQLite::Statement statement(impl_->connection, std::string(sql));
        bind(statement, parameters);
        return statement.exec();
    });
}

void Database::execute_each(std::string_view sql,
                            const std::vector<std::vector<Value>>& parameters) {
    translated([&] {
        SQLite::Statement statement(impl_->connection, std::string(sql));
        for (const std::vector<Value>& set : parameters) {
            bind(statement, set);
            statement.exec();
            statement.reset();
        }
    });
}

void Database::execute_script(std::string_view sql) {
    translated([&] { impl_->connection.exec(std::string(sql)); });
}

std::vector<Row> Database::query(std::string_view sql, const std::vector<Value>& parameters) {
    return translated([&] {
        SQLite::Statement statement(impl_->connection, std::string(sql));
        bind(statement, parameters);
        std::vector<Row> rows;
        while (statement.executeStep()) {
            Row row;
            for (int i = 0; i < statement.getColumnCount(); ++i)
                row.columns.emplace_back(statement.getColumnName(i),
                                         value_of(statement.getColumn(i)));
            rows.push_back(std::move(row));
        }
        return rows;
    });
}

std::optional<Row> Database::query_one(std::string_view sql, const std::vector<Value>& parameters) {
    std::vector<Row> rows = query(sql, parameters);
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
}

struct Statement::Impl {
    SQLite::Statement statement;

    void begin(const std::vector<Value>& parameters) {
        statement.tryReset();  // after a run that failed it only repeats that error
        statement.clearBindings();
        bind(statement, parameters);
    }
};

Statement::Statement(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Statement::~Statement() = default;
Statement::Statement(Statement&&) noexcept = default;
Statement& Statement::operator=(Statement&&) noexcept = default;

int Statement::execute(const std::vector<Value>& parameters) {
    return translated([&] {
        impl_->begin(parameters);
        const int changed = impl_->statement.exec();
        impl_->statement.reset();  // an open statement would keep a transaction from ending
        return changed;
    });
}

void Statement::query(const std::vector<Value>& parameters,
                      const std::function<void(const Row&)>& each) {
    translated([&] {
        impl_->begin(parameters);
        Row row;
        for (int i = 0; i < impl_->statement.getColumnCount(); ++i)
            row.columns.emplace_back(impl_->statement.getColumnName(i), nullptr);
        while (impl_->statement.executeStep()) {
            for (int i = 0; i < impl_->statement.getColumnCount(); ++i)
                row.columns[static_cast<std::size_t>(i)].second =
                    value_of(impl_->statement.getColumn(i));
            each(row);
        }
        impl_->statement.reset();
    });
}

Statement Database::prepare(std::string_view sql) {
    return translated([&] {
        return Statement(std::make_unique<Statement::Impl>(
            Statement::Impl{SQLite::Statement(impl_->connection, std::string(sql))}));
    });
}

void Database::transaction(const std::function<void()>& work) {
    if (impl_->in_transaction)
        throw Error(ErrorCode::internal, "the store: a transaction inside a transaction");
    translated([&] { impl_->connection.exec("BEGIN IMMEDIATE"); });
    impl_->in_transaction = true;
    impl_->afterwards.clear();
    try {
        work();
        translated([&] { impl_->connection.exec("COMMIT"); });
        impl_->in_transaction = false;
    } catch (...) {
        impl_->in_transaction = false;
        // SQLite has rolled back by itself after some errors (disk full); then there is nothing
        // left to undo
        if (sqlite3_get_autocommit(impl_->connection.getHandle()) == 0)
            impl_->connection.tryExec("ROLLBACK");
        throw;
    }
    for (const auto& later : std::exchange(impl_->afterwards, {})) later();
}

void Database::after_commit(std::function<void()> work) {
    if (!impl_->in_transaction)
        throw Error(ErrorCode::internal, "the store: after_commit() outside of a transaction");
    impl_->afterwards.push_back(std::move(work));
}

std::string Database::schema_text() {
    std::string text;
    for (const Row& row :
         query("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name"))
        text += row.text("sql") + ";\n";
    return text;
}

}  // namespace patchlab::store
