"""Writes images straight into a storage directory of docker-registry (distribution v2, filesystem driver).

No Docker is needed to make images: a layer is a tar, an image a JSON text that names layers, a tag a file
that names the image. The layout is that of distribution's storage driver paths.
"""
from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any, Dict, Sequence, Tuple

from bed.images.layers import Blob

_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.docker.container.image.v1+json"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar"
# Images carry no time of their own: the same sources give the same digest.
_CREATED = "2026-01-01T00:00:00Z"


class Storage:
    """A storage directory being filled."""

    def __init__(self, root: Path) -> None:
        self._root = root / "docker/registry/v2"

    def _blob_path(self, digest: str) -> Path:
        path = self._root / "blobs/sha256" / digest[:2] / digest / "data"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _link(self, digest: str, *folders: str) -> None:
        path = self._root.joinpath("repositories", *folders, "link")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"sha256:{digest}")

    def _layer(self, repository: str, blob: Blob) -> Dict[str, Any]:
        path = self._blob_path(blob.digest)
        if not path.exists():
            os.link(blob.path, path)
        self._link(blob.digest, repository, "_layers/sha256", blob.digest)
        return {"mediaType": _LAYER, "size": blob.size, "digest": f"sha256:{blob.digest}"}

    def _text(self, value: Dict[str, Any]) -> Tuple[str, int]:
        data = json.dumps(value, sort_keys=True, indent=1).encode()
        digest = hashlib.sha256(data).hexdigest()
        self._blob_path(digest).write_bytes(data)
        return digest, len(data)

    def image(self, repository: str, tag: str, layers: Sequence[Blob], config: Dict[str, Any]) -> str:
        """Add `repository:tag` of these layers, `config` as in the image specification; its digest (hex)."""
        config_digest, config_size = self._text({
            "architecture": "amd64", "os": "linux", "created": _CREATED, "config": config,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{blob.digest}" for blob in layers]},
            "history": [{"created": _CREATED} for _ in layers]})
        self._link(config_digest, repository, "_layers/sha256", config_digest)
        manifest, _ = self._text({
            "schemaVersion": 2, "mediaType": _MANIFEST,
            "config": {"mediaType": _CONFIG, "size": config_size, "digest": f"sha256:{config_digest}"},
            "layers": [self._layer(repository, blob) for blob in layers]})
        self._link(manifest, repository, "_manifests/revisions/sha256", manifest)
        self._link(manifest, repository, "_manifests/tags", tag, "current")
        self._link(manifest, repository, "_manifests/tags", tag, "index/sha256", manifest)
        return manifest
