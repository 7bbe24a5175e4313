"""Landed Parquet into raw tables: in bulk, in the engine."""

import re
from collections.abc import Mapping, Sequence

import duckdb
import ibis.expr.types as ir

from aar_platform.landing.encryption import KEY_NAME, quoted
from aar_platform.landing.store import UNPARTITIONED, LandedFile, Landing, LandingKeyWrong, unlock
from aar_platform.resources.warehouse import Warehouse
from aar_platform.sources.columns import RawColumn, select_sql
from aar_platform.sources.mapping import raw_column_name, raw_table_name
from aar_platform.sources.registry import SourceObject


def load_raw(
    warehouse: Warehouse,
    landing: Landing,
    source: str,
    object_name: str,
    is_daily: bool,
    columns: Mapping[str, RawColumn] | None = None,
) -> int:
    """Make a raw table hold what has landed, replacing only the files that differ.

    All that differs is replaced in one transaction. `columns` are the typed columns of records in
    JSON; None where what has landed has columns of its own. Returns the number of rows loaded anew.
    """
    table = raw_table_name(source, object_name)
    landed = {
        (key, file.name): file
        for key in landing.partitions(source, object_name)
        # An object that became daily, or ceased to be, leaves no rows of its former kind.
        if (key != UNPARTITIONED) == is_daily
        for file in landing.partition(source, object_name, None if key == UNPARTITIONED else key)
    }
    loaded = _loaded(warehouse, table)
    changed = [at for at, file in landed.items() if loaded.get(at) != file.extracted_at]
    stale = [at for at in loaded if at not in landed]
    files = [
        (
            key,
            landing.parquet_path(
                source,
                object_name,
                None if key == UNPARTITIONED else key,
                landed[key, name],
            ),
            landed[key, name],
        )
        for key, name in changed
    ]
    is_new = columns is not None and not warehouse.has(table)
    if not files and not stale and not is_new:
        return 0
    backend = warehouse.backend
    backend.raw_sql(
        "create or replace temp table outdated_files (partition_key varchar, _file varchar)"
    )
    if [*changed, *stale]:
        backend.con.executemany("insert into outdated_files values (?, ?)", [*changed, *stale])
    condition = "(partition_key, _file) in (select (partition_key, _file) from outdated_files)"
    if not files and not is_new:
        backend.raw_sql(f'delete from "{table}" where {condition}')
        return 0
    if landing.passphrase:
        unlock(backend.con, landing.passphrase)
    backend.raw_sql(
        "create or replace temp table landed_files "
        "(path varchar, _file varchar, extracted_at timestamp, partition_key varchar)"
    )
    if files:
        backend.con.executemany(
            "insert into landed_files values (?, ?, ?, ?)",
            [(str(path), file.name, file.extracted_at, key) for key, path, file in files],
        )
    try:
        if columns is not None:
            paths = [str(path) for _, path, _ in files]
            rows = _select_records(columns, paths, bool(landing.passphrase))
        else:
            shapes = _shapes([file for _, _, file in files])
            rows = " union all by name ".join(
                _select(
                    names,
                    [str(p) for _, p, file in files if tuple(file.columns.items()) == shape],
                    bool(landing.passphrase),
                )
                for shape, names in shapes.items()
            )
        # Opening the files tells a wrong key from any other failure.
        backend.raw_sql(f"describe {rows}")
    except duckdb.Error as error:
        if re.search("encrypt|AES|decrypt", str(error), re.IGNORECASE):
            raise LandingKeyWrong(
                f"{source}.{object_name}: what has landed was written with another key, or without "
                "one; set the key it was written with, or remove its folder from the landing and "
                "extract it again"
            ) from None
        raise
    return warehouse.replace_streamed(table, rows, condition)


def empty_raw(warehouse: Warehouse, item: SourceObject) -> ir.Table:
    """The raw table of an object that is left out: its typed columns, without rows."""
    return warehouse.backend.sql(_select_records(item.columns or {}, [], False))


def _loaded(warehouse: Warehouse, table: str) -> dict[tuple[str, str], str]:
    """Partition and file → the time it was extracted, of what a raw table holds."""
    if not warehouse.has(table):
        return {}
    return {
        (key, file): extracted_at.isoformat(timespec="microseconds")
        for key, file, extracted_at in warehouse.backend.raw_sql(
            f'select distinct partition_key, _file, extracted_at from "{table}"'
        ).fetchall()
    }


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


def _select_records(
    columns: Mapping[str, RawColumn], paths: Sequence[str], is_encrypted: bool
) -> str:
    """Select the typed columns of records in JSON, with each record as it was received."""
    kept = "record as payload, extracted_at, partition_key, _file, _row"
    if not paths:
        nothing = (
            "(select null::varchar as record, null::varchar as context, null::timestamp as "
            "extracted_at, null::varchar as partition_key, null::varchar as _file, "
            "null::bigint as _row where false)"
        )
        return select_sql(columns, nothing, kept)
    encryption = f", encryption_config = {{footer_key: {quoted(KEY_NAME)}}}" if is_encrypted else ""
    rows = (
        "(select landed.record, landed.context, landed._row, f.extracted_at, f.partition_key, "
        f"f._file from read_parquet([{', '.join(map(quoted, paths))}], filename = '_path'"
        f"{encryption}) landed join landed_files f on f.path = landed._path)"
    )
    return select_sql(columns, rows, kept)


def _escape(name: str) -> str:
    return name.replace('"', '""')
