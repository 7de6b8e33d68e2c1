"""The types of settings: what a value must look like, and the one form in which it is written.

A type is a word, with an argument for some: "bool", "int 1..65535", "enum internal|jwt". Values land unescaped in
HOCON, Lua, JavaScript, nginx's file and shell inside the images (upstream's templates, read tag by tag), so every
type refuses quotes, backslashes and control characters; those that stand in a text of their own say what else.
"""

from __future__ import annotations

from typing import Callable, Dict, NamedTuple, Union

from jitsictl.settings import addresses, fragments, numbers, urls, words
from jitsictl.settings.characters import refuse

# Linux starts no program with a variable of more than 131,071 bytes, its name included: the container would not start.
LONGEST = 100_000


class Kind(NamedTuple):
    """How a type reads a value, and what to write, in words: either may depend on the type's argument."""

    read: Callable[[str, str], str]
    means: Union[str, Callable[[str], str]]
    own_characters: bool = False  # it sees to quotes and control characters by itself


def normalise(kind: str, value: str) -> str:
    """`value` in the form in which it is written for the services.

    ValueError: what is wrong and what would be right, to be read behind the setting's name. The text
    repeats items of a list at most, never what could be a secret.
    """
    word, _, argument = kind.partition(" ")
    found = KINDS[word]
    length = len(value.encode("utf-8", "replace"))
    if length > LONGEST:
        raise ValueError(f"has {length} bytes, more than a container's environment takes; write at most {LONGEST}")
    if not found.own_characters:
        refuse(value)
    return found.read(value, argument)


def meaning(kind: str) -> str:
    """What a value of this type looks like, in words."""
    word, _, argument = kind.partition(" ")
    means = KINDS[word].means
    return means if isinstance(means, str) else means(argument)


def _switch(argument: str) -> str:
    return "0; 1 is not built yet" if argument == "unbuilt" else "1 or 0"


def _range(argument: str) -> str:
    bounds, _, word = argument.partition("|")
    low, _, high = bounds.partition("..")
    return f"{numbers.between(low, high).lstrip()}" + (f", or {word}" if word else "")


def _integer(argument: str) -> str:
    return f"a whole number {_range(argument)}"


def _number(argument: str) -> str:
    return f"a number {_range(argument)}"


def _enum(argument: str) -> str:
    coming = [choice[1:] for choice in argument.split("|") if choice.startswith("!")]
    ready = words.ready(argument)
    said = f"one of {', '.join(ready)}" if len(ready) > 1 else ready[0]
    return f"{said}; not built yet: {', '.join(coming)}" if coming else said


def _some(argument: str) -> str:
    return f"some of {', '.join(argument.split('|'))}, with commas between them"


def _array(argument: str) -> str:
    if argument:
        return f"{_some(argument)}, the preferred one first"
    return "words, with commas between them"


def _ip(argument: str) -> str:
    return {"": "an IP address", "v4": "an IPv4 address"}.get(argument, f"an IP address, or {argument}")


def _image(argument: str) -> str:
    return "an image with its tag" if argument else "a registry and folder"


def _url(argument: str) -> str:
    return "a URL: " + " or ".join(f"{scheme}://" for scheme in (argument or "http|https").split("|"))


def _urls(argument: str) -> str:
    return f"{_url(argument)}; more of them with commas between"


def _hosts(argument: str) -> str:
    port = "" if argument == "bare" else "; each may have :PORT behind it"
    return f"host names, with commas between them{port}"


def _words(argument: str) -> str:
    return f"words, with {'blanks' if argument == 'blank' else 'commas'} between them"


def _secret(argument: str) -> str:
    return "text on one line" if argument == "line" else "text without blanks and quotes"


def _prose(argument: str) -> str:
    return "any text on one line" if argument == "line" else "any text"


def _lua(argument: str) -> str:
    return {
        "commas": "NAME = VALUE in Lua, with commas between them and ; inside tables",
        "lines": "NAME = VALUE in Lua, with \\n between them",
        "items": "items of a Lua table, with \\n or ; between them",
    }[argument]


def _hocon(argument: str) -> str:
    return "HOCON, as it stands between the brackets of a list" if argument else "a HOCON value"


