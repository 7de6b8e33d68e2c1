"""The applied compose.yaml: the package's pieces merged into one file, so that a `down` forgets nothing."""

from __future__ import annotations

import copy
import functools
import re
from typing import Any, Dict, Iterable, List, Mapping, Set

import yaml

from jitsictl.types.failure import Failure
from jitsictl.types.site import DIGEST_LABEL

EVERY_SERVICE = "every-service.yaml"
_VARIABLE = re.compile(r"(?<!\$)\$\{([A-Z][A-Z0-9_]*)\}")
# libyaml's where PyYAML was built with it: a tenth of the time, and the same text.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

Document = Dict[str, Any]


def merge(pieces: Mapping[str, str], layout: str, services: Iterable[str], options: Iterable[str] = ()) -> Document:
    """One Compose document for `services`, in their order.

    `pieces` are the texts of compose/*.yaml by file name; an option is a block of the layout's piece or of a
    service's, as `x-own-tls`. Both may bring networks. Failure: a piece is missing or is no YAML.
    """
    wanted = list(services)
    common = _piece(pieces, EVERY_SERVICE)
    documents = [_piece(pieces, layout), *(_piece(pieces, f"{name}.yaml") for name in wanted)]
    parts = [documents[0], *(each[option] for option in options for each in documents if option in each)]
    document: Document = {key: value for key, value in common.items() if key != "services"}
    document["services"] = {}
    for part in (*documents[1:], *parts[1:]):
        document["networks"] = _deep_merge(document["networks"], part.get("networks", {}))
    for name in wanted:
        service = copy.deepcopy(common["services"]["*"])
        for piece in (_piece(pieces, f"{name}.yaml"), *parts):
            service = _deep_merge(service, piece["services"].get(name, {}))
        service["depends_on"] = [peer for peer in service.get("depends_on", []) if peer in wanted]
        if not service["depends_on"]:
            del service["depends_on"]
        document["services"][name] = service
    return document


def variables(document: Any) -> List[str]:
    """The names that Compose will look up for this document or part of one, sorted."""
    found: Set[str] = set()
    _collect(document, found)
    return sorted(found)


def dump(document: Document, digests: Mapping[str, str]) -> str:
    """The document as text, each service labelled with the digest that says when it must be recreated."""
    labelled = copy.deepcopy(document)
    for name, service in labelled["services"].items():
        service.setdefault("labels", {})[DIGEST_LABEL] = digests[name]
    body: str = yaml.dump(
        labelled, Dumper=_DUMPER, sort_keys=False, default_flow_style=False, width=120, allow_unicode=True
    )
    return (
        "# Made by jitsictl from compose/*.yaml and jitsi.conf; it is replaced by the next reseed or upgrade.\n" + body
    )


def digests(text: str) -> Dict[str, str]:
    """The digest labels of a compose.yaml that `dump` wrote, by service in the file's order."""
    return {name: service["labels"][DIGEST_LABEL] for name, service in _load(text)["services"].items()}


def images(text: str) -> Dict[str, str]:
    """The images of a compose.yaml by service, with their variables as they stand there."""
    return {name: service["image"] for name, service in _load(text)["services"].items()}


def definitions(text: str) -> Dict[str, Document]:
    """The services of a compose.yaml, each without its digest label. ValueError: it is no Compose file."""
    try:
        services = {name: dict(service) for name, service in _load(text)["services"].items()}
        for service in services.values():
            labels = {key: value for key, value in (service.get("labels") or {}).items() if key != DIGEST_LABEL}
            service["labels"] = labels
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(_one_line(error)) from None
    return services


def filled(text: str, values: Mapping[str, str]) -> str:
    """`text` as Compose reads it, with the values of its variables; one that has none is empty."""
    return _VARIABLE.sub(lambda match: values.get(match.group(1), ""), text)


def override_services(text: str, file: str) -> Dict[str, Any]:
    """What the admin's override says of each service. Failure: it is no Compose file."""
    try:
        document = _load(text) if text.strip() else {}
        services = document.get("services") or {}
        return dict(services)
    except (yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
        raise Failure(f"{file} is no Compose file: {_one_line(error)}") from None


@functools.lru_cache(maxsize=32)
def _load(text: str) -> Document:
    """A YAML document, read once however often it is asked for: nobody may change it."""
    document: Document = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe one
    return document


def _piece(pieces: Mapping[str, str], name: str) -> Document:
    if name not in pieces:
        raise Failure(f"expected the Compose piece compose/{name}, found none; is the package installed whole?")
    try:
        document = _load(pieces[name])
    except yaml.YAMLError as error:
        raise Failure(
            f"compose/{name} is no YAML: {_one_line(error)}; it belongs to the package: reinstall it"
        ) from None
    return document


def _deep_merge(base: Any, more: Any) -> Any:
    """Mappings are merged, lists are joined, anything else is replaced."""
    if isinstance(base, dict) and isinstance(more, dict):
        merged = dict(base)
        for key, value in more.items():
            merged[key] = _deep_merge(base[key], value) if key in base else copy.deepcopy(value)
        return merged
    if isinstance(base, list) and isinstance(more, list):
        return [*base, *more]
    return copy.deepcopy(more)


def _collect(node: Any, found: Set[str]) -> None:
    if isinstance(node, dict):
        for value in node.values():
            _collect(value, found)
    elif isinstance(node, list):
        for value in node:
            _collect(value, found)
    elif isinstance(node, str):
        found.update(_VARIABLE.findall(node))


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
