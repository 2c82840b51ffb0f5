#!/bin/sh
# embed.sh HEADER ROW OUT TEXT... - writes texts into a C file, with a table of them by their names:
# struct pn_ROW pn_ROWs[], which HEADER declares.
set -eu
header=$1 row=$2 out=$3
shift 3
{
    echo "#include \"$header\""
    rows=
    for text in "$@"; do
        name=$(basename "${text%.*}")
        id=$(echo "$name" | tr - _)
        echo "static const unsigned char text_$id[] = {"
        od -An -v -tx1 "$text" | sed 's/ \(..\)/0x\1,/g'
        echo '};'
        rows="$rows    { \"$name\", text_$id, sizeof(text_$id) },
"
    done
    echo "const struct pn_$row pn_${row}s[] = {"
    printf '%s' "$rows"
    echo '    { 0, 0, 0 },'
    echo '};'
} >"$out.new"
mv "$out.new" "$out"
