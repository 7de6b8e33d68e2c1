#!/bin/sh
set -e
ignored=""
case "$ALLOW_UNSECURE_CERT" in
  [Tt][Rr][Uu][Ee]) ignored=--unsafely-ignore-certificate-errors ;;
esac
# shellcheck disable=SC2086 # a word or none
exec deno run --allow-net --allow-env $ignored /app/adapter.js
