#!/bin/sh
# output_of.sh OUT COMMAND... - writes what a command prints, if it succeeds, into a file.
set -eu
out=$1
shift
"$@" >"$out.new"
mv "$out.new" "$out"
