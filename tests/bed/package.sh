#!/bin/sh
# make package: the .txz into dist/, with Slackware's pkgtools where they are, else with the bed's stand-ins.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p dist
OUTPUT=$PWD/dist exec tests/bed/pkgtools/with-pkgtools bash SlackBuild/docker-jitsi-meet.SlackBuild
