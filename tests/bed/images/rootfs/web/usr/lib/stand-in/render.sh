# web's files, each a function that prints it. ROOT, STORE, HTTP and HTTPS come from the config script.
# shellcheck shell=bash disable=SC2016  # a `$` in nginx's own configuration is nginx's

nginx_conf() {
    if [[ $LAYOUT == rootful ]]; then
        echo 'user www-data;'
    fi
    cat <<END
worker_processes ${NGINX_WORKER_PROCESSES:-4};
pid /run/nginx.pid;
events { worker_connections ${NGINX_WORKER_CONNECTIONS:-768}; }
http {
    sendfile on;
    tcp_nodelay on;
    keepalive_timeout ${NGINX_KEEPALIVE_TIMEOUT:-65};
    server_tokens off;
    client_max_body_size 0;
    resolver $NGINX_RESOLVER;
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log /dev/stdout;
    error_log /dev/stderr;
    map \$http_upgrade \$connection_upgrade {
        default upgrade;
        '' close;
    }
    include $ROOT/nginx/site-confs/*;
}
daemon off;
END
}

site_conf() {
    echo "server {"
    echo "    listen $HTTP default_server;"
    if on ENABLE_IPV6 1; then echo "    listen [::]:$HTTP default_server;"; fi
    if on ENABLE_HTTP_REDIRECT 0; then
        echo '    return 301 https://$host$request_uri;'
    else
        echo "    include $ROOT/nginx/meet.conf;"
    fi
    echo "}"
    on DISABLE_HTTPS 0 && return
    echo "server {"
    echo "    listen $HTTPS ssl;"
    if on ENABLE_IPV6 1; then echo "    listen [::]:$HTTPS ssl;"; fi
    echo "    include $ROOT/nginx/ssl.conf;"
    echo "    include $ROOT/nginx/meet.conf;"
    echo "}"
}

ssl_conf() {
    local folder=$STORE/keys certificate=cert.crt key=cert.key
    if on ENABLE_LETSENCRYPT 0; then
        folder=$STORE/acme-certs/$LETSENCRYPT_DOMAIN certificate=fullchain.pem key=key.pem
    fi
    echo "ssl_certificate $folder/$certificate;"
    echo "ssl_certificate_key $folder/$key;"
}

# route MATCH TARGET [HEADER...]: a location that hands requests on, websockets too.
route() {
    local match=$1 target=$2 header
    shift 2
    echo "location $match {"
    echo '    proxy_http_version 1.1;'
    echo '    proxy_set_header Upgrade $http_upgrade;'
    echo '    proxy_set_header Connection $connection_upgrade;'
    echo '    proxy_set_header X-Forwarded-For $remote_addr;'
    for header in "$@"; do
        echo "    proxy_set_header $header;"
    done
    echo "    proxy_pass $target;"
    echo '}'
}

meet_conf() {
    local xmpp=${XMPP_BOSH_URL_BASE:-http://xmpp.meet.jitsi:5280} host="Host ${XMPP_DOMAIN:-meet.jitsi}"
    cat <<END
server_name _;
charset utf8;
root /usr/share/jitsi-meet;
ssi on;
ssi_types application/x-javascript application/javascript;
index index.html;
error_page 404 /static/404.html;
add_header X-Content-Type-Options nosniff;
set \$prefix "";
include $ROOT/nginx-custom/*.conf;
location = /config.js { alias $ROOT/config.js; }
location = /interface_config.js { alias $ROOT/interface_config.js; }
location ~ ^/(libs|css|static|images|fonts|lang|sounds|.well-known|transcripts)/(.*)\$ {
    alias /usr/share/jitsi-meet/\$1/\$2;
}
END
    if [[ -n $CSP_HEADER ]]; then echo "add_header Content-Security-Policy \"$CSP_HEADER\" always;"; fi
    # Variables in the target: these two are resolved for each request, through the resolver above ...
    route '= /http-bind' "$xmpp"'/http-bind?prefix=$prefix&$args' "$host"
    if on ENABLE_XMPP_WEBSOCKET 1; then
        route '= /xmpp-websocket' "$xmpp"'/xmpp-websocket?prefix=$prefix&$args' "$host"
    fi
    # ... none in these: nginx resolves them once, at start, and does not start when it cannot.
    if [[ -n $ETHERPAD_URL_BASE ]]; then
        route '^~ /etherpad/' "$ETHERPAD_URL_BASE/"
    fi
    if [[ -n $WHITEBOARD_COLLAB_SERVER_URL_BASE ]]; then
        route '= /socket.io/' "$WHITEBOARD_COLLAB_SERVER_URL_BASE"'/socket.io/?$args'
    fi
    cat <<'END'
location ~ ^/([^/?&:'"]+)$ { try_files $uri @root_path; }
location @root_path { rewrite ^/(.*)$ / break; }
END
    if on ENABLE_SUBDOMAINS true; then tenant_routes; fi
}

tenant_routes() {
    cat <<END
location ~ ^/([^/?&:'"]+)/config.js\$ {
    set \$subdomain "\$1.";
    set \$subdir "\$1/";
    alias $ROOT/config.js;
}
location ~ ^/([^/?&:'"]+)/(http-bind|xmpp-websocket)\$ {
    set \$prefix "\$1";
    rewrite ^/[^/]+/(.*)\$ /\$1;
}
location ~ ^/([^/?&:'"]+)/(.*)\$ {
    set \$subdomain "\$1.";
    set \$subdir "\$1/";
    rewrite ^/([^/?&:'"]+)/(.*)\$ /\$2;
}
END
}

config_js() {
    local public=${PUBLIC_URL:-https://localhost:8443} domain=${XMPP_DOMAIN:-meet.jitsi} site subdir=
    local rooms=${XMPP_MUC_DOMAIN:-muc.meet.jitsi}
    site=${public#https://}
    site=${site%/}
    # The prefix's \n is two characters in the environment; so it is in upstream's default.
    printf '%b\n' "${WEB_CONFIG_PREFIX:-// Jitsi Meet configuration.\\n}"
    cat <<END
var config = {};

config.hosts = {};
config.hosts.domain = '$domain';
END
    if on ENABLE_SUBDOMAINS true; then
        subdir="' + subdir + '"
        subdomain_js
        echo "config.hosts.muc = '${rooms%%.*}.' + subdomain + '$domain';"
    else
        echo "config.hosts.muc = '$rooms';"
    fi
    if on ENABLE_AUTH 0; then
        if on ENABLE_GUESTS 0; then
            echo "config.hosts.anonymousdomain = '${XMPP_GUEST_DOMAIN:-guest.meet.jitsi}';"
        fi
        if on ENABLE_AUTH_DOMAIN 1; then echo "config.hosts.authdomain = '$domain';"; fi
    fi
    if on BOSH_RELATIVE 0; then
        echo "config.bosh = '/${subdir}http-bind';"
    else
        echo "config.bosh = 'https://$site/${subdir}http-bind';"
    fi
    if on ENABLE_XMPP_WEBSOCKET 1; then echo "config.websocket = 'wss://$site/${subdir}xmpp-websocket';"; fi
    settings_js "$public"
}

subdomain_js() {
    cat <<'END'
var subdir = '<!--# echo var="subdir" default="" -->';
var subdomain = '<!--# echo var="subdomain" default="" -->';
if (subdir.startsWith('<!--')) {
    subdir = '';
}
if (subdomain) {
    subdomain = subdomain.substring(0, subdomain.length - 1).split('.').join('_').toLowerCase() + '.';
}
END
}

# settings_js PUBLIC_URL: the few of upstream's settings that this project sets or looks at.
settings_js() {
    cat <<END
config.resolution = ${RESOLUTION:-720};
config.startAudioOnly = $(bool START_AUDIO_ONLY 0);
config.startWithAudioMuted = $(bool START_WITH_AUDIO_MUTED 0);
config.startWithVideoMuted = $(bool START_WITH_VIDEO_MUTED 0);
config.enableWelcomePage = $(bool ENABLE_WELCOME_PAGE 1);
config.defaultLanguage = '${DEFAULT_LANGUAGE:-en}';
config.prejoinConfig = {
    enabled: $(bool ENABLE_PREJOIN_PAGE 1),
    hideDisplayName: $(bool HIDE_PREJOIN_DISPLAY_NAME 0)
};
END
    if [[ -n $ETHERPAD_PUBLIC_URL ]]; then
        echo "config.etherpad_base = '$ETHERPAD_PUBLIC_URL';"
    elif [[ -n $ETHERPAD_URL_BASE ]]; then
        # Not trimmed here, unlike above: a slash at the end of PUBLIC_URL shows.
        echo "config.etherpad_base = '$1/etherpad/p/';"
    fi
    if [[ -n $TOKEN_AUTH_URL ]]; then echo "config.tokenAuthUrl = '$TOKEN_AUTH_URL';"; fi
    if [[ -n $TOOLBAR_BUTTONS ]]; then
        echo "config.toolbarButtons = [ $(each "$TOOLBAR_BUTTONS" "'%s',") ];"
    fi
    if [[ -n $DYNAMIC_BRANDING_URL ]]; then echo "config.dynamicBrandingUrl = '$DYNAMIC_BRANDING_URL';"; fi
    if [[ -n $WHITEBOARD_COLLAB_SERVER_PUBLIC_URL$WHITEBOARD_COLLAB_SERVER_URL_BASE ]]; then
        cat <<END
config.whiteboard = {
    enabled: true,
    collabServerBaseUrl: '${WHITEBOARD_COLLAB_SERVER_PUBLIC_URL:-$1}'
};
END
    fi
}

interface_config_js() {
    echo "var interfaceConfig = { APP_NAME: 'Jitsi Meet' };"
}
