"""Which rows are one record, and which of its versions counts."""

import ibis
import ibis.expr.types as ir

from aar_platform.quality.stored import stored


def with_versions(kept: ir.Table) -> tuple[ir.Table, dict[str, tuple[int, int]]]:
    """The rows with `record_id` and `_is_older`, and by source how many there are and are older.

    `kept` is a stored table with `source`, `_own_id`, `_made_id` (hash of the record's content,
    where it has no id), `_file`, `_row` and `_extracted_at`. Equal records without an id count up
    within one file and are one record across files. The latest version by `updated_at`, extraction,
    file and row counts. Only rows whose id occurs more than once are sorted: windows over
    1.5 million hashes took 6 s, counting them takes one.
    """
    made = {"_key": ibis.coalesce(kept._own_id, kept._made_id), "_position": kept.rowid()}
    rows = kept.mutate(**made)
    # All 70 columns took Ibis five times as long to write, over and over.
    narrow = kept.select(
        "source",
        *("_own_id", "_extracted_at", "_file", "_row"),
        **made,
        _changed_at=kept.updated_at if "updated_at" in kept.columns else ibis.null("timestamp"),
    )
    several = narrow.group_by("source", "_key").having(narrow.count() > 1).agg(_n=narrow.count())
    candidates = narrow.semi_join(several.select("source", "_key"), ["source", "_key"])
    candidates = candidates.mutate(
        _occurrence=ibis.row_number().over(
            group_by=["source", "_key", "_file"], order_by=["_row", "_position"]
        )
    )
    is_repeat = candidates._own_id.isnull() & (candidates._occurrence > 0)
    suffix = ibis.literal("-") + (candidates._occurrence + 1).cast(str)
    candidates = candidates.mutate(
        _record_id=ibis.ifelse(is_repeat, candidates._key + suffix, candidates._key)
    )
    newest_first = [
        ibis.desc(name, nulls_first=False)
        for name in ("_changed_at", "_extracted_at", "_file", "_row", "_position")
    ]
    age = ibis.row_number().over(group_by=["source", "_record_id"], order_by=newest_first)
    fate = stored(
        candidates.mutate(_age=age).select(
            _fate_of="_position", _record_id="_record_id", _older=ibis._._age > 0
        )
    )
    arrived = _by_source(kept)
    if int(fate.count().to_pyarrow().as_py()) == 0:
        counts = {source: (count, 0) for source, count in arrived.items()}
        return rows.mutate(record_id=rows._key, _is_older=ibis.literal(False)), counts
    places = kept.select("source", _at=kept.rowid())
    older = _by_source(places.semi_join(fate.filter(fate._older), [("_at", "_fate_of")]))
    counts = {source: (count, older.get(source, 0)) for source, count in arrived.items()}
    both = rows.left_join(fate, rows._position == fate._fate_of)
    both = both.mutate(
        record_id=both._record_id.fill_null(both._key), _is_older=both._older.fill_null(False)
    )
    return both, counts


def _by_source(rows: ir.Table) -> dict[str, int]:
    counted = rows.group_by("source").aggregate(n=rows.count()).to_pyarrow().to_pylist()
    return {row["source"]: int(row["n"]) for row in counted}
