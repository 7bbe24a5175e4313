"""Landed Parquet into raw tables: in bulk, in the engine."""

import re
from collections.abc import Sequence

import duckdb

from aar_platform.landing.encryption import KEY_NAME, quoted
from aar_platform.landing.store import UNPARTITIONED, LandedFile, Landing, LandingKeyWrong, unlock
from aar_platform.resources.warehouse import Warehouse
from aar_platform.sources.mapping import RAW_COLUMNS, raw_column_name, raw_table_name


def load_raw(
    warehouse: Warehouse, landing: Landing, source: str, object_name: str, is_daily: bool
) -> int:
    """Make a raw table hold what has landed, replacing only the partitions that differ.

    All that differs is replaced in one transaction. Returns the number of rows loaded anew.
    """
    table = raw_table_name(source, object_name)
    landed = {
        key: landing.partition(source, object_name, None if key == UNPARTITIONED else key)
        for key in landing.partitions(source, object_name)
        if (key != UNPARTITIONED) == is_daily
    }
    loaded = _loaded(warehouse, table)
    changed = [
        key
        for key, files in landed.items()
        if loaded.get(key) != {(file.name, file.extracted_at) for file in files}
    ]
    # An object that became daily, or ceased to be, leaves no rows of its former kind.
    stale = [key for key in loaded if (key != UNPARTITIONED) != is_daily]
    files = [
        (
            key,
            landing.parquet_path(source, object_name, None if key == UNPARTITIONED else key, f),
            f,
        )
        for key in changed
        for f in landed[key]
    ]
    if not files and not stale:
        return 0
    condition = f"partition_key in ({', '.join(map(quoted, [*changed, *stale]))})"
    if not files:
        warehouse.backend.raw_sql(f'delete from "{table}" where {condition}')
        return 0
    if landing.passphrase:
        unlock(warehouse.backend.con, landing.passphrase)
    backend = warehouse.backend
    backend.raw_sql(
        "create or replace temp table landed_files "
        "(path varchar, _file varchar, extracted_at timestamp, partition_key varchar)"
    )
    backend.con.executemany(
        "insert into landed_files values (?, ?, ?, ?)",
        [(str(path), file.name, file.extracted_at, key) for key, path, file in files],
    )
    try:
        rows = backend.sql(
            " union all by name ".join(
                _select(
                    names,
                    [str(path) for _, path, file in files if tuple(file.columns.items()) == shape],
                    bool(landing.passphrase),
                )
                for shape, names in _shapes([file for _, _, file in files]).items()
            )
        )
        assert set(RAW_COLUMNS) <= set(rows.columns)
    except duckdb.Error as error:
        if re.search("encrypt|AES|decrypt", str(error), re.IGNORECASE):
            raise LandingKeyWrong(
                f"{source}.{object_name}: what has landed was written with another key, or without "
                "one; set the key it was written with, or remove its folder from the landing and "
                "extract it again"
            ) from None
        raise
    return warehouse.replace_where(table, rows, condition)


def _loaded(warehouse: Warehouse, table: str) -> dict[str, set[tuple[str, str]]]:
    """Partition key → the files, with the time they were extracted, that a raw table holds."""
    if not warehouse.has(table):
        return {}
    found: dict[str, set[tuple[str, str]]] = {}
    for key, file, extracted_at in warehouse.backend.raw_sql(
        f'select distinct partition_key, _file, extracted_at from "{table}"'
    ).fetchall():
        moment = extracted_at.isoformat(timespec="microseconds")
        found.setdefault(key, set()).add((file, moment))
    return found


def _shapes(files: Sequence[LandedFile]) -> dict[tuple[tuple[str, str], ...], list[str]]:
    """Distinct column lists with types, each with its column names."""
    return {tuple(file.columns.items()): list(file.columns) for file in files}


def _select(names: Sequence[str], paths: Sequence[str], is_encrypted: bool) -> str:
    """Select the rows of files that have the same columns.

    DuckDB 1.5 fails on read_parquet with union_by_name over encrypted files, so files of unlike
    columns are read apart and united by name in SQL.
    """
    fields = ", ".join(f'{quoted(name)}: landed."{_escape(name)}"' for name in names)
    columns = "".join(
        f'landed."{_escape(name)}" as "{_escape(raw_column_name(name))}", ' for name in names
    )
    encryption = f", encryption_config = {{footer_key: {quoted(KEY_NAME)}}}" if is_encrypted else ""
    return (
        f"select {columns}to_json({{{fields}}})::varchar as payload, f.extracted_at, "
        "f.partition_key, f._file, landed._row "
        f"from read_parquet([{', '.join(map(quoted, paths))}], "
        f"filename = '_path'{encryption}) landed "
        "join landed_files f on f.path = landed._path"
    )


def _escape(name: str) -> str:
    return name.replace('"', '""')
