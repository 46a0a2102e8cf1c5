# make run     sets up what is missing and starts Backdrop; make run ARGS="--camera demo" hands on options
# make test    the tests; make lint; make system-test: with real V4L2 devices, in a virtual machine (Debian, Ubuntu)
# make fault-table   brings about every fault in docs/faults.md, and writes there what came of it
# make bundle  a folder that holds Backdrop with its own Python, in dist/; make install-desktop puts Backdrop among the
#              desktop's applications; make texts gathers what is to translate; make screenshots takes the pictures
# make bench   what the line costs on this computer, at every size with every backdrop; ARGS="--size 720p --json"
# make train   trains the network, or goes on: DATA=folder RUN=folder; make export writes weights/sinet.onnx from weights/sinet.pt

VENV := .venv
BIN := $(VENV)/bin
ifndef PYTHON
PYTHON := $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(if $(shell \
    $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo yes),$(name))) python3)
endif
ARGS ?=
DATA ?= $(firstword $(wildcard data ../shared/data) data)
RUN ?= runs/latest

# What Qt and OpenCV load, each with the Debian package that has it.
LIBRARIES := libEGL.so.1:libegl1 libGL.so.1:libgl1 libxkbcommon.so.0:libxkbcommon0 libdbus-1.so.3:libdbus-1-3 \
    libfontconfig.so.1:libfontconfig1 libglib-2.0.so.0:libglib2.0-0 libxcb-cursor.so.0:libxcb-cursor0 \
    libxcb-icccm.so.4:libxcb-icccm4 libxcb-keysyms.so.1:libxcb-keysyms1 libxcb-shape.so.0:libxcb-shape0 \
    libxkbcommon-x11.so.0:libxkbcommon-x11-0

# What the tests start, likewise.
PROGRAMS := dbus-daemon:dbus desktop-file-validate:desktop-file-utils appstreamcli:appstream systemd-analyze:systemd \
    Xvfb:xvfb /usr/libexec/xdg-desktop-portal:xdg-desktop-portal pipewire:pipewire pw-dump:pipewire-bin \
    wireplumber:wireplumber gst-launch-1.0:gstreamer1.0-tools gst-launch-1.0:gstreamer1.0-pipewire \
    pkexec:pkexec /usr/lib/polkit-1/polkitd:polkitd

