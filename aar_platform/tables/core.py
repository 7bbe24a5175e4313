"""What all core tables share: the key and the columns that say how fresh a record is."""

from aar_platform.tables.model import Flag, Moment, Table, Text, column, key


class CoreTable(Table):
    """One row per record of a source; the key is (source, record_id)."""

    source: Text = key("Name of the source in aar.yaml")
    record_id: Text = key("The record's own id in that source")
    updated_at: Moment = column("When the source last changed the record, UTC")
    is_deleted: Flag = column("Whether the source has deleted the record")
    attributes: Text = column(
        "Whatever else the source says of the record, JSON object", privacy="free_text"
    )

    facts = {"layer": "core", "key": ["source", "record_id"], "owner": "data-engineering"}