KINDS: Dict[str, Kind] = {
    "bool": Kind(numbers.switch, _switch),
    "int": Kind(numbers.integer, _integer),
    "number": Kind(numbers.number, _number),
    "range": Kind(numbers.span, "two numbers with - between them"),
    "duration": Kind(numbers.duration, "a time with its unit: 90 seconds, 15 minutes, 24 hours"),
    "memory": Kind(numbers.memory, "an amount of memory: 3072m or 3g"),
    "rate": Kind(numbers.rate, "a rate: 10kb/s"),
    "bitrate": Kind(numbers.bitrate, "a bit rate: 2976k or 3M"),
    "port": Kind(addresses.port, "a port number"),
    "listen": Kind(addresses.listen, "ADDRESS:PORT"),
    "ip": Kind(addresses.ip, _ip),
    "ips": Kind(addresses.ips, "IP addresses, with commas between them; each may have #PORT behind it"),
    "cidr": Kind(addresses.cidr, "a network such as 172.16.0.0/12"),
    "cidrs": Kind(addresses.cidrs, "addresses or networks such as 172.16.0.0/12, with commas between them"),
    "host": Kind(addresses.host, "a host name"),
    "hosts": Kind(addresses.hosts, _hosts),
    "resolver": Kind(addresses.resolver, "name servers with blanks between them, and valid=TIME behind"),
    "email": Kind(addresses.email, "an e-mail address"),
    "jid": Kind(addresses.jid, "an XMPP address: name@domain"),
    "jids": Kind(addresses.jids, "XMPP addresses, name@domain, with commas between them"),
    "sip": Kind(addresses.sip, "a SIP account or a number"),
    "url": Kind(urls.url, _url),
    "urls": Kind(urls.urls, _urls),
    "base": Kind(urls.base, _url),
    "site": Kind(urls.site, "https:// and a host name"),
    "origin": Kind(urls.origin, "* or an address without a path: https://www.example.com"),
    "authority": Kind(urls.authority, "a name such as letsencrypt, or an https:// address"),
    "timezone": Kind(words.timezone, "a name below /usr/share/zoneinfo"),
    "language": Kind(words.language, "a language code such as en or pt-BR"),
    "enum": Kind(words.enum, _enum),
    "choices": Kind(words.choices, _some),
    "list": Kind(words.listing, "items without blanks, with commas between them"),
    "word": Kind(words.word, "one word"),
    "name": Kind(words.name, "a name: letters, digits and . _ / @ : -"),
    "words": Kind(words.words, _words),
    "flags": Kind(words.flags, "flags such as --kiosk, with commas between them"),
    "path": Kind(words.path, "an absolute path"),
    "colour": Kind(words.colour, "a colour such as #336699"),
    "folder": Kind(words.folder, "a path without a slash in front"),
    "image": Kind(words.image, _image),
    "release": Kind(words.release, "a release tag"),
    "ciphers": Kind(words.ciphers, "names of ciphers, with : between them"),
    "dn": Kind(words.distinguished_name, "a distinguished name: ou=people,dc=example,dc=com", own_characters=True),
    "filter": Kind(words.ldap_filter, "an LDAP filter", own_characters=True),
    "regex": Kind(words.regex, "a regular expression without quotes and backslashes"),
    "secret": Kind(words.secret, _secret, own_characters=True),
    "header": Kind(words.header, "text without double quotes and $", own_characters=True),
    "pem": Kind(words.pem, "a key, with \\n for its line breaks", own_characters=True),
    "text": Kind(words.text, "text without quotes", own_characters=True),
    "line": Kind(words.line, "text on one line", own_characters=True),
    "prose": Kind(words.prose, _prose, own_characters=True),
    "lua": Kind(fragments.lua, _lua, own_characters=True),
    "hocon": Kind(fragments.hocon, _hocon, own_characters=True),
    "javascript": Kind(fragments.javascript, "a JSON object", own_characters=True),
    "comment": Kind(
        fragments.comment, "comments of JavaScript: // and text, with \\n between them", own_characters=True
    ),
    "array": Kind(fragments.array, _array, own_characters=True),
    "properties": Kind(fragments.properties, "NAME=VALUE, with commas between them", own_characters=True),
}
