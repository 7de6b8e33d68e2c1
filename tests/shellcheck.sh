#!/bin/sh
# Check every shell script of the tree with shellcheck: those that end in .sh and those that say so in their first line.
set -eu
git ls-files | while read -r file; do
  case $file in
    *.sh) echo "$file" ;;
    *) if head -c 40 "$file" | grep -qE '^#!/bin/(ba)?sh|^# shellcheck shell='; then echo "$file"; fi ;;
  esac
done | xargs shellcheck -x
