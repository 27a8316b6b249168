#!/bin/sh
# Checks our models in the official LiteRT interpreter, in a Python environment that is removed afterwards.
# usage: tools/litert-check/run.sh     after npx tsc -b and, for the detectors, npm start
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
cd "$here/../.."

python3 -m venv "$folder/python"
"$folder/python/bin/pip" install --quiet --disable-pip-version-check ai-edge-litert numpy
# The metadata library has no wheels for newer Pythons; the rest is checked without it.
"$folder/python/bin/pip" install --quiet --disable-pip-version-check tflite-support ||
  echo 'tflite-support cannot be installed here' >&2

node tools/litert-check/export-cases.mjs "$folder/cases"
# Random models over all layers and precisions, with what TensorFlow.js and the reference engine gave for them.
EDGEGUARD_EXPORT_CASES="$folder/random" npx vitest run packages/tflite/test/generated.test.ts >"$folder/random.log" 2>&1 || {
  cat "$folder/random.log" >&2
  exit 1
}
status=0
"$folder/python/bin/python" "$here/check.py" "$folder/cases" || status=1
echo 'random models:'
"$folder/python/bin/python" packages/tflite/scripts/check_with_litert.py "$folder/random" || status=1
exit "$status"
