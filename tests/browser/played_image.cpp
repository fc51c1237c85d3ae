// SPDX-License-Identifier: Apache-2.0
//
// played_image STATE NAME [PRODUCT]: puts an image into a state folder that only simulated machines
// can start from. For states that show something: samples of the console, browser tests.
#include <iostream>
#include <span>

#include "platform/core/error.hpp"
#include "tests/support/played_image.hpp"

int main(int argc, char** argv) {
    using namespace patchlab;
    const std::span<char*> words(argv, static_cast<std::size_t>(argc));
    if (words.size() < 3) {
        std::cerr << "usage: played_image STATE NAME [PRODUCT]\n";
        return 2;
    }
    const fs::path state = words[1];
    try {
        tests::add_played_image(state, words.size() > 3 ? tests::played_image(words[2], words[3])
                                                        : tests::played_image(words[2]));
    } catch (const Error& error) {
        std::cerr << "played_image: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
