#!/bin/sh
# fetch-bundle.sh: fetch what BUNDLE=yes puts into the package, into bundle/ beside this script.
# The only step that uses the network; pip refuses every file whose hash is not in bundle.lock.
set -eu

cd "$(dirname "$0")"
exec python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
  --only-binary :all: --dest bundle --requirement bundle.lock