# The part that is compiled: without a compiler everything works, slower.
NATIVE := sinet_core/native/build.py $(wildcard sinet_core/native/*.[ch])

# Installs the packages that the shell's $missing names, or says what is missing.
define INSTALL
if [ -n "$$missing" ]; then \
    if [ "$$(id -u)" = 0 ]; then sudo=; elif command -v sudo >/dev/null; then sudo=sudo; else sudo=no; fi; \
    if [ "$$sudo" = no ]; then \
        echo "Missing are:$$missing. Have an administrator run: apt-get install$$missing"; \
    else \
        echo "Installing system packages:$$missing"; \
        $$sudo apt-get -qq update; \
        $$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $$missing \
            >/dev/null || echo "They could not be installed, and what needs them does not work."; \
    fi; \
fi
endef

.PHONY: run test lint format system-test bench train export wheel bundle install-desktop texts screenshots clean
.DELETE_ON_ERROR:

run: $(VENV)/.compiled
	@$(BIN)/backdrop $(ARGS)

test: $(VENV)/.installed-test $(VENV)/.compiled
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not system and not bundle" $(ARGS)

lint: $(VENV)/.installed-test
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

format: $(VENV)/.installed-test
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

# Twice: with v4l2loopback as Debian 12 has it, and what depends on it again with the newer one that tells who reads.
# What needs no device, but a desktop with PipeWire, runs here and not in the virtual machine, where browsers take minutes.
system-test: $(VENV)/.installed-test $(VENV)/.compiled
	@tests/system/run.sh
	@$(BIN)/python -m pytest -p no:cacheprovider tests/system/test_pipewire.py
	@CAM_VM_LOOPBACK=new tests/system/run.sh $(BIN)/python -m pytest -p no:cacheprovider \
	    tests/system/test_on_demand.py tests/system/test_colours.py tests/system/test_setup.py

# The result column of docs/faults.md, from a run of the tests that it names.
fault-table: $(VENV)/.installed-test $(VENV)/.compiled
	@OMP_NUM_THREADS=1 $(BIN)/python -m tests.fault_table $(ARGS)

bench: $(VENV)/.compiled
	@$(BIN)/backdrop bench $(ARGS)

# Keeping freed memory halves the time of a step: otherwise each large tensor is mapped, and its pages cleared, anew.
train: $(VENV)/.installed-test
	@MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_TOP_PAD_=268435456 OMP_WAIT_POLICY=passive \
	    $(BIN)/python -m sinet_core.training.train --data $(DATA) --into $(RUN) --resume $(ARGS)

export: $(VENV)/.installed-test
	@$(BIN)/python -m sinet_core.training.export weights/sinet.pt weights/sinet.onnx $(ARGS)

wheel: $(VENV)/.installed-test
	@$(BIN)/python -m pip wheel -q --no-deps --no-build-isolation -w dist .
	@ls dist/*.whl

# Into a virtual environment of its own, for PyInstaller takes along what it finds, and the one here may have torch.
bundle: build/venv/.installed $(VENV)/.installed-test
	@build/venv/bin/pyinstaller --noconfirm --log-level WARN --distpath dist --workpath build/bundle \
	    assets/bundle/backdrop.spec
	@du -sh dist/backdrop
	@env -i HOME=$(CURDIR)/build dist/backdrop/backdrop run --camera demo --output null --seconds 3
	@$(BIN)/python -m pytest -m bundle tests/test_bundle.py

build/venv/.installed: pyproject.toml hatch_build.py $(NATIVE) $(VENV)/.libraries
	@$(PYTHON) -m venv build/venv
	@build/venv/bin/python -m pip install -q --disable-pip-version-check '.[bundle]'
	@touch $@

install-desktop: $(VENV)/.installed
	@$(BIN)/backdrop install-desktop $(ARGS)

texts: $(VENV)/.installed-test
	@$(BIN)/python assets/locale/gather.py

screenshots: $(VENV)/.installed
	@xvfb-run -a -s "-screen 0 3200x2000x24" $(BIN)/python assets/screenshots/take.py $(ARGS)

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Each stamp is a file in the virtual environment, so that a second call does nothing.
$(VENV)/.installed: pyproject.toml hatch_build.py $(VENV)/.libraries
	@echo "Installing Backdrop into $(VENV)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e .
	@touch $@

$(VENV)/.installed-test: pyproject.toml hatch_build.py $(VENV)/.libraries
	@echo "Installing Backdrop and what its tests need into $(VENV)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check torch==2.13.0
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[test]'
	@touch $@ $(VENV)/.installed

$(VENV)/.compiled: $(NATIVE) $(VENV)/.installed
	@$(BIN)/python sinet_core/native/build.py >/dev/null || true
	@touch $@

$(VENV)/.libraries:
	@missing=; \
	if command -v apt-get >/dev/null; then \
	    known=$$(PATH="$$PATH:/sbin:/usr/sbin" ldconfig -p); \
	    for pair in $(LIBRARIES); do \
	        case "$$known" in *"$${pair%%:*} "*) ;; *) missing="$$missing $${pair##*:}" ;; esac; \
	    done; \
	    command -v cc >/dev/null || missing="$$missing gcc libc6-dev"; \
	    $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || missing="$$missing python3-venv"; \
	fi; \
	$(INSTALL)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Backdrop needs Python 3.11 or newer.")'
	@$(BIN)/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.programs: $(VENV)/.libraries
	@missing=; \
	if command -v apt-get >/dev/null; then \
	    for pair in $(PROGRAMS); do \
	        command -v "$${pair%%:*}" >/dev/null || missing="$$missing $${pair##*:}"; \
	    done; \
	fi; \
	$(INSTALL)
	@touch $@
