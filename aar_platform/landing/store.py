"""Records as received, on disk: one folder per source, object and partition.

A partition holds a Parquet file per file received and a manifest that names them. The manifest is
replaced in one step after its files are written, so a reader sees the old partition or the new one,
and what an interrupted write left is removed by the next.
"""

import hashlib
import json
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aar_platform.landing.encryption import KEY_NAME, openssl_extension, parquet_key, quoted

if TYPE_CHECKING:
    import duckdb
    import pyarrow

MANIFEST = "manifest.json"
# A file that only the landing's key opens, so that nothing is written with another.
PROOF = "key.parquet"
UNPARTITIONED = "all"


@dataclass(frozen=True)
class Arrival:
    """A file to land: its name, fingerprint of content and reading options, and how to open it.

    `open` gives the records as Arrow batches and a function that tells, once they have been read,
    how; it is called only when the fingerprint is new.
    """

    name: str
    fingerprint: str
    open: Callable[[], tuple["pyarrow.RecordBatchReader", Callable[[], dict[str, Any]]]]


@dataclass(frozen=True)
class LandedFile:
    """A file in the landing: where it stands, its rows, its columns with types, how it was read."""

    name: str
    fingerprint: str
    parquet: str
    rows: int
    columns: dict[str, str]
    extracted_at: str
    reading: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LandedPartition:
    """What landing a partition did."""

    files: tuple[LandedFile, ...]
    is_changed: bool

    @property
    def rows(self) -> int:
        """Rows in all files of the partition."""
        return sum(file.rows for file in self.files)


class LandingKeyWrong(ValueError):
    """The landing was written with another key, or with one where none is set."""


