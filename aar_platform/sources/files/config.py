"""The `files` section of aar.yaml: which files feed which core table, and what is stated about them
rather than detected."""

import codecs
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, field_validator, model_validator

from aar_platform.landing.store import Landing
from aar_platform.sources.registry import (
    Calendar,
    CoreRows,
    Extracted,
    Identifier,
    SourceConfig,
    SourceObject,
    source_kind,
)

if TYPE_CHECKING:
    from aar_platform.sources.files.discovery import FoundFile

DELIMITER_NAMES = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


class FilesTable(BaseModel):
    """Files of one shape that feed one core table.

    path: a file or a glob, relative to the folder of aar.yaml or absolute.
    into: a core table. name: the object's name, by default that of the core table.
    columns: core column → the file's column. constants: core column → value of every row.
    header: number of the header's row from 1, or false where there is none.
    quote: the quote character, or false where quotes are ordinary characters.
    sheet: a worksheet's name, or its number from 1.
    Whatever of encoding, delimiter, quote, header, decimal, date_order, sheet is None is detected.
    """

    model_config = ConfigDict(extra="forbid")

    path: Annotated[str, Field(min_length=1)]
    into: Identifier
    name: Identifier | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    constants: dict[str, Any] = Field(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | Literal[False] | None = None
    header: Annotated[StrictInt, Field(ge=1)] | Literal[False] | None = None
    decimal: Literal[".", ","] | None = None
    date_order: Literal["ymd", "dmy", "mdy"] | None = None
    sheet: str | Annotated[StrictInt, Field(ge=1)] | None = None

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, encoding: str | None) -> str | None:
        if encoding is None:
            return None
        try:
            return codecs.lookup(encoding).name
        except LookupError:
            raise ValueError(
                f"{encoding} is no encoding; usual ones: utf-8, utf-16, gb18030, cp1252, latin-1"
            ) from None

    @field_validator("header", "quote", mode="before")
    @classmethod
    def _false_is_not_zero(cls, stated: Any) -> Any:
        if type(stated) is int and stated < 1:
            raise ValueError("rows count from 1; false stands for none")
        return stated

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, delimiter: str | None) -> str | None:
        if delimiter is None:
            return None
        delimiter = DELIMITER_NAMES.get(delimiter, delimiter)
        if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '\r\n"':
            raise ValueError("a delimiter is one ASCII character, or tab, comma, semicolon, pipe")
        return delimiter

    @field_validator("quote")
    @classmethod
    def _one_quote(cls, quote: str | Literal[False] | None) -> str | Literal[False] | None:
        if isinstance(quote, str) and (len(quote) != 1 or not quote.isascii()):
            raise ValueError("a quote is one ASCII character, or false for none")
        return quote

    @model_validator(mode="after")
    def _one_origin_per_column(self) -> "FilesTable":
        both = sorted(self.columns.keys() & self.constants.keys())
        if both:
            raise ValueError(f"{', '.join(both)} is both in columns and in constants; keep one")
        return self


@source_kind("files")
class FilesSource(SourceConfig):
    """A folder of exports."""

    kind: Literal["files"] = "files"
    tables: Annotated[list[FilesTable], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_are_unique(self) -> "FilesSource":
        self.named_tables()
        return self

    def named_tables(self) -> dict[str, FilesTable]:
        """Object name → table. A name is the stated one, else that of the core table; where two
        tables of the source would share it, the file's stem as an identifier."""
        wanted = [table.name or table.into for table in self.tables]
        named: dict[str, FilesTable] = {}
        for table, name in zip(self.tables, wanted, strict=True):
            if table.name is None and wanted.count(name) > 1:
                name = slug(table.path)
            if name in named:
                raise ValueError(f"two tables are both called {name}; give one of them a `name`")
            named[name] = table
        return named

    def objects(self) -> list[SourceObject]:
        """The source's objects; whether one is daily is seen from the files that are there now.

        Paths must be absolute by now, or relative to the working directory. Without a file an
        object counts as not daily; reading it is what reports the missing files.
        """
        from aar_platform.sources.files.discovery import find_files, is_daily
        from aar_platform.sources.files.refusal import NoFilesFound

        found = []
        for name, table in self.named_tables().items():
            try:
                daily = is_daily(table, find_files(table, Path.cwd()))
            except NoFilesFound:
                daily = False
            found.append(SourceObject(name, is_daily=daily))
        return found

    def core_rows(self) -> list[CoreRows]:
        """A core table from each table, by the columns that are mapped."""
        return [
            CoreRows(
                into=table.into,
                of=(name,),
                columns=table.columns,
                constants=table.constants,
                decimal=table.decimal,
                date_order=table.date_order,
            )
            for name, table in self.named_tables().items()
        ]

    def files(self, name: str) -> "list[FoundFile]":
        """The files of an object that are there now; none is no error for who watches a folder."""
        from aar_platform.sources.files.discovery import find_files
        from aar_platform.sources.files.refusal import NoFilesFound

        try:
            return find_files(self.named_tables()[name], Path.cwd())
        except NoFilesFound:
            return []

    def extract(
        self,
        landing: Landing,
        name: str,
        days: Sequence[date] | None,
        calendar: Calendar,
        only_new: bool = False,
    ) -> Extracted:
        """Land an object's files; see extract_files."""
        from aar_platform.sources.files.extract import extract_files

        return extract_files(landing, self.name, name, self.named_tables()[name], days)

    def try_out(self, name: str) -> None:
        """Open an object's last file; its header tells whether the mapped columns are there."""
        from aar_platform.sources.files.discovery import find_files
        from aar_platform.sources.files.reading import open_file

        table = self.named_tables()[name]
        open_file(find_files(table, Path.cwd())[-1].path, table)

    def changed_days(self, landing: Landing, name: str, calendar: Calendar) -> list[date]:
        """The days whose files are new or changed since they landed."""
        from aar_platform.sources.files.extract import changed_days

        return changed_days(landing, self.name, name, self.named_tables()[name])


def slug(path: str) -> str:
    """A file's stem as an identifier: `exports/Orders-*.csv.gz` → `orders`."""
    stem = PurePath(path.replace("\\", "/")).name.split(".")[0]
    name = re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_")
    if not name:
        folder = PurePath(path.replace("\\", "/")).parent.name
        name = re.sub(r"[^a-z0-9]+", "_", folder.lower()).strip("_") or "files"
    return name if name[0].isalpha() else f"files_{name}"
