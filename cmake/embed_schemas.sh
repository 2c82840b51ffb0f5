#!/bin/sh
# embed_schemas.sh OUT SCHEMA... - writes the schemas of docs/schema/ into a C file.
set -eu
out=$1
shift
{
    echo '#include "mcp/schemas.h"'
    rows=
    for schema in "$@"; do
        name=$(basename "$schema" .json)
        id=$(echo "$name" | tr - _)
        echo "static const unsigned char text_$id[] = {"
        od -An -v -tx1 "$schema" | sed 's/ \(..\)/0x\1,/g'
        echo '};'
        rows="$rows    { \"$name\", text_$id, sizeof(text_$id) },
"
    done
    echo 'const struct pn_schema pn_schemas[] = {'
    printf '%s' "$rows"
    echo '    { 0, 0, 0 },'
    echo '};'
} >"$out.new"
mv "$out.new" "$out"
