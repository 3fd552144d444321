"""Where landing keeps its files: a local folder or an object store, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem
from fsspec.spec import AbstractFileSystem

from kpi_pipeline.errors import StoreUnavailable


class Store:
    """Files below a root, by path relative to it. Every failure of the storage is a StoreUnavailable.

    On a local disk a file is written under another name, flushed and renamed, so that a crash or a full disk never
    leaves half of it; an object store shows an object only once it is whole.
    """

    def __init__(self, root: str | Path, filesystem: AbstractFileSystem | None = None) -> None:
        found, path = url_to_fs(str(root))
        self.filesystem: AbstractFileSystem = filesystem or found
        self.root: str = path.rstrip("/")
        self.local = isinstance(self.filesystem, LocalFileSystem)

    def url(self, path: str) -> str:
        """What a reader (DuckDB, Spark) opens."""
        whole = f"{self.root}/{path}"
        return whole if self.local else str(self.filesystem.unstrip_protocol(whole))

    def publish(self, file: Path, path: str) -> None:
        """Make a finished local file visible at `path`."""
        with self._doing("write", path):
            target = f"{self.root}/{path}"
            if not self.local:
                self.filesystem.put_file(str(file), target)
                return
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            with self._written_whole(target) as temporary:
                self.filesystem.put_file(str(file), temporary)
                _flush(Path(temporary))
                Path(temporary).replace(target)

    def create(self, path: str, content: bytes) -> bool:
        """Write a small file whole if there is none of that name yet; False if another process was first."""
        with self._doing("write", path):
            target = f"{self.root}/{path}"
            try:
                if not self.local:
                    self.filesystem.pipe_file(target, content, mode="create")
                    return True
                Path(target).parent.mkdir(parents=True, exist_ok=True)
                with self._written_whole(target) as temporary:
                    self.filesystem.pipe_file(temporary, content)
                    _flush(Path(temporary))
                    os.link(temporary, target)
            except FileExistsError:
                return False
            return True

    def read(self, path: str) -> bytes:
        with self._doing("read", path):
            content: bytes = self.filesystem.cat_file(f"{self.root}/{path}")
            return content

    def exists(self, path: str) -> bool:
        with self._doing("look for", path):
            return bool(self.filesystem.exists(f"{self.root}/{path}"))

    def files(self, folder: str) -> dict[str, datetime]:
        """Every file below a folder with the instant it was written; nothing for a folder that is not there."""
        with self._doing("list", folder):
            whole = f"{self.root}/{folder}"
            self.filesystem.invalidate_cache()
            if not self.filesystem.exists(whole):
                return {}
            found = self.filesystem.find(whole, detail=True)
            return {name.removeprefix(f"{self.root}/"): _written(info) for name, info in found.items()}

    def remove(self, path: str) -> None:
        """Remove a file; one that is already gone is fine, since two cleaners may meet."""
        with self._doing("remove", path), suppress(FileNotFoundError):
            self.filesystem.rm_file(f"{self.root}/{path}")

    @contextmanager
    def _written_whole(self, target: str) -> Iterator[str]:
        temporary = f"{target}.{uuid4().hex}.tmp"
        try:
            yield temporary
        finally:
            Path(temporary).unlink(missing_ok=True)

    @contextmanager
    def _doing(self, verb: str, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as fault:
            raise StoreUnavailable(
                f"{verb} {path} in the landing storage {self.root}",
                f"{type(fault).__name__}: {fault.strerror or fault}",
                remedy="Check that the storage is there, writable and has room; nothing of this load was committed.",
            ) from fault


def _flush(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


def _written(info: dict[str, object]) -> datetime:
    stamp = info.get("mtime") or info.get("LastModified") or info.get("updated") or info.get("created")
    if isinstance(stamp, datetime):
        return stamp.astimezone(UTC)
    if isinstance(stamp, int | float):
        return datetime.fromtimestamp(stamp, UTC)
    return datetime.fromisoformat(str(stamp)).astimezone(UTC)
