// SPDX-License-Identifier: Apache-2.0
//
// Which rows of a table somebody wants. The SQL is of this program's own making; what comes from
// outside is among the values. A value.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "platform/store/database.hpp"

namespace patchlab::store {

struct Selection {
    std::string where = "1";    ///< a condition
    std::string order = "1";    ///< after ORDER BY
    std::vector<Value> values;  ///< of the condition's question marks
    std::int64_t most = -1;     ///< rows; -1: all

    /// Also this condition, which has one question mark: `value`.
    void narrow(const std::string& condition, std::string value) {
        where += " AND " + condition;
        values.emplace_back(std::move(value));
    }
    /// "SELECT … FROM …" and the condition, the order and the limit after it.
    std::string after(const std::string& select) const {
        return select + " WHERE " + where + " ORDER BY " + order + " LIMIT " + std::to_string(most);
    }
};

}  // namespace patchlab::store
