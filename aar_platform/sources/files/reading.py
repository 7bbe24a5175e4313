"""The way in: one file, whatever its format, as a stream of record batches with a report."""

from pathlib import Path

from aar_platform.sources.files.config import FilesTable
from aar_platform.sources.files.containers import SPREADSHEETS, TEXT_FORMATS, open_container
from aar_platform.sources.files.report import Reading, ReadingReport

__all__ = ["Reading", "ReadingReport", "open_file"]


def open_file(path: Path, table: FilesTable) -> Reading:
    """Open a file as the table states it, detecting what it does not state.

    Text formats give every column as text, an empty unquoted field as null; the others give their
    own types, nested values as JSON text. Raises FileRefused, one line; the stream of batches
    raises it too, and then nothing of the file counts.
    """
    container = open_container(path)
    report = ReadingReport(path.name, container.format, container.compression)
    if container.format in TEXT_FORMATS:
        from aar_platform.sources.files.delimited import read_delimited as read
    elif container.format in SPREADSHEETS:
        from aar_platform.sources.files.spreadsheet import read_spreadsheet as read
    elif container.format == "parquet":
        from aar_platform.sources.files.parquet import read_parquet as read
    else:
        from aar_platform.sources.files.records import read_records as read
    return read(container, table, report)
