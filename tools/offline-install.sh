#!/bin/sh
# Installs Kudos from this folder, without a network: sh install.sh FOLDER makes FOLDER/.venv.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# = 1 ] || { echo "Say where to: sh install.sh /opt/kudos" >&2; exit 2; }
(cd "$here" && sha256sum --quiet --check SHA256SUMS) || { echo "A file of this folder was changed or lost on its way. Carry it over again." >&2; exit 1; }
python=${PYTHON:-python3}
mkdir -p "$1"
"$python" -m venv "$1/.venv"
pip="$1/.venv/bin/pip --quiet --disable-pip-version-check"
$pip install --no-index --find-links "$here/wheels" --require-hashes --requirement "$here/requirements.txt"
$pip install --no-index --no-deps "$here"/kudos-*.whl
"$1/.venv/bin/kudos-node" --version
