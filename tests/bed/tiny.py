"""An image that needs nothing from anywhere, for the tests of the bed itself: the host's own shell and libraries."""
from __future__ import annotations

import bed

TINY = "bed/tiny:1"
_IMAGE = """set -e
mkdir -p /tmp/tiny/bin /tmp/tiny/tmp
for f in /bin/sh /bin/sleep /bin/cat $(ldd /bin/sh /bin/sleep /bin/cat | grep -o '/lib[^ ]*'); do
  mkdir -p /tmp/tiny/$(dirname $f)
  cp -L $f /tmp/tiny/$f
done
tar -C /tmp/tiny -c . | docker import -c 'ENTRYPOINT ["/bin/sh", "-c"]' - 10.77.0.1:5000/bed/tiny:1
docker push -q 10.77.0.1:5000/bed/tiny:1
docker rmi -f 10.77.0.1:5000/bed/tiny:1
"""
# A service that is up as long as nobody stops it, restarted at boot.
FOREVER = "docker run -d --name forever --init --restart unless-stopped bed/tiny:1 'sleep 1000'"


def publish(lan: bed.Lan) -> None:
    """Make the image on a host of this LAN and put it into the LAN's registry."""
    with bed.Host(lan) as builder:
        builder.dockerd_start()
        builder.run(_IMAGE, timeout=120)
