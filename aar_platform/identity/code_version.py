"""Which version of some code made a thing that is kept."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def code_version(files: Iterable[Path], *libraries: str) -> str:
    """A checksum of source files, and of the versions of the libraries that they rest on."""
    code = b"".join(file.read_bytes() for file in files)
    return hashlib.md5(code + " ".join(libraries).encode()).hexdigest()
