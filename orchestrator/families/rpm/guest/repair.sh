# SPDX-License-Identifier: Apache-2.0
# Brings an installation that was cut off to its end.
finish_interrupted
