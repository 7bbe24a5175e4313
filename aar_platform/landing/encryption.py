"""Keys and the DuckDB extension that encrypted files need."""

import base64
import hashlib
from pathlib import Path

KEY_NAME = "landing"


def parquet_key(passphrase: str) -> str:
    """The 256-bit Parquet key of a passphrase, in base64 as DuckDB takes it."""
    return base64.b64encode(hashlib.sha256(passphrase.encode()).digest()).decode()


def openssl_extension() -> Path:
    """Path of DuckDB's httpfs extension, whose OpenSSL writes encrypted files.

    It comes as a Python package, so that nothing is fetched when the platform runs.
    """
    import duckdb_extension_httpfs

    found = sorted(Path(duckdb_extension_httpfs.__file__).parent.rglob("httpfs.duckdb_extension"))
    if not found:
        raise FileNotFoundError(
            "the package duckdb-extension-httpfs holds no extension for this machine; "
            "install it anew or leave warehouse.encryption_key out"
        )
    return found[0]


def quoted(text: str) -> str:
    """A text as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
