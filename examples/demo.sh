#!/bin/sh
# demo.sh BIN - the main job on a real file: compile, ask, be told what is wrong, and serve.
set -eu
bin=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
PATH=$bin:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/office.rules" "$here/mistakes/broken.rules" "$work"
cd "$work"

show() {
    printf '\n$ %s\n' "$*"
    "$@" || printf '(exit status %s)\n' "$?"
}

echo "A rule file for the mail server of an office, examples/office.rules:"
show cat office.rules

printf '\nCompiled, in the format that every tcpserver reads:\n'
show postern compile office.rules
show ls office.cdb

printf '\nWhat it decides, and which rule says so:\n'
show postern check office.rules 10.1.2.3
show postern check office.rules 10.1.203.9
show postern check office.rules 198.51.100.20
show postern check office.rules 192.0.2.53 --ident backup
show postern check office.rules 192.0.2.99 mx.partner.example --trace

printf '\nThe classic tool gives the same answer from the compiled file:\n'
show env TCPREMOTEIP=10.1.2.3 tcprulescheck office.cdb

printf '\nA file with mistakes is refused, each of them with its place:\n'
show postern compile broken.rules
show ls

printf '\nAnd a server that obeys it: a client that is allowed, one that is denied, and its log:\n'
cat >live.rules <<EOF
127.0.0.9:deny
127.:allow,TAG="this machine"
:deny
EOF
show cat live.rules
show postern compile live.rules
printf '\n$ tcpserver -v -RHl0 -x live.cdb 127.0.0.1 0 sh -c '\''echo "hello $TCPREMOTEIP, $TAG"'\'' &\n'
# shellcheck disable=SC2016
tcpserver -1v -RHl0 -x live.cdb 127.0.0.1 0 sh -c 'echo "hello $TCPREMOTEIP, $TAG"' >port 2>log &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
until [ -s port ]; do sleep 0.1; done
show tcpclient -RHl0 127.0.0.1 "$(cat port)" sh -c 'cat <&6'
show tcpclient -RHl0 -i 127.0.0.9 127.0.0.1 "$(cat port)" sh -c 'cat <&6'
sleep 0.2
kill "$server"
wait "$server"
show cat log

cat <<EOF

Try next:
    PATH=$bin:\$PATH
    postern --help
    postern help check
    postern check examples/office.rules 2001:db8:1::25
    printf '10.1.2.3\n203.0.113.9\n' | postern check examples/office.rules --batch
EOF
