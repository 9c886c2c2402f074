#!/bin/sh
# Makes a folder from which Kudos installs on a machine without internet: every wheel of requirements.txt, each held
# against its hash, and Kudos' own. The machine must be of the same system, processor and Python as this one.
# Usage: tools/offline.sh PYTHON FOLDER
set -eu
cd "$(dirname "$0")/.."
python=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
rm -rf "$folder/wheels" "$folder"/kudos-*.whl "$folder/SHA256SUMS"
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
"$python" -m venv "$build/venv"
pip="$build/venv/bin/pip --quiet --disable-pip-version-check"
$pip download --require-hashes --only-binary :all: --dest "$folder/wheels" --requirement requirements.txt
$pip install --no-index --find-links "$folder/wheels" hatchling editables
$pip wheel --no-deps --no-build-isolation --wheel-dir "$folder" .
cp requirements.txt "$folder/requirements.txt"
cp tools/offline-install.sh "$folder/install.sh"
(cd "$folder" && find . -type f ! -name SHA256SUMS | LC_ALL=C sort | xargs sha256sum > SHA256SUMS)
echo "$folder: carry it over, and there: sh install.sh /opt/kudos"
