#compdef patchlab
# SPDX-License-Identifier: Apache-2.0
# Put before the completion for bash.
autoload -U +X bashcompinit && bashcompinit
