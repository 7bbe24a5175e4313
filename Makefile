# Everything one does with a clone. `make install` is what the others call.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# A peer of the benchmarks that needs an older pandas.
PEER := .venv-recordlinkage
# Size of the demo company (make demo CUSTOMERS=1000); without it, that of demo/ or 5,000.
DEMO := --dir demo $(if $(CUSTOMERS),--customers $(CUSTOMERS))

.DEFAULT_GOAL := help
.PHONY: help install demo test dev lint bench lock docs clean

help: ## Show this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else "aar_platform needs Python 3.11 to 3.13; this is " + sys.version.split()[0] + ". Say which to use: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	@# The lock is complete, so nothing is resolved: older pips stumble over extras with hashes.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

install: $(STAMP) ## Make .venv from the locked requirements

demo: install ## A made-up company from its systems to reports, in the folder demo/
	$(BIN)/aar demo $(DEMO)

test: install ## Style, types, import contract and tests
	$(MAKE) --no-print-directory lint
	@# The last of the long tests are shared out, so that no worker waits for the other.
	$(BIN)/pytest -n 2 --dist worksteal -m "not long"

lint: install ## Style, types and import contract alone
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

dev: install ## The Dagster UI on the demo company (on loopback, port 3000)
	@test -f demo/aar.yaml || $(BIN)/aar demo $(DEMO)
	$(BIN)/aar sandbox $(DEMO) & sandbox=$$!; \
	trap 'kill $$sandbox' EXIT INT TERM; \
	AAR_CONFIG=$(CURDIR)/demo/aar.yaml DAGSTER_HOME=$(CURDIR)/demo/data/dagster \
		AAR_SECRETS_DIR=$(CURDIR)/demo/secrets \
		$(BIN)/dagster dev --host 127.0.0.1 --workspace workspace.yaml

$(PEER)/.installed: requirements-recordlinkage.lock
	$(PYTHON) -m venv $(PEER)
	$(PEER)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement requirements-recordlinkage.lock
	@touch $@

bench: install $(PEER)/.installed ## Speed, memory and quality, each against a peer in the same run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement requirements-bench.lock
	$(BIN)/pytest -n 2 --dist worksteal -m long
	$(BIN)/python benchmarks/monthly_figures.py
	$(BIN)/python benchmarks/one_large_file.py
	$(BIN)/python benchmarks/orders_over_http.py
	$(BIN)/python benchmarks/identity_quality.py
	$(BIN)/python benchmarks/million_contacts.py
	$(BIN)/python benchmarks/kpis_of_order_lines.py

lock: install ## Resolve requirements.lock anew (with hashes, without addresses)
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header --quiet \
		--upgrade --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra bench --universal --python-version 3.11 \
		--constraint requirements.lock --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--quiet --output-file requirements-bench.lock
	echo 'recordlinkage>=0.16' | $(BIN)/uv pip compile - --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --upgrade \
		--output-file requirements-recordlinkage.lock

docs: install ## Write the generated pages: docs/tables.md, docs/kpis.md, docs/sources/ …
	$(BIN)/aar docs docs

clean: ## Remove the virtual environment and the demo company
	rm -rf $(VENV) $(PEER) demo
