# Where each layout has prosody's files, and upstream's defaults for names that several scripts use.
# shellcheck shell=bash disable=SC2034
if [[ $LAYOUT == rootful ]]; then
    CFG=/config
    DATA=/config/data
    PIDFILE=/config/data/prosody.pid
else
    CFG=/run/prosody/config
    DATA=/var/lib/prosody/data
    PIDFILE=/run/prosody/prosody.pid
fi
XMPP_DOMAIN=${XMPP_DOMAIN:-meet.jitsi}
XMPP_AUTH_DOMAIN=${XMPP_AUTH_DOMAIN:-auth.meet.jitsi}
XMPP_HIDDEN_DOMAIN=${XMPP_HIDDEN_DOMAIN:-${XMPP_RECORDER_DOMAIN:-hidden.meet.jitsi}}
XMPP_MUC_DOMAIN=${XMPP_MUC_DOMAIN:-muc.meet.jitsi}
HTTP_PORT=${PROSODY_HTTP_PORT:-5280}
