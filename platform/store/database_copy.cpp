// SPDX-License-Identifier: Apache-2.0
#include <SQLiteCpp/SQLiteCpp.h>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/store/database.hpp"

namespace patchlab::store {

void copy_database(const std::filesystem::path& from, const std::filesystem::path& to) {
    constexpr int wait_milliseconds = 30'000;
    if (std::filesystem::exists(to))
        throw Error(ErrorCode::conflict, "there is a file " + to.string() + " already");
    write_file_atomic(to, "", 0600);  // SQLite takes an empty file, and keeps its mode
    try {
        SQLite::Database source(from.string(), SQLite::OPEN_READWRITE, wait_milliseconds);
        SQLite::Statement copy(source, "VACUUM INTO ?");
        copy.bind(1, to.string());
        copy.exec();
    } catch (const SQLite::Exception& cause) {
        throw Error(ErrorCode::lab, "the store cannot be copied: " + std::string(cause.what()));
    }
}

std::string check_database(const std::filesystem::path& file) {
    try {
        // immutable: no journal is made beside a file that only is looked at
        SQLite::Database database("file:" + file.string() + "?immutable=1",
                                  SQLite::OPEN_READONLY | SQLite::OPEN_URI);
        SQLite::Statement check(database, "PRAGMA integrity_check(1)");
        return check.executeStep() ? check.getColumn(0).getString() : "it says nothing";
    } catch (const SQLite::Exception& cause) {
        return cause.what();
    }
}

}  // namespace patchlab::store
