#!/usr/bin/env bash
# Synod beside OR-Tools 9.15.6755 (CP-SAT) and nashpy 0.0.43 on the same auctions and games, and whether they agree. Needs
# Python with venv, and PyPI; some minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/python"
"$folder/python/bin/pip" install --quiet --disable-pip-version-check ortools==9.15.6755 nashpy==0.0.43
"$folder/python/bin/python" benches/economics/compare.py "$folder"
