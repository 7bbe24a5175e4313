"""A file as bytes: its compression and format, told by content before name. Nothing is ever
unpacked to disk, so that an encrypted landing leaves no plain text behind."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from aar_platform.sources.files.refusal import FileRefused

COMPRESSIONS = {b"\x1f\x8b": "gzip", b"BZh": "bz2", b"\x28\xb5\x2f\xfd": "zstd"}
SUFFIXES = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd"}
FORMATS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".txt": "txt",
    ".json": "json",
    ".geojson": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xlsb": "xlsb",
    ".xls": "xls",
    ".ods": "ods",
}
TEXT_FORMATS = {"csv", "tsv", "txt"}
SPREADSHEETS = {"xlsx", "xlsb", "xls", "ods"}
READABLE = "csv, tsv, txt, json, jsonl, parquet, xlsx, xls, ods, each also .gz or .bz2"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Container:
    """A file whose compression and format are known. head: its first 4 kB, uncompressed."""

    path: Path
    format: str
    compression: str | None
    head: bytes

    def open(self) -> pa.NativeFile:
        """A fresh stream of the uncompressed bytes."""
        return _open(self.path, self.compression)

    def read_all(self) -> pa.Buffer:
        """The whole content, uncompressed, in memory; for formats that need random access."""
        with self.open() as stream:
            return pa.py_buffer(b"".join(iter(lambda: self.read(stream, 1 << 22), b"")))

    def read(self, stream: pa.NativeFile, size: int) -> bytes:
        """Read from a stream of this file; a broken or cut archive refuses the file."""
        try:
            return bytes(stream.read(size))
        except (OSError, pa.ArrowException):
            raise damaged(self.path, self.compression) from None


def open_container(path: Path) -> Container:
    """Look at a file's first bytes and name. Raises FileRefused for what is empty or unknown."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    squeezed = bool(suffixes) and suffixes[-1] in SUFFIXES
    inner = suffixes[:-1] if squeezed else suffixes
    named = FORMATS.get(inner[-1] if inner else "")
    if named is None:
        ending = f"ends in {inner[-1]}" if inner else "has no ending that tells its format"
        raise FileRefused(path, ending, f"files that are read: {READABLE}")
    try:
        with pa.OSFile(str(path)) as raw:
            magic = bytes(raw.read(8))
    except OSError as problem:
        why = problem.strerror or "unreadable"
        raise FileRefused(path, f"cannot be opened ({why})", "check its rights") from None
    compression = next(
        (kind for mark, kind in COMPRESSIONS.items() if magic.startswith(mark)), None
    )
    if not magic:
        raise empty(path)
    if squeezed and compression is None:
        raise FileRefused(
            path, f"is named {suffixes[-1]} but is not compressed so", "rename it or export it anew"
        )
    container = Container(path, named, compression, b"")
    with container.open() as stream:
        head = container.read(stream, 4096)
    if not head:
        raise empty(path)
    return Container(path, _format(path, named, head, compression), compression, head)


def empty(path: Path) -> FileRefused:
    """The refusal of a file without content."""
    return FileRefused(path, "is empty", "export it anew, or remove it")


def damaged(path: Path, compression: str | None) -> FileRefused:
    """The refusal of a file whose bytes cannot be had."""
    what = f"its {compression} data are cut short or damaged" if compression else "cannot be read"
    return FileRefused(path, what, "transfer it anew")


def _open(path: Path, compression: str | None) -> pa.NativeFile:
    raw = pa.OSFile(str(path))
    return raw if compression is None else pa.CompressedInputStream(raw, compression)


def _format(path: Path, named: str, head: bytes, compression: str | None) -> str:
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        return _zipped_format(path, named, compression)
    if head.startswith(OLE):
        return "xls" if named in TEXT_FORMATS else named if named in SPREADSHEETS else "xls"
    if named == "parquet":
        raise FileRefused(path, "is not a Parquet file, or is cut short", "export it anew")
    if named in SPREADSHEETS:
        # Web tools often name a tab-separated text .xls; a damaged workbook has control bytes.
        if is_binary(head):
            raise FileRefused(path, "is not a workbook, or is damaged", "save it anew as .xlsx")
        return "txt"
    return named


def _zipped_format(path: Path, named: str, compression: str | None) -> str:
    if named in SPREADSHEETS:
        return named
    if compression is None:
        try:
            with zipfile.ZipFile(path) as archive:
                members = set(archive.namelist())
        except zipfile.BadZipFile:
            members = set()
        if "xl/workbook.xml" in members:
            return "xlsx"
    raise FileRefused(path, f"is a zip archive, not {named}", "unpack it, or compress it as .gz")


def is_binary(head: bytes) -> bool:
    """Whether bytes are no text of any encoding: too many control characters for one."""
    if head.startswith(BYTE_ORDER_MARKS):
        return False
    controls = bytes(range(1, 9)) + bytes(range(14, 26)) + bytes(range(27, 32)) + b"\x7f"
    return len(head) - len(head.translate(None, controls)) > len(head) * 0.02
