"""What the host's Apache is like, seen from the file that we would give it; nothing is changed."""

from __future__ import annotations

import difflib
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import AbstractSet, FrozenSet, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from jitsictl.doors import certificate, files, httpd, ports
from jitsictl.doors.process import CommandFailed
from jitsictl.plan import vhost
from jitsictl.plan.vhost import Around
from jitsictl.types.failure import Failure
from jitsictl.types.paths import Paths
from jitsictl.types.settings import Settings

INSTALLED = "/etc/httpd/extra/httpd-jitsi.conf"  # as httpd.conf names it
MARK = "# Jitsi Meet; `jitsictl vhost --remove` takes these two lines away again."
BLOCK = f"{MARK}\nIncludeOptional {INSTALLED}".encode()
DRIFTED = "the Apache file is not what jitsi.conf asks for: see jitsictl vhost --diff, write it with --install"


class Look(NamedTuple):
    """`text` is the file for this host. `problems` keep it from being installed, `warnings` do not.

    `ports` are those where httpd must listen with it.
    """

    text: str
    problems: Tuple[str, ...]
    warnings: Tuple[str, ...] = ()
    ports: FrozenSet[int] = frozenset()


def rendered(paths: Paths, settings: Settings) -> str:
    """The file for this host; where it has no httpd, for one as Slackware ships it.

    Failure: a bad value, or httpd's configuration is wrong, so that nobody knows what it has already.
    """
    try:
        around = _around(paths, httpd.included(paths))
    except httpd.Missing:
        around = Around()
    return _text(settings, around)


def drift(paths: Paths, settings: Settings) -> List[str]:
    """The lines of a diff from what is installed to what jitsi.conf asks for; empty: they are the same.

    Failure: as `rendered`.
    """
    there = files.read_text(paths.vhost)
    lines = list(
        difflib.unified_diff(
            (there or "").splitlines(), rendered(paths, settings).splitlines(), str(paths.vhost), "jitsi.conf asks for",
            lineterm="",
        )
    )  # fmt: skip
    if there is not None and not _is_included(paths):
        lines.append(f"# {paths.httpd_conf} does not include it: write the line with jitsictl vhost --install")
    return lines


def look(paths: Paths, settings: Settings, challenge: bool = False) -> Look:
    """Everything at once; `challenge` as in `install`. Failure: a value cannot stand in Apache's file."""
    missing = [(host, list(pair_problems(paths, host))) for host in vhost.hosts(settings)]
    without = frozenset(host for host, wrong in missing if wrong) if challenge else frozenset()
    problems = list(dict.fromkeys(line for host, wrong in missing if host not in without for line in wrong))
    if challenge and not without:
        problems = ["expected a certificate to be missing, found all there are to be; run jitsictl vhost --install"]
    problems += _setting_problems(settings)
    needed = vhost.CHALLENGE_MODULES if len(without) == len(missing) else vhost.MODULES
    listened = frozenset({vhost.HTTP, *vhost.ports(settings, without)})
    try:
        problems += _version_problems(paths)
        here = httpd.included(paths)
    except httpd.Missing as failure:
        return Look("", (*problems, failure.what))
    except CommandFailed as failure:
        what = f"expected httpd to like its configuration as it is, found otherwise; correct it first:\n{failure.what}"
        return Look("", (*problems, what, *_module_problems(paths, needed, None)))
    around = _around(paths, here)
    hosts = [host for host in httpd.virtual_hosts(paths) if _file(host.place) != str(paths.vhost)]
    problems += _module_problems(paths, needed, httpd.modules(paths))
    problems += [*_name_problems(settings, hosts, listened), *_port_problems(listened, around)]
    warnings = _warnings(settings, hosts) if len(without) < len(missing) else ()
    return Look(_text(settings, around, without), tuple(problems), tuple(warnings), listened)


def _text(settings: Settings, around: Around, without: AbstractSet[vhost.Host] = frozenset()) -> str:
    try:
        return vhost.text(settings, around, without)
    except ValueError as error:
        raise Failure(f"jitsi.conf: {error}") from None


def _around(paths: Paths, included: Sequence[Path]) -> Around:
    """Read from the files, since httpd does not tell. A Listen inside an <If...> that is false counts as one."""
    others = [path for path in included if path not in (paths.vhost, Path(INSTALLED))]
    text = b"\n".join(files.read_bytes(path) or b"" for path in others).decode("utf-8", "replace")
    found = re.findall(r"^[ \t]*Listen[ \t]+\"?(?:\S+:)?([0-9]+)\"?(?:[ \t]|$)", text, re.MULTILINE | re.IGNORECASE)
    return Around(frozenset(map(int, found)))


def _is_included(paths: Paths) -> bool:
    if BLOCK in (files.read_bytes(paths.httpd_conf) or b""):
        return True
    try:
        return paths.vhost in httpd.included(paths)
    except Failure:
        return False


def _version_problems(paths: Paths) -> Iterator[str]:
    found = httpd.version(paths)
    if found < vhost.OLDEST:
        wanted, have = (".".join(map(str, numbers)) for numbers in (vhost.OLDEST, found))
        yield f"expected httpd {wanted} or newer, for upgrade=websocket, found {have or 'no version'}; upgrade it"