def file_fingerprint(path: Path, options: str) -> str:
    """SHA-256 over a file's bytes and the options it is read with."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    digest.update(options.encode())
    return digest.hexdigest()


class Landing:
    """The landing under one folder; Parquet is encrypted when a passphrase is given."""

    def __init__(self, root: Path, passphrase: str | None = None) -> None:
        self.root = root
        self.passphrase = passphrase
        self._connection: duckdb.DuckDBPyConnection | None = None

    def land(
        self, source: str, object_name: str, partition: str | None, arrivals: Sequence[Arrival]
    ) -> LandedPartition:
        """Make a partition hold exactly these files; files whose fingerprint it has stay as is.

        The whole partition changes in one step or not at all: an error while a file is read leaves
        the partition as it was.
        """
        folder = self._folder(source, object_name, partition)
        before = {file.fingerprint: file for file in self._manifest(folder)}
        self._remove_leftovers(folder, {file.parquet for file in before.values()})
        files: list[LandedFile] = []
        for arrival in arrivals:
            known = before.get(arrival.fingerprint)
            if known and known.name == arrival.name:
                files.append(known)
            else:
                files.append(self.write(source, object_name, partition, arrival))
        if files == list(before.values()):
            return LandedPartition(tuple(files), is_changed=False)
        self.keep(source, object_name, partition, files)
        return LandedPartition(tuple(files), is_changed=True)

    def keep(
        self, source: str, object_name: str, partition: str | None, files: Sequence[LandedFile]
    ) -> None:
        """Make a partition hold exactly these files, which are written, in one step."""
        folder = self._folder(source, object_name, partition)
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"{MANIFEST}.partial"
        draft.write_text(json.dumps({"files": [asdict(file) for file in files]}, indent=1))
        with draft.open("rb") as stream:
            os.fsync(stream.fileno())
        draft.replace(folder / MANIFEST)
        self._remove_leftovers(folder, {file.parquet for file in files})

    def new_file(self, source: str, object_name: str, partition: str | None) -> tuple[str, Path]:
        """A name for a Parquet file in a partition, and the path to write it to."""
        folder = self._folder(source, object_name, partition)
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{uuid.uuid4().hex}.parquet"
        return name, folder / name

    def partition(
        self, source: str, object_name: str, partition: str | None
    ) -> tuple[LandedFile, ...]:
        """The files of a partition; empty where nothing has landed."""
        return tuple(self._manifest(self._folder(source, object_name, partition)))

    def partitions(self, source: str, object_name: str) -> list[str]:
        """Keys of all partitions that have landed, in order."""
        folder = self.root / source / object_name
        return sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}"))

    def parquet_path(
        self, source: str, object_name: str, partition: str | None, file: LandedFile
    ) -> Path:
        """Where a landed file's Parquet stands."""
        return self._folder(source, object_name, partition) / file.parquet

    def _folder(self, source: str, object_name: str, partition: str | None) -> Path:
        return self.root / source / object_name / (partition or UNPARTITIONED)

    def _manifest(self, folder: Path) -> Iterator[LandedFile]:
        path = folder / MANIFEST
        if path.exists():
            for file in json.loads(path.read_text())["files"]:
                yield LandedFile(**file)

    def _remove_leftovers(self, folder: Path, kept: set[str]) -> None:
        for path in folder.glob("*.parquet*"):
            if path.name not in kept:
                path.unlink()

    def write(
        self, source: str, object_name: str, partition: str | None, arrival: Arrival
    ) -> LandedFile:
        """Write a file beside those of a partition; `keep` makes it one of them."""
        import pyarrow

        reader, reading = arrival.open()
        failures: list[Exception] = []

        def batches() -> "Iterator[pyarrow.RecordBatch]":
            # DuckDB turns an exception of the stream into text of its own: keep the real one.
            try:
                yield from reader
            except Exception as failure:
                failures.append(failure)
                raise

        stream = pyarrow.RecordBatchReader.from_batches(reader.schema, batches())
        name, target = self.new_file(source, object_name, partition)
        connection = self.connection()
        connection.register("arrived", stream)
        try:
            written = connection.execute(
                "copy (select *, row_number() over () as _row from arrived) "
                f"to {quoted(str(target))} ({self.options()})"
            ).fetchone()
        except Exception:
            if failures:
                raise failures[0] from None
            raise
        finally:
            connection.unregister("arrived")
        return LandedFile(
            name=arrival.name,
            fingerprint=arrival.fingerprint,
            parquet=name,
            rows=int(written[0]) if written else 0,
            columns={field.name: str(field.type) for field in reader.schema},
            extracted_at=datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="microseconds"),
            reading=reading(),
        )

    def connection(self) -> "duckdb.DuckDBPyConnection":
        """The engine that writes and reads the landing, with its key."""
        import duckdb

        if self._connection is None:
            self._connection = duckdb.connect()
            self._connection.execute("set memory_limit = '1GB'")
            # A stream has one reader; without idle threads a small file takes 6 ms instead of 9.
            self._connection.execute("set threads = 1")
            # Pages are read once: kept in memory, a million records were 200 MB.
            self._connection.execute("set enable_external_file_cache = false")
            # Never a plain copy of a record outside the landing.
            self._connection.execute("set temp_directory = ''")
            unlock(self._connection, self.passphrase)
            self._prove_key(self._connection)
        return self._connection

    def options(self, compression: str = "zstd") -> str:
        """How the landing's Parquet is written, for DuckDB's COPY."""
        key = f", encryption_config {{footer_key: {quoted(KEY_NAME)}}}" if self.passphrase else ""
        return f"format parquet, compression {compression}{key}"

    def _prove_key(self, connection: "duckdb.DuckDBPyConnection") -> None:
        """Raises LandingKeyWrong where the landing was begun with another key or without one."""
        import duckdb

        self.root.mkdir(parents=True, exist_ok=True)
        proof = self.root / PROOF
        if not proof.exists():
            draft = self.root / f"{PROOF}.{uuid.uuid4().hex}"
            connection.execute(f"copy (select 1) to {quoted(str(draft))} ({self.options()})")
            draft.replace(proof)
            return
        key = f", encryption_config = {{footer_key: {quoted(KEY_NAME)}}}" if self.passphrase else ""
        try:
            connection.execute(f"select * from read_parquet({quoted(str(proof))}{key})").fetchall()
        except duckdb.Error:
            raise LandingKeyWrong(
                f"{self.root.name}: it was begun with another key, or without one; set the key it "
                "was begun with, or remove the folder and extract everything again"
            ) from None


def unlock(connection: "duckdb.DuckDBPyConnection", passphrase: str | None) -> None:
    """Let a DuckDB connection read and write encrypted Parquet of the landing."""
    if passphrase:
        connection.execute(f"load {quoted(str(openssl_extension()))}")
        connection.execute(
            f"pragma add_parquet_key({quoted(KEY_NAME)}, {quoted(parquet_key(passphrase))})"
        )
