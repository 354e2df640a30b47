# Each command sets up what is missing first; tools/groupbuy.py --help says more.
PYTHON ?= python3
GROUPBUY := $(PYTHON) tools/groupbuy.py

export PORT DB K BASKETS LIMIT ONLY

.PHONY: help run demo test lint bench format i18n setup stop

help:
	@$(GROUPBUY) --help

run:
	@$(GROUPBUY) run

demo:
	@$(GROUPBUY) demo

test:
	@$(GROUPBUY) test

lint:
	@$(GROUPBUY) lint

bench:
	@$(GROUPBUY) bench

format:
	@$(GROUPBUY) format

i18n:
	@$(GROUPBUY) i18n

setup:
	@$(GROUPBUY) setup

stop:
	@$(GROUPBUY) stop
