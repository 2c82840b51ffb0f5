#!/bin/sh
# findings_manual.sh OUT VERSION PAGE... - writes postern-findings(7) from the pages of the findings.
set -eu
out=$1
version=$2
shift 2
{
    cat <<END
.Dd November 25, 2026
.Dt POSTERN-FINDINGS 7
.Os postern $version
.Sh NAME
.Nm postern-findings
.Nd what postern lint may tell of a rule file
.Sh DESCRIPTION
The findings of
.Xr postern-lint 1 ,
with their severity and what they mean.
.Xr postern-explain 1
shows an example of each, and its mend.
END
    # the title, the line of facts, and the paragraph behind them
    cat "$@" | awk '
        /^# P[0-9]/ { printf ".Ss %s\n", substr($0, 3); state = 1; next }
        /^```/ { state = 0 }
        state == 1 && /^\*/ { gsub(/\*/, ""); gsub(/`/, ""); print; print ".Pp"; state = 2; next }
        state == 2 && !NF { if (seen++ % 2) state = 0; next }
        state == 2 { gsub(/`/, ""); gsub(/\\/, "\\e"); print }' |
        # a sentence begins a line, as mandoc wants it
        awk '/^\.[A-Z]/ { if (text) print text; text = ""; print; next }
            { text = text (text ? " " : "") $0 } END { if (text) print text }' |
        sed -E 's/([.?!:]) ([A-Z"-])/\1\n\2/g' | fold -s -w 76 | sed -e 's/ *$//' \
            -e '/^\.\(Pp\|Ss .*\)$/!s/^\./\\\&./' -e "s/^'/\\\\\&'/"
    cat <<'END'
.Sh SEE ALSO
.Xr postern-explain 1 ,
.Xr postern-lint 1 ,
.Xr postern-rules 5
END
} >"$out.new"
mv "$out.new" "$out"
