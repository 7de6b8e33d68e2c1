#!/bin/sh
# Run by removepkg, so at a removal and also in every upgrade when the new files are in place already.
# Right in both cases: what goes is a cache of byte code. After a removal nobody else would delete it, and after an
# upgrade a file of the same date and size as the old one would run as the old one.
rm -rf var/cache/jitsi-meet
