#!/bin/sh
# embed_pages.sh OUT PAGE... - writes the pages of findings and diagnostics into a C file.
set -eu
out=$1
shift
{
    echo '#include "tools/render/pages.h"'
    rows=
    for page in "$@"; do
        name=$(basename "$page" .md)
        id=$(echo "$name" | tr - _)
        echo "static const unsigned char text_$id[] = {"
        od -An -v -tx1 "$page" | sed 's/ \(..\)/0x\1,/g'
        echo '};'
        rows="$rows    { \"$name\", text_$id, sizeof(text_$id) },
"
    done
    echo 'const struct pn_page pn_pages[] = {'
    printf '%s' "$rows"
    echo '    { 0, 0, 0 },'
    echo '};'
} >"$out.new"
mv "$out.new" "$out"
