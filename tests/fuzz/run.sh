#!/bin/sh
# run.sh BUILD SECONDS [SEED] - each target runs its seeds, and then goes on for so long. What
# it finds by the way stays in BUILD/corpus, but not with a SEED, which makes it go the same
# way every time. TARGETS are some of them. An input that breaks something goes into seeds/.
set -eu
build=$1
seconds=$2
seed=${3:-0}
here=$(dirname "$0")
passed=0
for target in ${TARGETS:-adopt compile feed format growth image import library lint lsp mcp policy query ident dns proxy smtp}; do
    seeds=$here/seeds/$target
    [ "$target" != library ] || seeds=$here/seeds/policy # what policies read, it does
    corpus=$build/corpus/$target
    [ "$seed" = 0 ] || corpus=$build/corpus-$seed/$target
    [ "$seed" = 0 ] || rm -rf "$corpus"
    mkdir -p "$corpus"
    bin=$build/fuzz-bin/fuzz_$target
    timeout=10
    [ "$target" != growth ] || timeout=60 # it counts what an input takes
    count=$(find "$seeds" -type f | wc -l)
    log=$build/fuzz-$target.log
    if ! "$bin" -runs=0 -timeout="$timeout" -artifact_prefix="$build/fuzz-$target-" "$seeds" >"$log" 2>&1 ||
        ! "$bin" -seed="$seed" -max_total_time="$seconds" -timeout="$timeout" -rss_limit_mb=2048 -max_len=16384 \
            -artifact_prefix="$build/fuzz-$target-" "$corpus" "$seeds" >"$log" 2>&1; then
        tail -n 40 "$log"
        echo "fuzz $target: FAILED"
        exit 1
    fi
    echo "fuzz $target: $count seeds, $(sed -n 's/^Done \(.*\) in .*/\1/p' "$log")"
    passed=$((passed + 1))
done
echo "$passed passed, 0 failed"
