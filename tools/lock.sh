#!/bin/sh
# Makes the hashed locks anew: what the program needs, and what its developers need besides. Needs `uv`.
set -eu
cd "$(dirname "$0")/.."
uv pip compile pyproject.toml --group build --generate-hashes --universal --no-header --python-version 3.11 "$@" -o requirements.txt
uv pip compile pyproject.toml --group build --group dev --generate-hashes --universal --no-header --python-version 3.11 "$@" -o requirements-dev.txt
