# Needs Python 3.11 or newer, pip and make; sets up everything else itself, in .venv.
PYTHON ?= python3
BIN := .venv/bin
JUDGE := .venv-fideslang
AUDIT := .venv-audit
SOURCES := schemas lineage connectors streams console

# What Python compiles is kept: hundreds of processes would each compile all sources again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint unit bench freeze release audit clean

demo: .venv/ready
	$(BIN)/jalki demo

test: lint unit

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: .venv/ready $(JUDGE)/ready
	FIDESLANG_PYTHON=$(CURDIR)/$(JUDGE)/bin/python $(BIN)/pytest -n auto --dist worksteal

# Not a timed test: prints ratios within one run, see docs/benchmarks.md.
bench: .venv/ready
	$(BIN)/python -m bench.whole_path
	$(BIN)/python -m bench.production

# Keeps the schemas as they are now readable for ever, by their fingerprints.
freeze: .venv/ready
	$(BIN)/python -m schemas.freeze

# The sdist, the wheel made from it, and the list of what both need (CycloneDX): the same bytes whoever makes them of one commit.
release: .venv/ready
	rm -rf dist
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m build --no-isolation --outdir dist
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m supply.bill dist/jalki.cdx.json
	cd dist && sha256sum -- * | tee SHA256SUMS

# Known weaknesses of what is pinned. Asks the package index for its advisories, and fails where it cannot.
audit: $(AUDIT)/ready
	$(AUDIT)/bin/pip-audit --strict --require-hashes --disable-pip --progress-spinner off -r requirements.lock || \
	    { echo "make audit: a weakness is known, or the advisories could not be had (it says which above)." >&2; exit 1; }

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch .venv/ready

# fideslang wants an older pydantic than this program has, so what judges our export by it is a venv of its own.
$(JUDGE)/ready: requirements-fideslang.lock .venv/ready
	rm -rf $(JUDGE)
	$(PYTHON) -m venv --without-pip $(JUDGE)
	@$(BIN)/pip --python $(JUDGE)/bin/python install --quiet --require-hashes -r requirements-fideslang.lock || \
	    { echo "fideslang, which judges the Fides export, cannot be installed: is the package index reached?" >&2; exit 1; }
	touch $(JUDGE)/ready

$(AUDIT)/ready: requirements-audit.lock
	rm -rf $(AUDIT)
	$(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/pip install --quiet --require-hashes -r requirements-audit.lock
	touch $(AUDIT)/ready

clean:
	rm -rf .venv $(JUDGE) $(AUDIT) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
