#!/bin/sh
# embed_manuals.sh OUT PAGE... - writes the pages, as mandoc prints them, into a C file.
set -eu
out=$1
shift
{
    echo '#include "tools/manual.h"'
    rows=
    for page in "$@"; do
        name=$(basename "$page" | sed 's/\.[0-9]$//')
        id=$(echo "$name" | tr -c 'a-z0-9\n' _)
        echo "static const unsigned char text_$id[] = {"
        # with its overstrikes for bold; the bytes become C numbers
        mandoc -T ascii -O width=80 "$page" |
            od -An -v -tx1 | sed 's/ \(..\)/0x\1,/g'
        echo '};'
        rows="$rows    { \"$name\", text_$id, sizeof(text_$id) },
"
    done
    echo 'const struct pn_manual pn_manuals[] = {'
    printf '%s' "$rows"
    echo '    { 0, 0, 0 },'
    echo '};'
} >"$out.new"
mv "$out.new" "$out"
