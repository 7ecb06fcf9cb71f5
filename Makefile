# Needs Python 3.11 or newer, pip and make; sets up everything else itself, in .venv.
PYTHON ?= python3
BIN := .venv/bin
SOURCES := schemas lineage connectors streams console

.PHONY: demo test lint unit bench freeze clean

demo: .venv/ready
	$(BIN)/jalki demo

test: lint unit

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: .venv/ready
	$(BIN)/pytest -n auto --dist worksteal

# Not a timed test: prints ratios within one run, see docs/benchmarks.md.
bench: .venv/ready
	$(BIN)/python -m bench.whole_path
	$(BIN)/python -m bench.production

# Keeps the schemas as they are now readable for ever, by their fingerprints.
freeze: .venv/ready
	$(BIN)/python -m schemas.freeze

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch .venv/ready

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
