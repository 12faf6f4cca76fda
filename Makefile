# Each target is one script; a second run of any of them repeats no set-up.
.PHONY: help run test test-long check bench

help:
	@sed -n 's/^\([a-z-]*\): ## /  make \1: /p' Makefile

run: ## set everything up and serve on http://127.0.0.1:8000 (PORT changes it)
	@scripts/run

test: ## all tests: SQLite, PostgreSQL with Redis, browser
	@scripts/test

test-long: ## the long fuzz, kill and scale runs
	@scripts/test --long

check: ## formatting, lint, import rules, settings, migrations, translations, browser floor
	@scripts/check

bench: ## the benchmarks, as ratios, into docs/benchmarks.md
	@scripts/setup --dev
	@scripts/throwaway.sh .venv/bin/python scripts/bench.py
