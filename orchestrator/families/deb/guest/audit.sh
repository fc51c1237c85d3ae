# SPDX-License-Identifier: Apache-2.0
# Prints what dpkg complains of.
dpkg --audit
