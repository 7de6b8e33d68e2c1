#!/bin/sh
# Install what the bed needs of the machine, quietly and only what is missing: Debian by apt-get; on Slackware
# (and elsewhere) name what is missing. Run as root.
set -eu

# command, Debian package, what gives it on Slackware
needs="ip iproute2 iproute2
unshare util-linux util-linux
nsenter util-linux util-linux
sysctl procps procps-ng
tar tar tar
zstd zstd zstd
xz xz-utils xz
openssl openssl openssl
curl curl curl
docker-registry docker-registry a_registry_(distribution)_as_/usr/bin/docker-registry"
debian="dpkg-deb dpkg -
apt-get apt -"

PATH=$PATH:/usr/sbin:/sbin
packages="" missing=""
on_debian=no
if command -v apt-get >/dev/null 2>&1; then
  on_debian=yes
  needs="$needs
$debian"
fi

while read -r command package slackware; do
  command -v "$command" >/dev/null 2>&1 && continue
  packages="$packages $package"
  missing="$missing $command ($(echo "$slackware" | tr _ ' '));"
done <<END
$needs
END

if [ "$on_debian" = yes ]; then
  python3 -c 'import venv, ensurepip' 2>/dev/null || packages="$packages python3 python3-venv"
  [ -e /etc/ssl/certs/ca-certificates.crt ] || packages="$packages ca-certificates"
  [ -z "$packages" ] && exit 0
  if [ "$(id -u)" -ne 0 ]; then
    echo "needs.sh: run as root, to install:$packages" >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  # Another apt may hold the lock for a while on a fresh machine.
  lock="-o DPkg::Lock::Timeout=120"
  log=$(mktemp)
  # shellcheck disable=SC2086 # lists of words
  if ! { apt-get -q $lock update &&
    apt-get -q -y $lock install --no-install-recommends $packages; } >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    echo "needs.sh: apt-get could not install:$packages" >&2
    exit 1
  fi
  rm -f "$log"
  exit 0
fi

python3 -c 'import venv, ensurepip' 2>/dev/null || missing="$missing python3 with venv;"
if [ -n "$missing" ]; then
  echo "needs.sh: the bed needs commands that are not here:$missing install them and run this again" >&2
  exit 1
fi
