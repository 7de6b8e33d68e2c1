# prosody's two files, each a function that prints it.
# shellcheck shell=bash

prosody_cfg() {
    local interfaces='"*", "::"'
    on ENABLE_IPV6 1 || interfaces='"*"'
    cat <<END
admins = { }
component_admins_as_room_owners = true
modules_enabled = {
    "roster"; "saslauth"; "tls"; "disco"; "admin_shell"; "private"; "limits"; "version"; "ping"; "http_health";
$(if on PROSODY_ENABLE_METRICS 0; then echo '    "http_openmetrics";'; fi)
$(each "$GLOBAL_MODULES" '    "%s";\n')
}
modules_disabled = { "offline"; "register"; "s2s"; }
component_ports = { }
https_ports = { }
trusted_proxies = { $(each "${PROSODY_TRUSTED_PROXIES:-127.0.0.1,::1}" '"%s"; ') }
allow_registration = false
limits = { c2s = { rate = "${PROSODY_C2S_LIMIT:-10kb/s}" } }
pidfile = "$PIDFILE"
c2s_require_encryption = $(bool PROSODY_C2S_REQUIRE_ENCRYPTION 1)
c2s_ports = { ${XMPP_PORT:-5222} }
c2s_interfaces = { $interfaces }
http_ports = { $HTTP_PORT }
http_interfaces = { $interfaces }
authentication = "internal_hashed"
log = { { levels = { min = "${LOG_LEVEL:-info}" }, timestamps = "%Y-%m-%d %X", to = "console" } }
statistics = $(if on PROSODY_ENABLE_METRICS 0; then echo '"internal"'; else echo nil; fi)
statistics_interval = "manual"
openmetrics_allow_cidr = "${PROSODY_METRICS_ALLOWED_CIDR:-172.16.0.0/12}"
network_backend = "epoll"
gc = { mode = "incremental"; threshold = ${GC_INC_TH:-400}; speed = ${GC_INC_SPEED:-250}; step_size = ${GC_INC_STEP_SIZE:-13}; }
data_path = "$DATA"

Include "conf.d/*.cfg.lua"
END
}

# tls HOST: the certificate of a virtual host.
tls() {
    echo "    ssl = { key = \"$CFG/certs/$1.key\"; certificate = \"$CFG/certs/$1.crt\"; }"
}

# Who may log in to the main host: nobody has an account unless ENABLE_AUTH is on.
main_authentication() {
    local kind=${PROSODY_AUTH_TYPE:-${AUTH_TYPE:-internal}}
    if ! on ENABLE_AUTH 0; then
        echo '    authentication = "jitsi-anonymous"'
    elif [[ $kind == jwt ]]; then
        echo "    authentication = \"${JWT_AUTH_TYPE:-token}\""
        echo "    app_id = \"$JWT_APP_ID\""
        if [[ -n $JWT_APP_SECRET ]]; then echo "    app_secret = \"$JWT_APP_SECRET\""; fi
        echo "    allow_empty_token = $(bool JWT_ALLOW_EMPTY 0)"
        echo "    enable_domain_verification = $(bool JWT_ENABLE_DOMAIN_VERIFICATION 0)"
    elif [[ $kind == internal ]]; then
        echo '    authentication = "internal_hashed"'
        echo '    disable_sasl_mechanisms = { "DIGEST-MD5", "OAUTHBEARER" }'
    else
        # ldap and matrix need services that the bed does not have.
        echo "    authentication = \"$kind\""
    fi
}

# asap_list NAME TEXT: accepted issuers or audiences of tokens, when set.
asap_list() {
    [[ -z $2 ]] || echo "$1 = { $(each "$2" '"%s", ') }"
}

site_cfg() {
    local auth=$XMPP_AUTH_DOMAIN jwt=
    if on ENABLE_AUTH 0 && [[ ${PROSODY_AUTH_TYPE:-${AUTH_TYPE:-internal}} == jwt ]]; then jwt=1; fi
    cat <<END
admins = { "focus@$auth", "${JVB_AUTH_USER:-jvb}@$auth" }
unlimited_jids = { "focus@$auth", "${JVB_AUTH_USER:-jvb}@$auth" }
plugin_paths = { "/prosody-plugins-custom", "/prosody-plugins" }
http_default_host = "$XMPP_DOMAIN"
consider_bosh_secure = true
consider_websocket_secure = true
$(if [[ -n $jwt ]]; then asap_list asap_accepted_issuers "$JWT_ACCEPTED_ISSUERS"; fi)
$(if [[ -n $jwt ]]; then asap_list asap_accepted_audiences "$JWT_ACCEPTED_AUDIENCES"; fi)

VirtualHost "$XMPP_DOMAIN"
$(main_authentication)
$(tls "$XMPP_DOMAIN")
    modules_enabled = {
        "bosh";
$(if on ENABLE_XMPP_WEBSOCKET 1; then echo '        "websocket"; "smacks";'; fi)
$(each "$XMPP_MODULES" '        "%s";\n')
    }
END
    if on ENABLE_AUTH 0 && on ENABLE_GUESTS 0; then
        echo "VirtualHost \"${XMPP_GUEST_DOMAIN:-guest.meet.jitsi}\""
        echo "    authentication = \"${PROSODY_GUEST_AUTH_TYPE:-jitsi-anonymous}\""
    fi
    cat <<END
VirtualHost "$auth"
$(tls "$auth")
    authentication = "internal_hashed"
    modules_enabled = { "smacks"; }
END
    if on ENABLE_RECORDING 0 || on ENABLE_TRANSCRIPTIONS 0; then
        echo "VirtualHost \"$XMPP_HIDDEN_DOMAIN\""
        echo '    authentication = "internal_hashed"'
        echo '    modules_enabled = { "smacks"; }'
    fi
    rooms "${XMPP_INTERNAL_MUC_DOMAIN:-internal-muc.meet.jitsi}" "$XMPP_INTERNAL_MUC_MODULES" true
    rooms "$XMPP_MUC_DOMAIN" "$XMPP_MUC_MODULES${jwt:+,${JWT_TOKEN_AUTH_MODULE:-token_verification}}" false
}

# rooms HOST MODULES RESTRICT: a component for rooms. Upstream restricts the public one too, since its jicofo makes
# every room; the bed's jicofo makes none, so there anybody may.
rooms() {
    cat <<END
Component "$1" "muc"
    storage = "memory"
    modules_enabled = { $(each "$2" '"%s"; ') }
    restrict_room_creation = $3
    muc_room_locking = false
    muc_room_default_public_jids = true
    muc_tombstones = false
END
}
