#!/usr/bin/env bash
# Proves that `make test` needs nothing but what it installs itself: it clones this checkout's last commit into a bare
# Debian 12, which has make, git and python3 and nothing else of use, and runs `make test` there.
#   tests/clean_machine.sh                     make test; fails where a test is skipped for want of something
#   tests/clean_machine.sh COMMAND [ARG]...    another command there, such as: make lint
# The Debian is a folder, see bare_system.sh. Needs some minutes for the downloads the first time.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/bare_system.sh
. "$root/tests/bare_system.sh"
[ $# -gt 0 ] || set -- make test

make_bare bookworm make,git,python3,ca-certificates
git clone --quiet --depth 1 "file://$root" "$there/checkout/main"

log=$work/log
echo "clean machine: running $*"
status=0
# shellcheck disable=SC2016  # the inner shell's variables are meant
in_bare bash -c 'cd /checkout/main && exec "$@"' here "$@" > >(tee "$log") 2>&1 || status=$?
[ "$status" = 0 ] || exit "$status"

# What needs the photos beside the checkout may be skipped, and what is for another system; nothing for want of a program.
if skipped=$(grep '^SKIPPED' "$log" | grep -vE 'shared/|Windows|macOS'); then
    echo "clean machine: these were skipped:"
    echo "$skipped"
    exit 1
fi
