// SPDX-License-Identifier: Apache-2.0
//
// render_screens DOCUMENTS OUT [USER ROLE…]: renders every visit of a recorded sample
// (tests/support/console_sample.hpp) into OUT/NAME.html, with the style sheet and the module in
// OUT/static: what the browser tests look at without a service.
// render_screens DOCUMENTS --calls: what must be recorded for it, a call a line.
#include <iostream>
#include <span>

#include "platform/core/files.hpp"
#include "tests/support/console_sample.hpp"

namespace {

using namespace patchlab;
namespace console = patchlab::service::console;

/// A local file is shown by a browser as the service would serve it.
std::string with_local_files(std::string html) {
    for (std::size_t at = 0; (at = html.find("=\"/static/", at)) != std::string::npos; ++at) {
        html.erase(at + 2, 1);
        const std::size_t end = html.find('"', at + 2), query = html.find('?', at + 2);
        if (query < end) html.erase(query, end - query);
    }
    return html;
}

void list_calls(const tests::ConsoleSample& sample) {
    for (const tests::SampleVisit& visit : sample.visits())
        for (const console::Call& call : visit.screen->calls(visit.visit))
            std::cout << to_line({{"operation", call.operation}, {"request", call.request}})
                      << "\n";
}

void render_all(const tests::ConsoleSample& sample, const fs::path& out,
                const console::Viewer& viewer) {
    make_folder(out / "static");
    for (const char* name : {"console.css", "console.js", "icon.svg"})
        write_file_atomic(out / "static" / name, std::string(console::static_file(name)));
    for (const tests::SampleVisit& visit : sample.visits())
        write_file_atomic(out / (visit.name + ".html"),
                          with_local_files(sample.render(visit, viewer).html));
}

}  // namespace

int main(int argc, char** argv) {
    const std::span<char*> words(argv, static_cast<std::size_t>(argc));
    if (words.size() < 3) {
        std::cerr << "usage: render_screens DOCUMENTS OUT|--calls [USER ROLE…]\n";
        return 2;
    }
    try {
        const tests::ConsoleSample sample(words[1]);
        if (words[2] == std::string_view("--calls")) {
            list_calls(sample);
            return 0;
        }
        console::Viewer viewer = tests::sample_viewer(sample.now());
        if (words.size() > 3) {
            viewer.user = words[3];
            viewer.roles.assign(words.begin() + 4, words.end());
        }
        render_all(sample, words[2], viewer);
    } catch (const std::exception& error) {
        std::cerr << "render_screens: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
