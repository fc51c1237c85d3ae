// SPDX-License-Identifier: Apache-2.0
//
// played_image STATE NAME [PRODUCT]: puts an image into a state folder that only simulated machines
// can start from. For states that show something: samples of the console, browser tests.
#include <iostream>
#include <span>

#include "orchestrator/images/image.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/store/database.hpp"

int main(int argc, char** argv) {
    using namespace patchlab;
    const std::span<char*> words(argv, static_cast<std::size_t>(argc));
    if (words.size() < 3) {
        std::cerr << "usage: played_image STATE NAME [PRODUCT]\n";
        return 2;
    }
    const fs::path state = words[1];
    try {
        store::Database database(state / "patchlab.db", images::migrations());
        images::Image image;
        image.name = words[2];
        image.origin = "built";
        image.created = "2026-01-01T00:00:00Z";
        image.os.product = words.size() > 3 ? words[3] : "Played Linux 1";
        image.os.package_format = "deb";
        image.os.guest_agent = true;
        image.os.packages = {{"hello", "1.0", "amd64"}, {"other", "5", "all"}};
        const fs::path disk = state / (image.name + ".disk");
        write_file_atomic(disk, "a played disk of " + image.name + "\n");
        images::ImageStore(state, database).add(image, disk, "");
        fs::remove(disk);
    } catch (const Error& error) {
        std::cerr << "played_image: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
