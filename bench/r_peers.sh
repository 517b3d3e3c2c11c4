#!/bin/sh
# Installs the peers that are written in R, from Debian's packages.
set -eu
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
command -v Rscript >/dev/null && Rscript -e 'library(surveillance)' >/dev/null 2>&1 && exit 0
as_root apt-get update -q
as_root apt-get install -q -y --no-install-recommends r-base-core r-cran-surveillance </dev/null
