#!/bin/sh
# dist.sh [DIRECTORY]: lay out SlackBuilds.org's form of this package, by default in dist/ of the repository.
#
# DIRECTORY/docker-jitsi-meet/ is the flat directory that is submitted; the source tarball, which is uploaded
# elsewhere, lies beside it and in it as sbopkg and a build by hand want it. The tarball depends on nothing but the
# sources, so that its MD5SUM in the .info holds for whoever makes it again. DOWNLOAD=URL in the environment names
# the place where it will be offered.
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
  "$here/../douninst.sh" "$work/$tarball" "$flat/"
install -m 0755 "$here/fetch-bundle.sh" "$flat/"
md5sum=$(md5sum < "$work/$tarball" | cut -d' ' -f1)
sed -e "s,^MD5SUM=.*,MD5SUM=\"$md5sum\"," -e "${DOWNLOAD:+s,^DOWNLOAD=.*,DOWNLOAD=\"$DOWNLOAD\",}" \
  "$here/$name.info" > "$flat/$name.info"
chmod 0644 "$flat/$name.info"
install -m 0644 "$work/$tarball" "$dist/"
echo "$flat"
echo "$dist/$tarball"
