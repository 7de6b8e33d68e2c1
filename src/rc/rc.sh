# shellcheck shell=sh
# What /etc/rc.d/rc.jitsi does. start, stop and status need sh and Docker Compose alone: they work on what is applied,
# so that no Python upgrade keeps a site from starting at boot or from being stopped. Everything that changes the
# site is jitsictl's. Nothing here prompts, and every wait has an end.

PROJECT=/usr/local/docker-jitsi-meet
STATE=/var/lib/jitsi-meet
CONF=/etc/jitsi-meet/jitsi.conf
JITSICTL=/usr/sbin/jitsictl
SOCKET=/var/run/docker.sock

# All bounds, in seconds; /etc/default/jitsi-meet may set others.
DOCKER_WAIT=30
HEALTH_WAIT=120
STOP_TIMEOUT=60
PULL_WAIT=3600
# shellcheck source=/dev/null
if [ -r /etc/default/jitsi-meet ]; then . /etc/default/jitsi-meet; fi

say() { echo "rc.jitsi: $*"; }
complain() { echo "rc.jitsi: $*" >&2; }
now() { date +%s; }

# bounded SECONDS COMMAND...: run it in a process group of its own, which the deadline ends whole.
bounded() {
  bound=$1
  shift
  timeout -k 5 "$bound" "$@"
  bounded_rc=$?
  if [ $bounded_rc -eq 124 ] || [ $bounded_rc -eq 137 ]; then
    complain "expected '$*' to end within $bound s, found that it did not; it was ended."
  fi
  return $bounded_rc
}

# Is there a Docker that answers? Waits for one that is coming up: rc.docker returns before dockerd listens.
docker_wait() {
  if ! command -v docker >/dev/null 2>&1; then
    complain "expected the docker command, found none; install docker, docker-cli and docker-compose."
    return 1
  fi
  waited=$(now)
  until timeout -k 1 5 docker version >/dev/null 2>&1; do
    if [ $(($(now) - waited)) -ge "$1" ]; then
      if [ -S $SOCKET ]; then
        complain "expected Docker to answer within $1 s, found $SOCKET silent; look at /var/log/docker.log."
      else
        complain "expected Docker's socket $SOCKET, found none after $1 s; start it: /etc/rc.d/rc.docker start"
      fi
      return 1
    fi
    sleep 0.2
  done
}

# Sets COMPOSE to the command that runs Docker Compose, version 2 or newer; as a plug-in it takes longer.
compose_find() {
  for COMPOSE in docker-compose "docker compose"; do
    # shellcheck disable=SC2086  # COMPOSE may be two words
    version=$(timeout -k 1 10 $COMPOSE version --short 2>/dev/null) || continue
    case $version in
      1.* | v1.*) old=$version ;;
      *) return 0 ;;
    esac
  done
  complain "expected Docker Compose 2 or newer, found ${old:-none}; install docker-compose from SlackBuilds.org."
  return 1
}

# compose SECONDS ARGUMENT...: Docker Compose on the applied site. A bad line of .env may be quoted in its messages,
# so those that would show a value are cut after the line's number.
compose() {
  compose_bound=$1
  shift
  # shellcheck disable=SC2086  # COMPOSE may be two words
  (cd $PROJECT && bounded "$compose_bound" $COMPOSE "$@")
}

# containers FORMAT [STATE]: those of the site, found by Compose's label, since names may change after a crash.
containers() {
  timeout -k 1 10 docker ps -a ${2:+--filter status=$2} --filter label=com.docker.compose.project=docker-jitsi-meet \
    --format "$1" 2>/dev/null
}

applied() { [ -r $PROJECT/compose.yaml ] && [ -r $PROJECT/.env ]; }

# What a setting of the applied .env files is. They are written by jitsictl, in one quoting.
setting() {
  cat $PROJECT/env/*.env $PROJECT/.env 2>/dev/null | sed -n "s/^$1=['\"]\\{0,1\\}\\([^'\"]*\\).*/\\1/p" | head -n 1
}

# Only an image that is absent is fetched, and it is said before, since it may take minutes.
fetch_absent() {
  images=$(compose 30 config --images) || return 1
  # shellcheck disable=SC2086  # one word an image; all are there as a rule, and one question tells it
  if docker image inspect $images >/dev/null 2>&1; then return 0; fi
  for image in $(echo "$images" | sort -u); do
    if docker image inspect "$image" >/dev/null 2>&1; then continue; fi
    say "fetching $image, which is not on this host ..."
    if ! bounded $PULL_WAIT docker pull -q "$image" >/dev/null; then
      complain "expected to fetch $image, found that it could not be had; the network may be down."
      return 1
    fi
    say "fetched $image, $(docker image inspect -f '{{.Size}}' "$image" | awk '{printf "%.0f MB", $1 / 1000000}')"
  done
}

# One line for each thing Docker is known to say, with what to do.
explain() {
  if grep -qE 'No chain/target/match by that name|Unable to enable (SKIP )?DNAT rule' "$1"; then
    complain "Docker's firewall chains are gone, as after a firewall restart; run: /etc/rc.d/rc.docker restart"
  elif grep -q 'address already in use' "$1"; then
    complain "another program holds a port of the site; see who: ss -lntup"
  fi
}

helper_works() { [ -x $JITSICTL ] && timeout -k 1 20 $JITSICTL --help >/dev/null 2>&1; }

