#!/usr/bin/env bash
# All system tests, in parts: three virtual machines, two at a time since each has one processor, then what needs no
# device but a desktop with PipeWire and runs on this machine, because browsers take minutes in User Mode Linux.
# Prints the output of each part when it ends. Exits with 1 if a part failed.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.." || exit
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
failed=()
python=(.venv/bin/python -m pytest -p no:cacheprovider -o faulthandler_timeout=120 --durations=5)

# in_vm NAME COMMAND...: its output is kept until report().
in_vm() {
    local name=$1
    shift
    "$here/run.sh" "$@" >"$logs/$name" 2>&1
}

# report NAME PROCESS: waits for a part, and says what it said.
report() {
    wait "$2" || failed+=("$1")
    echo "== $1"
    cat "$logs/$1"
}

tests_without() { # the files of system tests, but for those named
    find tests/system -name 'test_*.py' | sort | grep -vE "test_($1)\.py"
}

"$here/prepare.sh" || exit
elsewhere='pipewire'
first='chromium|colours|devices|doctor|faults'
renewed=(tests/system/test_{on_demand,colours,setup,several_programs}.py)
mapfile -t rest < <(tests_without "$elsewhere|$first")
mapfile -t begin < <(tests_without "$elsewhere" | grep -E "test_($first)\.py")

in_vm "devices and faults" "${python[@]}" "${begin[@]}" &
one=$!
in_vm "the line" "${python[@]}" "${rest[@]}" &
two=$!
report "the line" $two
CAM_VM_LOOPBACK=new in_vm "v4l2loopback 0.15" "${python[@]}" "${renewed[@]}" &
two=$!
report "devices and faults" $one
report "v4l2loopback 0.15" $two
"${python[@]}" -m system -p no:randomly tests/system/test_pipewire.py || failed+=(PipeWire)

[ ${#failed[@]} = 0 ] || { echo "Failed: ${failed[*]}"; exit 1; }
