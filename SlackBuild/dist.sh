#!/bin/sh
# dist.sh [DIRECTORY]: lay out SlackBuilds.org's form of this package, by default in dist/ of the repository.
#
# DIRECTORY/docker-jitsi-meet/ is what is submitted. The source tarball lies beside it, since a submission holds no
# sources; it is to be offered where DOWNLOAD in the .info says (DOWNLOAD=URL in the environment puts that there),
# and is put beside the SlackBuild for a build by hand. It depends on nothing but this repository's files, so that
# its MD5SUM holds for whoever makes it again.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
name=docker-jitsi-meet
version=$(sed -n 's/^VERSION="\(.*\)"$/\1/p' "$here/$name.info")
mkdir -p "${1:-$here/../dist}"
dist=$(cd "${1:-$here/../dist}" && pwd)
flat=$dist/$name
tarball=$name-$version.tar.gz

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sh "$here/source-tree.sh" "$work/$name-$version"
tar --create --directory="$work" --sort=name --format=gnu --owner=0 --group=0 --numeric-owner \
  --mtime="@$(cat "$work/$name-$version/source-date")" "$name-$version" | gzip -9n > "$work/$tarball"

rm -rf "$flat"
mkdir "$flat"
install -m 0755 "$here/$name.SlackBuild" "$flat/"
install -m 0644 "$here/README" "$here/bundle.lock" "$here/../slack-desc" "$here/../doinst.sh" \
  "$here/../douninst.sh" "$here/fetch-bundle.sh" "$flat/"
md5sum=$(md5sum < "$work/$tarball" | cut -d' ' -f1)
MD5SUM=$md5sum awk '
  /^MD5SUM=/ { print "MD5SUM=\"" ENVIRON["MD5SUM"] "\""; next }
  /^DOWNLOAD=/ && ENVIRON["DOWNLOAD"] { print "DOWNLOAD=\"" ENVIRON["DOWNLOAD"] "\""; next }
  { print }' "$here/$name.info" > "$flat/$name.info"
chmod 0644 "$flat/$name.info"
install -m 0644 "$work/$tarball" "$dist/"
echo "$flat"
echo "$dist/$tarball"
