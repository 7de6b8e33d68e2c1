#!/bin/sh
# source-tree.sh DIRECTORY: lay out what the package is made from, taken from this repository.
#
# The tree is the repository's own, reduced to what is installed, with what the helper's own code generates beside
# it (generated/, see generate.py) and the date of the sources in seconds (source-date). The SlackBuild calls this
# when it stands in the repository; dist.sh packs the same tree for SlackBuilds.org.
set -eu

[ $# -eq 1 ] || { echo "usage: source-tree.sh DIRECTORY" >&2; exit 2; }
repository=$(cd "$(dirname "$0")/.." && pwd)
mkdir "$1"
tree=$(cd "$1" && pwd)
cd "$repository"

for part in README.md ARCHITECTURE.md LICENSE rc.d/rc.jitsi etc src/compose src/jitsictl src/pkgtool \
            src/rc/rc.sh src/sbin src/templates; do
  if [ ! -e "$part" ]; then
    echo "source-tree.sh: $part is missing in $repository; the package is made from a complete checkout" >&2
    exit 1
  fi
  mkdir -p "$tree/$(dirname "$part")"
  cp -R "$part" "$tree/$part"
done
find "$tree" \( -name __pycache__ -o -name '.?*' -o -name '*~' \) -prune -exec rm -rf {} +

python3 SlackBuild/generate.py "$tree/generated"

# An export without git has the date of this release.
git log -1 --format=%ct > "$tree/source-date" 2> /dev/null || echo 1790000000 > "$tree/source-date"
find "$tree" -type d -exec chmod 755 {} +
find "$tree" -type f -exec chmod 644 {} +