jitsi_start() {
  started=$(now)
  docker_wait "$DOCKER_WAIT" && compose_find || return 1
  if [ -n "$(ls $STATE/change 2>/dev/null)" ]; then
    say "a change has not ended; finishing or undoing it, if it was cut off"
    $JITSICTL recover
    case $? in
      0) ;;
      75) return 75 ;; # it runs, or a child of it does: nothing may be started under its hands
      *) complain "the change could not be brought to its end; starting what is applied." ;;
    esac
  fi
  if ! applied; then
    if [ ! -r $CONF ] || ! grep -q '^[[:space:]]*[A-Z]' $CONF; then
      complain "expected settings in $CONF, found none; make them with: jitsictl setup"
      return 1
    fi
    say "first start: applying $CONF"
    $JITSICTL reseed || return
  else
    fetch_absent || return 1
    say "starting the site"
    log=$(mktemp) || return 1
    # --no-recreate: another version of Compose alone would recreate every container.
    compose 300 up -d --no-recreate >"$log" 2>&1
    result=$?
    if [ $result -ne 0 ]; then
      tail -n 5 "$log" >&2
      explain "$log"
      rm -f "$log"
      return 1
    fi
    rm -f "$log"
  fi
  wait_ready || return 1
  say_edits
  say_pads
  say "$(setting PUBLIC_URL) is up, after $(($(now) - started)) s"
}

# start applies no edit: it says that there is one.
say_edits() {
  if [ -r $CONF ] && ! cmp -s $CONF $STATE/current/jitsi.conf; then
    say "$CONF differs from what is applied; see jitsictl plan, then: /etc/rc.d/rc.jitsi reload"
  fi
}

# start changes no file of the admin's: where meetings would not find their pads it says so, with what repairs it.
say_pads() {
  if [ -z "$(setting ETHERPAD_PUBLIC_URL)" ]; then return 0; fi
  pads=$(timeout -k 1 20 $JITSICTL etherpad check 2>/dev/null)
  if [ $? -eq 3 ]; then complain "$pads"; fi
}

# Wait for the services' own probes, or without the helper for Compose's health.
wait_ready() {
  if ready=$(timeout -k 5 $((HEALTH_WAIT + 60)) $JITSICTL status --wait "$HEALTH_WAIT" 2>&1); then return 0; fi
  if helper_works; then
    echo "$ready" >&2
    complain "expected every service to be ready within $HEALTH_WAIT s; see: cd $PROJECT; $COMPOSE logs --tail 20"
    return 1
  fi
  say "jitsictl does not run; waiting for Docker's health checks instead"
  if ! compose $((HEALTH_WAIT + 10)) up -d --no-recreate --wait --wait-timeout "$HEALTH_WAIT" >/dev/null 2>&1; then
    compose 30 ps -a >&2
    complain "expected every service to be healthy within $HEALTH_WAIT s; see: cd $PROJECT; $COMPOSE logs --tail 20"
    return 1
  fi
}

jitsi_stop() {
  if ! applied; then
    say "nothing is applied; there is nothing to stop."
    return 0
  fi
  docker_wait 0 && compose_find || return 1
  if [ -z "$(containers '{{.ID}}' running)" ]; then
    say "the site is not running."
    return 0
  fi
  say "stopping the site"
  # stop, never down: the containers stay, and dockerd leaves them off at the next boot.
  if ! compose $((STOP_TIMEOUT + 30)) stop -t "$STOP_TIMEOUT" >/dev/null 2>&1; then
    compose 30 ps >&2
    complain "expected every container to stop, found some that did not."
    return 1
  fi
}

# 0 running and healthy, 1 unhealthy, 3 stopped, 4 cannot be known.
jitsi_status() {
  if ! applied; then
    say "nothing is applied yet; make $CONF with jitsictl setup, then: /etc/rc.d/rc.jitsi start"
    return 3
  fi
  docker_wait 0 || return 4
  states=$(containers '{{.Label "com.docker.compose.service"}} {{.State}} {{.Status}}') || return 4
  wanted=$(sed -n 's/^  \([a-z]*\):$/\1/p' $PROJECT/compose.yaml)
  result=3
  bad=
  for service in $wanted; do
    state=$(echo "$states" | sed -n "s/^$service //p")
    case $state in
      running*unhealthy* | restarting*) result=1 bad="$bad $service" ;;
      running*) [ $result -eq 1 ] || result=0 ;;
      *) bad="$bad $service" ;;
    esac
    echo "  $service: ${state:-no container}" | sed 's/: [a-z]* \(.\)/: \1/'
  done
  if [ $result -eq 0 ] && [ -n "$bad" ]; then result=1; fi
  case $result in
    0) say "$(setting PUBLIC_URL) is running, release $(setting JITSI_IMAGE_VERSION)" ;;
    1) say "not well:$bad" ;;
    3) say "stopped" ;;
  esac
  say_edits
  return $result
}

# Both apply an edited jitsi.conf and refuse a wrong one before anything stops.
jitsi_reload() {
  docker_wait "$DOCKER_WAIT" || return 1
  $JITSICTL reseed
}

jitsi_restart() {
  docker_wait "$DOCKER_WAIT" && compose_find || return 1
  $JITSICTL check >/dev/null || return
  jitsi_stop || return
  if applied && cmp -s $CONF $STATE/current/jitsi.conf; then
    jitsi_start
  else
    $JITSICTL reseed && wait_ready && say "$(setting PUBLIC_URL) is up"
  fi
}

jitsi_main() {
  verb=$1
  case $verb in
    start | stop | restart | reload | status) jitsi_"$verb" ;;
    upgrade)
      shift
      docker_wait "$DOCKER_WAIT" && $JITSICTL upgrade "$@" </dev/null # so that it does not ask
      ;;
    rollback) docker_wait "$DOCKER_WAIT" && $JITSICTL rollback ;;
    *)
      echo "Usage: $0 {start|stop|restart|reload|status|upgrade [RELEASE]|rollback}"
      return 2
      ;;
  esac
}
