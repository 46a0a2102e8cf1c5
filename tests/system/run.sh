#!/usr/bin/env bash
# Runs a command where there are cameras: in a User Mode Linux kernel, which is an ordinary process here, with
# this machine's files under a throw-away overlay. Prints the command's output and exits with its status.
#   run.sh                    runs all system tests
#   run.sh COMMAND [ARG]...   runs a command, in the caller's directory
# Prepares first what is missing, which takes minutes once: see prepare.sh.
# In it:  /dev/video0   vivid: a webcam with a test pattern, or (input 1) what is written to /dev/video1
#         /dev/video1   vivid's output device
#         /dev/video10  v4l2loopback "Backdrop", exclusive_caps=1: the virtual camera
#         /dev/video11  v4l2loopback "Clip", exclusive_caps=0: what is written to it is a camera's picture
# CAM_VM_LOOPBACK=new takes v4l2loopback 0.15, which tells by event when a program reads, in place of 0.12.
# The command gets a small environment of its own; give it variables with env(1). What it writes under
# $CAM_VM_OUT is copied to $CAM_VM_KEEP, if that is set; all else that it writes is gone at the end.
# It may run for $CAM_VM_TIMEOUT seconds, 900 by default. One processor, no network but its own loopback.
# 77: this machine cannot; 125: no status came back.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
dir=${CAM_VM_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/backdrop/camera-vm}

"$here/prepare.sh"
if [ $# = 0 ]; then
    cd "$root"
    set -- "${CAM_VM_PYTHON:-.venv/bin/python}" -m pytest tests/system -p no:cacheprovider --durations=5
fi

io=$(mktemp -d)
vm=
trap '[ -z "$vm" ] || kill "$vm" 2>/dev/null || true; rm -rf "$io"' EXIT
mkdir "$io/out"
cp "$dir/v4l2loopback${CAM_VM_LOOPBACK:+-$CAM_VM_LOOPBACK}.ko" "$io/v4l2loopback.ko"
{
    echo "export CAM_VM=1 CAM_VM_OUT=/mnt/io/out HOME=/root LANG=C.UTF-8 OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1"
    printf 'export CAM_VM_LOOPBACK=%q\n' "${CAM_VM_LOOPBACK:-}"
    # System tests alone, which elsewhere are left out, and one after the other: they share the devices.
    echo "export PYTEST_ADDOPTS='-m system -p no:randomly'"
    # A page fault costs User Mode Linux 0.1 ms: malloc is to keep big blocks, not to map each again.
    echo "export MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=4294967296 MALLOC_TOP_PAD_=134217728"
    printf 'export PATH=%q\ncd %q\n' "$PATH" "$PWD"
    printf '%q ' "$@"
    echo
} >"$io/command"

memory=4096 # MiB; a file, which grows as it is used and is best kept in memory
[ "$(df --output=avail -m /dev/shm | tail -n 1)" -gt $memory ] && export TMPDIR=/dev/shm
kernel=("$dir/linux" "mem=${memory}M" root=/dev/root rootfstype=hostfs rootflags=/ ro
    "init=$here/init" "camera_vm=$io" quiet con=null con0=null,fd:1 ssl=null
    # One device each way; inputs: 0 a webcam, 1 HDMI, which can show what is written to the HDMI output.
    vivid.n_devs=1 vivid.node_types=0x101 vivid.vid_cap_nr=0 vivid.vid_out_nr=1
    vivid.num_inputs=2 vivid.input_types=0xc vivid.num_outputs=1 vivid.output_types=1)
timeout -k 5 "${CAM_VM_TIMEOUT:-900}" "${kernel[@]}" </dev/null >"$io/console" 2>&1 &
vm=$!
touch "$io/output"
tail -n +1 -s 0.2 -f --pid=$vm "$io/output" # what it says, as it says it
wait $vm || echo "camera VM: the kernel ended with $?" >&2

if [ -n "${CAM_VM_KEEP:-}" ]; then
    mkdir -p "$CAM_VM_KEEP"
    cp -r "$io/out/." "$CAM_VM_KEEP/"
fi
if [ ! -s "$io/status" ]; then
    echo "camera VM: no exit status came back; the kernel said:" >&2
    tail -n 40 "$io/console" >&2
    exit 125
fi
exit "$(cat "$io/status")"
