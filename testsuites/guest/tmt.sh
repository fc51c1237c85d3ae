# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# sh -c PROGRAM sh FOLDER: runs the plans of a tree with tmt on this machine and prints its JUnit report. Without tmt the plans are
# skipped; without a report nothing is printed, and the result is unknown.
folder=$1
if ! command -v tmt >/dev/null 2>&1; then
    printf '<testsuites><testsuite name="tmt" tests="1" skipped="1"><testcase name="plans"><skipped message="tmt is not installed on this machine"/></testcase></testsuite></testsuites>\n'
    exit 0
fi
work=/run/patchlab-check.$$
mkdir -m 0700 "$work" || exit 0
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$folder" || exit 0
safe=''
if tmt --feeling-safe --version >/dev/null 2>&1; then safe=--feeling-safe; fi
# shellcheck disable=SC2086 # one word or none
tmt $safe run --id "$work/run" --all provision --how local report --how junit --file "$work/junit.xml" >"$work/log" 2>&1 </dev/null
if [ -s "$work/junit.xml" ]; then cat "$work/junit.xml"; else tail -n 20 "$work/log" >&2; fi
exit 0