def pair_problems(paths: Paths, host: vhost.Host) -> Iterator[str]:
    """Why httpd cannot have certificate and key of a host."""
    first = "get one, for which jitsictl vhost --challenge lets httpd serve an ACME client's answers,"
    pair = (
        ("TLS_CERTIFICATE", host.certificate, "certificate", first),
        ("TLS_KEY", host.key, "private key", "put it there,"),
    )
    both = []
    for name, file, what, todo in pair:
        path = paths.root / file.lstrip("/")
        if not files.readable(path):
            yield f"expected to read the {what} {path}, found that this user may not; run this as root"
        elif not files.is_file(path):
            setting = f"{host.prefix}{name}"
            yield f"expected the {what} in {path}, found no such file; {todo} or write {setting} in jitsi.conf"
        else:
            both.append(path)
    wrong = certificate.wrong_pair(both[0], both[1]) if len(both) == len(pair) else None
    if wrong:
        yield f"expected {both[0]} and {both[1]} to be a pair, found: {wrong}; httpd would not start with them"


def _setting_problems(settings: Settings) -> Iterator[str]:
    if settings.on("ENABLE_HTTP_REDIRECT"):
        yield "expected ENABLE_HTTP_REDIRECT=0, found 1, which behind Apache redirects for ever; change jitsi.conf"


def _module_problems(paths: Paths, needed: Sequence[str], loaded: Optional[AbstractSet[str]]) -> Iterator[str]:
    """`loaded` None: httpd does not say, since its configuration is wrong; then only what stands behind a # is told.

    That is often the reason: mod_proxy_http does not even load without mod_proxy.
    """
    conf = (files.read_bytes(paths.httpd_conf) or b"").decode("utf-8", "replace")
    if loaded is None:
        loaded = set(needed) - set(re.findall(r"^\s*#\s*LoadModule\s+(\w+)_module\s", conf, re.MULTILINE))
    for name in needed:
        if name not in loaded:
            yield f"expected httpd to load {name}, found that it does not; {_load(conf, name, paths.httpd_conf)}"


def _load(conf: str, name: str, path: Path) -> str:
    """What to do about a module: the very line to uncomment where httpd.conf has it."""
    for number, line in enumerate(conf.splitlines(), start=1):
        if re.match(rf"\s*#\s*LoadModule\s+{name}_module\s", line):
            return f"take the # away in {path}:{number}: {line.strip()}"
    folder = re.search(r"^\s*#?\s*LoadModule\s+\w+\s+(\S+)/mod_", conf, re.MULTILINE)
    file = f"{folder.group(1) if folder else 'lib64/httpd/modules'}/mod_{name}.so"
    return f"write in {path}: LoadModule {name}_module {file}"


def _name_problems(settings: Settings, hosts: Sequence[httpd.VirtualHost], listened: AbstractSet[int]) -> Iterator[str]:
    """The first of two hosts with one name gets every request."""
    for ours in vhost.hosts(settings):
        wanted = {str(port) for port in listened & {vhost.HTTP, ours.port}}
        places = {
            each.place
            for each in hosts
            if each.address.rpartition(":")[2] in wanted and any(fnmatch(ours.name, name) for name in _names(each))
        }
        for place in sorted(places):
            found = f"found one at {place}, which hides ours"
            yield f"expected no other virtual host for {ours.name}, {found}; take it away"


def _names(host: httpd.VirtualHost) -> List[str]:
    """Its name, and its aliases from the file: of a host that is alone on its address httpd does not tell them."""
    file, _, line = host.place.rpartition(":")
    text = (files.read_bytes(Path(file)) or b"").decode("utf-8", "replace")
    inside = re.split(r"(?im)^\s*</VirtualHost", "\n".join(text.splitlines()[int(line) - 1 :]), maxsplit=1)[0]
    aliases = re.findall(r"(?im)^[ \t]*ServerAlias[ \t]+(.+)$", inside)
    return [name.lower() for name in (host.name, *" ".join(aliases).replace('"', "").split())]


def _port_problems(listened: AbstractSet[int], around: Around) -> Iterator[str]:
    """A Listen on a port that another program has ends httpd at its graceful restart, all sites of the host with it."""
    for port in sorted(listened - around.ports):
        holder = ports.holder("", port, "tcp")
        if holder is not None and not holder.startswith(("httpd ", "apache2 ")):
            yield f"expected port {port} to be free for httpd, found {holder} on it; stop that"


def _warnings(settings: Settings, hosts: Sequence[httpd.VirtualHost]) -> Iterator[str]:
    host = vhost.hosts(settings)[0].name
    if not any(each.address.endswith(f":{vhost.HTTP}") for each in hosts):
        yield (
            f"no other virtual host has port {vhost.HTTP}, so every name that leads here will be sent to {host}; "
            "a site of httpd.conf itself needs a <VirtualHost *:80> of its own, before the line that is added"
        )


def _file(place: str) -> str:
    return place.rpartition(":")[0]
