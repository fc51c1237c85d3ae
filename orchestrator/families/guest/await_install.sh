# SPDX-License-Identifier: Apache-2.0
# Runs in the guest: waits some seconds for the end of the installation that install.sh started. Its last line of output is the answer:
#   ended CODE   it ended            gone   its shell is no more and left no exit code
#   running      not yet; the line before is the newest of the installation's log
# What decides is asked with the shell's own words: the programs may be what the patch breaks.
dir=/run/patchlab
n=0 watched=no
while :; do
  pid='' code='' here=no
  [ -s $dir/install.pid ] && read -r pid <$dir/install.pid && [ -d "/proc/$pid" ] && here=yes
  # looked at after the process: the code is written before it ends
  # an empty line keeps its place until then
  if [ -s $dir/install.exit ] && read -r code <$dir/install.exit && [ -n "$code" ]; then echo "ended $code"; exit; fi
  if [ -n "$pid" ] && [ $here = no ]; then echo gone; exit; fi
  [ $n -lt 20 ] || break
  n=$((n+1))
  # one process that looks ten times a second costs less than a process for each look; where it does not work, that is how it goes
  if [ $watched = no ] && [ -n "$pid" ]; then
    watched=yes
    timeout 4 tail --pid="$pid" -s 0.1 -f /dev/null 2>/dev/null
    [ $? -ne 124 ] || n=20
  else
    sleep 0.2
  fi
done
# A question stands there without a line end, a bar of progress is one long line: neither must swallow the answer.
tail -c 400 $dir/install.log 2>/dev/null | tail -n 1
echo
echo running
