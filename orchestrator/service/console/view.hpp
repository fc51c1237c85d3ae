// SPDX-License-Identifier: Apache-2.0
//
// What every screen draws with: the documents of its calls, read without trust in their form, and
// the parts that look and work alike on all pages. Pure; one writer a page.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/service/console/screens.hpp"
#include "reports/html/writer.hpp"

namespace patchlab::service::console {

using reports::html::Attribute;
using reports::html::Writer;

/// What a screen is rendered from, and the page it goes onto.
struct View {
    Writer& out;
    const Screen& screen;
    const Visit& visit;
    const Viewer& viewer;
    const Answers& answers;

    /// The response under this key; nullptr: it was not given, see write_failure().
    const Json* document(std::string_view key) const;
    const Failure* failure(std::string_view key) const;
    /// What came of this form of the screen; nullptr: it was not sent, or it failed.
    const Json* response(std::string_view form) const;
    /// Of the path.
    std::string param(std::string_view name) const { return visit.params.one(name); }
    std::string query(std::string_view name) const { return visit.query.one(name); }
};

// Documents: a member that is not there, or of another type, reads as nothing.

std::string text_at(const Json& object, const char* key);
std::int64_t number_at(const Json& object, const char* key);
double real_at(const Json& object, const char* key);
/// nullopt: nobody knows, which is not 0.
std::optional<double> known_at(const Json& object, const char* key);
bool flag_at(const Json& object, const char* key);
/// An empty array when there is none.
const Json& list_at(const Json& object, const char* key);
/// An empty object when there is none.
const Json& object_at(const Json& object, const char* key);
/// The texts of a list.
std::vector<std::string> texts_at(const Json& object, const char* key);
/// The text `member` of every item of a list; none without a document.
std::vector<std::string> names_in(const Json* document, const char* list, const char* member);
/// The items of a list from `from` on, to the one before `to`.
std::vector<const Json*> items_of(const Json& list, std::size_t from, std::size_t to);

// Addresses.

/// "/runs/" and the name.
std::string address(std::string_view prefix, std::string_view name);
/// "?a=1&b=2"; empty without a value. A value that is empty is left out.
std::string query_text(const Values& values);
/// The visit's path and query with some of its values in place of the former ones.
std::string this_page_with(const Visit& visit, const Values& other);

// Parts.

void link(Writer& out, const std::string& to, std::string_view text);
/// A link whose text came from outside.
void guest_link(Writer& out, const std::string& to, std::string_view text);
/// Something that is copied: an id, a digest, a command. The button works where script does.
void copyable(Writer& out, std::string_view text, std::string_view shown = {});
/// "3 minutes ago", with the time in UTC as its title; "never" for an empty one.
void moment(Writer& out, const std::string& rfc3339, TimePoint now);
/// "in 3 minutes", "3 minutes ago"
std::string distance(TimePoint time, TimePoint now);
/// The same of a document's text; what is no time is shown as it is.
std::string distance_of(const std::string& rfc3339, TimePoint now);
/// Sign and words in the colour of `tone`: good, warn, bad, unsure, plain.
void outcome(Writer& out, const char* tone, std::string_view words);
void tag(Writer& out, const char* tone, std::string_view words);
/// "backed-out" → "backed out"
std::string in_words(std::string_view state);
/// A verdict, or what a run without one does.
void verdict_mark(Writer& out, const std::string& verdict, const std::string& state);

/// The heading of a page, with one line below it.
void heading(Writer& out, std::string_view title, std::string_view below = {});
/// One section of a page with its heading, open as long as this lives. `id` is its anchor, and
/// names the region that is renewed while the page is open.
class Region {
  public:
    Region(Writer& out, const char* id, std::string_view title);
    Region(const Region&) = delete;
    Region& operator=(const Region&) = delete;

  private:
    Writer::Element element_;
};
/// The head of a table: a caption for those who cannot see it, and the titles of its columns.
void table_head(Writer& out, std::string_view caption, const std::vector<const char*>& titles);
/// A cell with the column's title, which a phone shows before it.
[[nodiscard]] Writer::Element cell(Writer& out, const char* title);
void text_cell(Writer& out, const char* title, std::string_view text);
void guest_cell(Writer& out, const char* title, std::string_view text);
void moment_cell(const View& view, const char* title, const std::string& rfc3339);
/// The row's own name, which leads to it.
void name_cell(Writer& out, const std::string& to, std::string_view name);
/// The row's own name, which leads nowhere.
void head_cell(Writer& out, std::string_view name, std::size_t most);
/// What a cell or an item says besides, below it and smaller.
void detail_line(Writer& out, std::string_view text, std::size_t most);

/// What an empty list teaches: what would stand here, and how it gets there.
void nothing_here(Writer& out, std::string_view title, std::string_view how,
                  std::string_view command = {});
/// Instead of a section whose call failed: forbidden, not there, or what went wrong. False when the
/// call was answered.
bool write_failure(const View& view, std::string_view key, std::string_view what);
/// The message of a failure, and its advice when it has one.
void write_words_of(Writer& out, const Failure& failure, std::size_t most);
/// The numbers that matter, as the report's facts.
void fact(Writer& out, const char* tone, std::string_view label, std::string_view value,
          std::string_view note = {});
/// Names and values, as the report's pairs.
void pair(Writer& out, std::string_view label, std::string_view value);
void moment_pair(const View& view, std::string_view label, const std::string& rfc3339);
/// The same of something that is copied.
void copyable_pair(Writer& out, std::string_view label, std::string_view text,
                   std::string_view shown = {});

void hidden_field(Writer& out, std::string_view name, std::string_view value);
void write_option(Writer& out, const std::string& value, bool chosen, std::string_view text);
/// A choice in the filter of a list: "any", or one of the values. What the address says is chosen.
void filter_choice(const View& view, const std::string& name, std::string_view label,
                   const std::vector<std::string>& values);

/// Pages of a list that was cut here: what is shown of it. 0 pages for nothing.
struct Cut {
    std::size_t from = 0, to = 0, all = 0, page = 1, pages = 1;
    bool open_end = false;  ///< nobody counted how many there are
};
Cut cut_page(const Visit& visit, std::size_t all, std::size_t per_page);
/// Of a list that was asked for with newest(): it may be longer than what came.
Cut cut_newest(const Visit& visit, std::size_t came, std::size_t per_page);
/// The request of a list for as many items as the visited page needs, and one more.
Json newest(const Visit& visit, std::size_t per_page);
void pager(const View& view, const Cut& cut, std::string_view what);

/// "The same from a shell": each a command line, and its request by HTTP.
struct Shell {
    std::string command;    ///< after "patchlab "
    std::string operation;  ///< empty: none
    Json request = Json::object();
    std::string seen = {};  ///< the ETag of what is decided about
};
void from_a_shell(const View& view, const std::vector<Shell>& lines);
/// The method, path and body under which the API offers an operation.
struct Route {
    std::string method, path;
    Json body = Json::object();
    bool guarded = false;  ///< it needs If-Match
};
/// nullopt: it is not offered.
std::optional<Route> route_of(std::string_view operation, const Json& request);
/// One word of a command line, quoted where a shell would need it.
std::string shell_word(std::string_view word);

}  // namespace patchlab::service::console
