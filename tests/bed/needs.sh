#!/bin/sh
# Install what the bed needs of the machine, quietly and only what is missing: on Debian by apt-get, as root;
# elsewhere (Slackware) say what is missing.
set -eu

# command, Debian's package, Slackware's package
needs="ip iproute2 iproute2
unshare util-linux util-linux
sysctl procps procps-ng
tar tar tar
zstd zstd zstd
openssl openssl openssl
curl curl curl
npm npm nodejs
groff groff-base groff
lexgrog man-db man-db
shellcheck shellcheck shellcheck
strace strace strace"

# command, Debian's package: without these, tests in a browser or with Keycloak are skipped, and `make bench` leaves a
# figure out.
wants="chromium chromium
java default-jre-headless
certutil libnss3-tools
wrk wrk"

PATH=$PATH:/usr/sbin:/sbin
packages="" missing="" wanted=""
while read -r command debian slackware; do
  command -v "$command" >/dev/null 2>&1 && continue
  packages="$packages $debian"
  missing="$missing $command ($slackware);"
done <<END
$needs
END
while read -r command debian; do
  command -v "$command" >/dev/null 2>&1 || wanted="$wanted $debian"
done <<END
$wants
END

if ! command -v apt-get >/dev/null 2>&1; then
  [ -z "$missing" ] && exit 0
  echo "needs.sh: the bed needs commands that are not here:$missing install them and run this again" >&2
  exit 1
fi

# To make the roots, which elsewhere come ready-made with the cache.
python3 -c 'import venv, ensurepip' 2>/dev/null || packages="$packages python3 python3-venv"
[ -d /usr/share/zoneinfo/Europe ] || packages="$packages tzdata"
[ -e /etc/ssl/certs/ca-certificates.crt ] || packages="$packages ca-certificates"
[ -z "$packages$wanted" ] && exit 0
if [ "$(id -u)" -ne 0 ]; then
  [ -z "$packages" ] && exit 0
  echo "needs.sh: run as root, to install:$packages" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Another apt may hold the lock for a while on a fresh machine.
get="apt-get -q -y -o DPkg::Lock::Timeout=120"
if ! $get update >"$log" 2>&1; then
  cat "$log" >&2
  [ -z "$packages" ] && exit 0
  echo "needs.sh: apt-get could not install:$packages" >&2
  exit 1
fi
# Ubuntu has no Chromium that runs here, only a snap.
for package in $wanted; do
  if apt-cache show "$package" >/dev/null 2>&1; then
    packages="$packages $package"
  else
    echo "needs.sh: there is no package $package: what needs it is skipped" >&2
  fi
done
# shellcheck disable=SC2086 # a list of words
if [ -n "$packages" ] && ! $get install --no-install-recommends $packages >"$log" 2>&1; then
  cat "$log" >&2
  echo "needs.sh: apt-get could not install:$packages" >&2
  exit 1
fi
