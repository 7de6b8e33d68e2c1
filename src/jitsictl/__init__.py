"""jitsictl: the helper of docker-jitsi-meet for Slackware. ARCHITECTURE.md is the map."""
