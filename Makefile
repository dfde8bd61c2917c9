# `make run` and `make test` need only python3 (3.11 or later), make and git; they bring the rest.

PYTHON ?= python3
JOBS ?= 2
SEEDS ?= 3000
ROUNDS ?= 5

ifeq ($(OS),Windows_NT)
PY := .venv/Scripts/python.exe
else
PY := .venv/bin/python
endif

.PHONY: help run test check format bench bench-peers simulate faults lock clean

help:
	@echo "make run               the window on the sample project; without a display, the tour off-screen"
	@echo "make test              all tests"
	@echo "make check             lint, types, architecture"
	@echo "make format            format the code"
	@echo "make bench             benchmarks, as a table"
	@echo "make bench-peers       the desk beside LokiJS, the editor beside Quill, sync beside PouchDB and Hocuspocus (npm, Chromium)"
	@echo "make simulate SEEDS=n  the long simulation: so many worlds for each kind of fault"
	@echo "make faults ROUNDS=n   networks, disks, clocks and processes that fail, at length"
	@echo "make lock              write packaging/requirements anew (UPGRADE=1: newest versions)"
	@echo "make clean             remove .venv and caches"

run:
	@$(PYTHON) packaging/bootstrap.py run
	@$(PY) -m app.start

test: export QT_QPA_PLATFORM = offscreen
test:
	@$(PYTHON) packaging/bootstrap.py test
	@$(PY) -m pytest -q -n $(JOBS) --dist worksteal

check:
	@$(PYTHON) packaging/bootstrap.py test
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -m pytest -q tests/test_architecture.py

format:
	@$(PYTHON) packaging/bootstrap.py test
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

bench: export QT_QPA_PLATFORM = offscreen
bench:
	@$(PYTHON) packaging/bootstrap.py test
	@$(PY) -m tests.benchmarks

bench-peers: export QT_QPA_PLATFORM = offscreen
bench-peers:
	@$(PYTHON) packaging/bootstrap.py test
	@$(PY) -m tests.benchmarks.peers

simulate:
	@$(PYTHON) packaging/bootstrap.py test
	@$(PY) -m tests.simulation --seeds $(SEEDS) --every-fault

faults:
	@$(PYTHON) packaging/bootstrap.py test
	@$(PY) -m tests.faults --rounds $(ROUNDS)

lock:
	@$(PYTHON) packaging/bootstrap.py lock $(if $(UPGRADE),--upgrade)

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
