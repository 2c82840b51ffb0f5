#!/bin/sh
# packaging/lintian.sh OUT: what lintian says of the packages in OUT, at its strictest, is
# nothing. Overrides stand beside the packages, with their reasons; what they cannot reach is
# here: packages that whoever likes builds for themselves have no address, and no bug in
# Debian's tracker asked for them.
set -eu
exec lintian --pedantic --display-info --fail-on error,warning,info,pedantic \
    --suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog,initial-upload-closes-no-bugs \
    --tag-display-limit 0 --allow-root "$1"/*.changes
