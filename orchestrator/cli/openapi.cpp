// SPDX-License-Identifier: Apache-2.0
//
// `openapi`: the description of the HTTP API, for programs that make clients of it.
#include "orchestrator/service/api/openapi.hpp"

#include <iostream>

#include "orchestrator/cli/context.hpp"
#include "platform/core/json.hpp"

namespace patchlab::cli {

void add_openapi(CLI::App& app, Context& context) {
    CLI::App* verb = app.add_subcommand("openapi", "print the HTTP API as OpenAPI 3.1");
    verb->group("");  // hidden: the service itself gives it, too
    add_json_flag(*verb, context);
    verb->callback([] { std::cout << to_text(service::api::openapi()); });
}

}  // namespace patchlab::cli
