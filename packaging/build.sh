#!/bin/sh
# packaging/build.sh OUT: Debian packages of the tracked files as they are here, into
# OUT, with their sources. What is built twice is the same to the byte.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
changelog=$top/packaging/debian/changelog
version=$(dpkg-parsechangelog -l "$changelog" -S Version)
version=${version%-*}
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -l "$changelog" -S Timestamp)
export SOURCE_DATE_EPOCH
umask 022

tree=$out/postern-$version
rm -rf "$tree"
mkdir "$tree"
(cd "$top" && git ls-files -z | xargs -0 cp -P --parents -t "$tree")
find "$tree" -type d -o -perm -100 | xargs -d '\n' chmod 755
find "$tree" -type f ! -perm -100 -exec chmod 644 {} +
tar -C "$out" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    --exclude="postern-$version/packaging" -cf - "postern-$version" |
    xz >"$out/postern_$version.orig.tar.xz"

cp -R "$tree/packaging/debian" "$tree/debian"
rm -rf "$tree/packaging"
(cd "$tree" && dpkg-buildpackage -us -uc)
rm -rf "$tree"
