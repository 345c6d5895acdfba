# Two commands set everything up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(BIN)/uv
ARGS   ?=

.PHONY: demo test lint bench soak fuzz audit pictures lock schema clean

demo: $(VENV)/.runtime ## the main job on three simulated PSAs; ARGS=--once plays it through and exits
	$(BIN)/px-connector demo $(ARGS)

test: $(VENV)/.dev ## every test; ARGS are handed to pytest
	$(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)

lint: $(VENV)/.dev ## style, types, import direction, schema of the YAML files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/check-jsonschema --schemafile config/schema/client.schema.json config/clients/*.yaml
	$(BIN)/check-jsonschema --schemafile config/schema/connector.schema.json config/connector.yaml config/examples/*.yaml
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec deploy/compose.yaml

soak: $(VENV)/.dev ## a million steps through every fault; ARGS=--day is a quiet day, --help tells the rest
	$(BIN)/python -m tests.weather $(ARGS)

bench: $(VENV)/.dev ## the figures, each as a ratio to a floor measured in the same run; ARGS=NAME runs one
	$(BIN)/python -m bench $(ARGS)

fuzz: $(VENV)/.dev ## one fuzzer for ten minutes (Linux x86_64); ARGS=webhooks | vendors | files | tokens | logs
	$(BIN)/python -m fuzz $(ARGS)

audit: $(VENV)/.dev ## known vulnerabilities in what is locked; says so where no advisories can be had
	$(BIN)/python .ci/audit.py $(ARGS)

pictures: $(VENV)/.dev ## docs/img/*.png, as a browser shows the pages of the demo's daemon
	PX_PICTURES=1 $(BIN)/python -m pytest -q -p no:randomly tests/browser $(ARGS)

lock: $(VENV)/.uv ## the hashed lock files from pyproject.toml; what is locked stays unless ARGS=--upgrade
	$(UV) pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet $(ARGS) -o requirements.lock
	$(UV) pip compile pyproject.toml --extra postgres --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet $(ARGS) -o requirements-postgres.lock
	$(UV) pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet $(ARGS) -o requirements-dev.lock
	$(UV) pip compile --group build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet $(ARGS) -o requirements-build.lock

schema: $(VENV)/.runtime ## rewrite config/schema/*.json and docs/yaml-reference.md from the models
	$(BIN)/python -m connector.clients config/schema/client.schema.json
	$(BIN)/python -m connector.settings config/schema/connector.schema.json
	$(BIN)/python -m connector.settings.reference docs/yaml-reference.md

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "px-connector needs Python 3.11 or newer; '$(PYTHON)' is older. Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "'$(PYTHON) -m venv' failed. On Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@touch $@

$(VENV)/.runtime: $(VENV)/.uv requirements.lock pyproject.toml
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@
