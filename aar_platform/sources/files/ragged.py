"""Rows that are not as wide as their header: filled, accepted or refused, and put back in place."""

import csv
import io
from typing import Any

import numpy as np
import pyarrow as pa

from aar_platform.sources.files.dialect import Dialect


class RaggedRows:
    """Collects the ragged rows that the parser sets aside, and merges them into its batches.

    passed: number of rows merged so far, ragged ones and blank lines of spaces included.
    """

    class Surplus(ValueError):
        """A row with more values than columns."""

        def __init__(self, number: int, width: int) -> None:
            super().__init__(number)
            self.number, self.width = number, width

    class OpenQuote(ValueError):
        """A row that runs to the end of the file within quotes."""

        def __init__(self, number: int) -> None:
            super().__init__(number)
            self.number = number

    def __init__(self, width: int, dialect: Dialect) -> None:
        self._width = width
        self._options: dict[str, Any] = {**dialect.for_csv(), "strict": True}
        self._waiting: list[tuple[int, list[str | None] | None]] = []
        self._failure: ValueError | None = None
        self._short = self._long = 0
        self.passed = 0

    def take(self, row: Any) -> str:
        """The parser's handler of a row of another width."""
        if self._failure is None:
            try:
                self._waiting.append((row.number, self._fitted(row.number, row.text)))
            except (RaggedRows.Surplus, RaggedRows.OpenQuote) as problem:
                self._failure = problem  # raised where the parser cannot swallow it
        return "skip"

    def merged(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with the rows that were set aside from within it."""
        if self._failure is not None:
            raise self._failure
        if not self._waiting:
            self.passed += batch.num_rows
            return batch
        count = 0
        while (
            count < len(self._waiting)
            and self._waiting[count][0] <= self.passed + batch.num_rows + count + 1
        ):
            count += 1
        here, self._waiting = self._waiting[:count], self._waiting[count:]
        return self._combined(batch, here)

    def rest(self, schema: pa.Schema) -> pa.RecordBatch:
        """The rows set aside after the last batch."""
        if self._failure is not None:
            raise self._failure
        here, self._waiting = self._waiting, []
        return self._combined(pa.RecordBatch.from_pylist([], schema=schema), here)

    def notes(self) -> list[str]:
        """What was done to how many rows."""
        notes = []
        if self._short:
            notes.append(f"{self._short} short rows were filled with nulls")
        if self._long:
            notes.append(f"{self._long} rows had empty fields beyond the header, left out")
        return notes

    def _fitted(self, number: int, text: str) -> list[str | None] | None:
        if not text.strip("\x1a \t\r\n"):
            return None  # a line of spaces, or the end mark of DOS
        cells = self._cells(number, text)
        if len(cells) > self._width:
            if any(cell.strip() for cell in cells[self._width :]):
                raise RaggedRows.Surplus(number, len(cells))
            self._long += 1
            return [cell or None for cell in cells[: self._width]]
        self._short += 1
        return [cell or None for cell in cells] + [None] * (self._width - len(cells))

    def _cells(self, number: int, text: str) -> list[str]:
        lines = io.StringIO(text, newline="")
        try:
            return next(csv.reader(lines, **self._options))
        except csv.Error as problem:
            if "unexpected end" in str(problem) or "field larger" in str(problem):
                raise RaggedRows.OpenQuote(number) from None
        lenient = {**self._options, "strict": False}
        return next(csv.reader(io.StringIO(text, newline=""), **lenient))

    def _combined(
        self, batch: pa.RecordBatch, here: list[tuple[int, list[str | None] | None]]
    ) -> pa.RecordBatch:
        total = batch.num_rows + len(here)
        places = np.array([number - self.passed - 1 for number, _ in here], dtype=np.int64)
        order = np.empty(total, dtype=np.int64)
        is_ragged = np.zeros(total, dtype=bool)
        is_ragged[places] = True
        order[is_ragged] = batch.num_rows + np.arange(len(here))
        order[~is_ragged] = np.arange(batch.num_rows)
        blank = [batch.num_rows + i for i, (_, cells) in enumerate(here) if cells is None]
        if blank:
            order = order[~np.isin(order, blank)]
        self.passed += total
        rows = [cells or [None] * self._width for _, cells in here]
        indices = pa.array(order)
        columns = [
            pa.concat_arrays([column, pa.array([row[i] for row in rows], pa.string())]).take(
                indices
            )
            for i, column in enumerate(batch.columns)
        ]
        return pa.RecordBatch.from_arrays(columns, schema=batch.schema)
