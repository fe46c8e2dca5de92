# `make run`, `make test` and `make check` do all set-up themselves on a fresh Debian machine.
# Debian's own interpreter where it is new enough: it is built with profile-guided optimisation, and a third faster for it.
PYTHON ?= $(shell /usr/bin/python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo /usr/bin/python3 || echo python3)
BIN := .venv/bin
STAMP := .venv/.installed
DEV_STAMP := .venv/.installed-dev
PEERS := postfix postfix-pcre postfix-lmdb postgrey postfix-policyd-spf-python swaks openssl iproute2

.PHONY: venv run test check bench clean

venv: $(STAMP)

$(BIN)/python:
	@$(PYTHON) -m venv .venv 2>/dev/null || { sh tests/install-peers.sh python3-venv && $(PYTHON) -m venv .venv; }

$(STAMP): $(BIN)/python pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(DEV_STAMP): $(BIN)/python pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(STAMP)

run: $(STAMP)
	@sh tests/install-peers.sh openssl swaks || true
	@$(BIN)/gatepost serve --config examples/dragon.lab --trial var

test: $(DEV_STAMP)
	@sh tests/install-peers.sh $(PEERS)
	@$(BIN)/python -m pytest -n auto

check: $(DEV_STAMP)
	@$(BIN)/ruff check src tests bench
	@$(BIN)/ruff format --check src tests bench
	@$(BIN)/mypy

bench: $(DEV_STAMP)
	@sh tests/install-peers.sh $(PEERS)
	@$(BIN)/python -m bench

clean:
	rm -rf .venv var
