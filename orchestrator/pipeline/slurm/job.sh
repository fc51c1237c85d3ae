#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What Slurm runs on a lab host for an attempt at a run: job.sh PROGRAM HEAD BACKEND WORD…
# HEAD and BACKEND may be empty: then the host's own configuration says them.
program=$1
[ -z "$2" ] || export PATCHLAB_HEAD="$2"
[ -z "$3" ] || export PATCHLAB_BACKEND="$3"
shift 3
exec "$program" "$@"
