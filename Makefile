# make run     sets up what is missing and starts Backdrop; make run ARGS="--camera demo" hands on options
# make test    the tests; make lint; make system-test: with real V4L2 devices, in a virtual machine (Debian, Ubuntu)
# make fault-table   brings about every fault in docs/faults.md, and writes there what came of it
# make bundle  a folder that holds Backdrop with its own Python, in dist/; make install-desktop puts Backdrop among the
#              desktop's applications; make texts gathers what is to translate; make screenshots takes the pictures
# make deb     the same as a package for Debian and Ubuntu; make deb-test installs and removes it in a bare Debian 12, and in
#              others: SUITES="bookworm trixie jammy"
# make bench   what the line costs on this computer, at every size with every backdrop; ARGS="--size 720p --json"
# make train   trains the network, or goes on: DATA=folder RUN=folder; make export writes weights/sinet*.onnx from weights/sinet.pt
# make clean-machine-test   clones this checkout into a bare Debian 12 and runs make test there: nothing of this machine helps

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
ifndef PYTHON
PYTHON := $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(if $(shell \
    $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo yes),$(name))) python3)
endif
ARGS ?=
DATA ?= $(firstword $(wildcard data ../shared/data) data)
RUN ?= runs/latest
SUITES ?= bookworm

# The part that is compiled: without a compiler everything works, slower.
NATIVE := sinet_core/native/build.py $(wildcard sinet_core/native/*.[ch])

.PHONY: run test lint format system-test clean-machine-test fault-table bench train export wheel bundle deb deb-test install-desktop \
    texts screenshots clean
.DELETE_ON_ERROR:
# Two recipes would install into one environment at the same time; the tests use every core by themselves.
.NOTPARALLEL:

run: $(VENV)/.compiled
	@$(BIN)/backdrop $(ARGS)

# Compiled Python is kept, although some machines say otherwise: the tests start a hundred programs.
test: $(VENV)/.test $(VENV)/.programs $(VENV)/.compiled
	@PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --dist worksteal $(ARGS)

lint: $(VENV)/.lint
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

format: $(VENV)/.lint
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

# With v4l2loopback as Debian 12 has it, what depends on it again with the newer one that tells who reads, and PipeWire.
system-test: $(VENV)/.test $(VENV)/.programs $(VENV)/.compiled
	@tests/system/run_all.sh

clean-machine-test:
	@tests/clean_machine.sh

# The result column of docs/faults.md, from a run of the tests that it names.
fault-table: $(VENV)/.test $(VENV)/.programs $(VENV)/.compiled
	@OMP_NUM_THREADS=1 $(BIN)/python -m tests.fault_table $(ARGS)

bench: $(VENV)/.compiled
	@$(BIN)/backdrop bench $(ARGS)

# Keeping freed memory halves the time of a step: otherwise each large tensor is mapped, and its pages cleared, again.
train: export MALLOC_MMAP_THRESHOLD_ = 4294967296
train: export MALLOC_TRIM_THRESHOLD_ = 17179869184
train: export MALLOC_TOP_PAD_ = 268435456
train: export OMP_WAIT_POLICY = passive
train: $(VENV)/.train
	@$(BIN)/python -m sinet_core.training train --data $(DATA) --into $(RUN) --resume $(ARGS)

export: $(VENV)/.train
	@$(BIN)/python -m sinet_core.training export weights/sinet.pt weights/sinet.onnx $(ARGS)

wheel: $(VENV)/.wheel
	@$(PIP) wheel --no-deps --no-build-isolation -w dist .
	@ls dist/*.whl

bundle: build/venv/.bundle $(VENV)/.testing
	@build/venv/bin/pyinstaller --noconfirm --log-level WARN --distpath dist --workpath build/bundle assets/bundle/backdrop.spec
	@du -sh dist/backdrop
	@$(BIN)/python -m pytest -m bundle tests/test_bundle.py

deb: bundle
	@$(BIN)/python assets/bundle/deb.py

deb-test:
	@tests/deb_in_a_clean_machine.sh $(SUITES)

install-desktop: $(VENV)/.installed
	@$(BIN)/backdrop install-desktop $(ARGS)

texts: $(VENV)/.texts
	@$(BIN)/python assets/locale/gather.py

screenshots: $(VENV)/.compiled $(VENV)/.programs
	@xvfb-run -a -s "-screen 0 3200x2000x24" $(BIN)/python assets/screenshots/take.py $(ARGS)

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -f sinet_core/native/_native.* sinet_core/native/._native.* sinet_core/training/model/kernels/_*.so
	find app sinet_core tests assets -name __pycache__ -prune -exec rm -rf {} +

# What is installed. Each stamp is a file in the virtual environment, so that a second call does nothing.
GROUPS_HERE := train test testing lint texts wheel
$(GROUPS_HERE:%=$(VENV)/.%): $(VENV)/.%: $(VENV)/.installed
	@echo "Installing what '$*' needs into $(VENV)"
	@$(PIP) install --group $*
	@touch $@

$(VENV)/.installed: pyproject.toml hatch_build.py | $(VENV)/.pip
	@echo "Installing Backdrop into $(VENV)"
	@$(PIP) install -e .
	@touch $@

# The installation has compiled it already; so this compiles only where the sources have changed since, and says what fails.
$(VENV)/.compiled: $(NATIVE) | $(VENV)/.installed
	-@$(BIN)/python sinet_core/native/build.py
	@touch $@

# Dependency groups are new in pip 25.1.
$(VENV)/.pip: | $(VENV)/.libraries
	@$(BIN)/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv $(VENV)
	@$(PIP) install 'pip>=25.1'
	@touch $@

# PyInstaller takes what it finds, and the environment above may have torch: it gets one of its own.
build/venv/.bundle: pyproject.toml hatch_build.py $(NATIVE) | $(VENV)/.libraries
	@$(PYTHON) -m venv build/venv
	@build/venv/bin/python -m pip install -q --disable-pip-version-check 'pip>=25.1'
	@build/venv/bin/python -m pip install -q --disable-pip-version-check . --group bundle
	@touch $@

$(VENV)/.libraries: assets/setup/packages.py app/backdrop/doctor/display.py
	@mkdir -p $(VENV) && $(PYTHON) $< run && touch $@

$(VENV)/.programs: assets/setup/packages.py
	@mkdir -p $(VENV) && $(PYTHON) $< test && touch $@
