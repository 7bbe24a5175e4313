"""Delimiter, quote and escape of a delimited text, told from a sample of its lines."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

DELIMITERS = ",;\t|\x01^~"
NO_DELIMITER = "\x1f"  # stands for "one column": the unit separator occurs in no export seen
MAX_ROWS = 200
_NUMBER = re.compile(r"\s*[-+(]?[^\w\s]?\s?\d[\d.,'\s]*[^\w\s]?\)?\s*")
_BACKSLASHED = re.compile(r'[^,;\t|"]\\"(?!\s*(?:[,;\t|\r\n]|$))')
_SINGLE_QUOTED = re.compile(r"(?:^|[,;\t|])'[^'\r\n]*'(?=[,;\t|\r\n]|$)", re.MULTILINE)


@dataclass(frozen=True)
class Dialect:
    """How a line is cut into fields. quote, escape: None where there is none."""

    delimiter: str
    quote: str | None = '"'
    escape: str | None = None

    def rows(self, text: str, limit: int = MAX_ROWS, complete: bool = True) -> list["Row"]:
        """The first rows of a text. A row that may be cut off by the end of an incomplete text is
        left out; a blank line is a row without fields."""
        lines = split_lines(text)
        reader = csv.reader(lines, **self.for_csv())  # type: ignore[arg-type]
        found: list[Row] = []
        try:
            for fields in reader:
                found.append(Row(fields, reader.line_num))
                if len(found) == limit:
                    return found
        except csv.Error:  # a field beyond 128 kB: a quote that is never closed
            return found
        if not complete and len(found) > 1:
            found.pop()
        return found

    def for_csv(self) -> dict[str, object]:
        """The same dialect for Python's csv module."""
        quoting = csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE
        return {
            "delimiter": self.delimiter,
            "quotechar": self.quote,
            "escapechar": self.escape,
            "quoting": quoting,
        }


@dataclass(frozen=True)
class Row:
    """One row of the sample, and the number of the line it ends on."""

    fields: list[str]
    last_line: int

    @property
    def is_blank(self) -> bool:
        return not self.fields or (len(self.fields) == 1 and not self.fields[0].strip("\x1a \t"))


def split_lines(text: str) -> list[str]:
    """Lines with their ends, where CR LF, LF and CR alone each end one."""
    return list(io.StringIO(text, newline=""))


def detect(
    sample: str,
    complete: bool,
    ending: str,
    wanted: Sequence[str],
    delimiter: str | None,
    quote: str | bool | None,
) -> Dialect | None:
    """The dialect of a sample, or None where it looks like no table.

    complete: whether the sample is the whole text. ending: csv, tsv or txt; txt has to prove that
    it is a table. wanted: columns the file should have, which tell a delimiter best.
    delimiter, quote: as stated; quote False means none.
    """
    escape = "\\" if _BACKSLASHED.search(sample) and '""' not in sample else None
    marks = _quotes(sample) if quote is None else (quote if isinstance(quote, str) else None,)
    if delimiter is not None:
        best = max(
            (Dialect(delimiter, mark, escape) for mark in marks),
            key=lambda dialect: _score(dialect, sample, complete, wanted)[0],
        )
        return best
    hint = _stated_in_first_line(sample)
    if hint:
        return Dialect(hint, '"', escape)
    candidates = []
    for position, mark_char in enumerate(DELIMITERS):
        if mark_char not in sample:
            continue
        for mark in marks:
            dialect = Dialect(mark_char, mark, escape)
            score, threshold = _score(dialect, sample, complete, wanted)
            if ending == "txt":
                proof = 0.8 if mark_char == "," else 0.55
                threshold = 1.1 if _is_one_sentence(dialect, sample) else max(threshold, proof)
            if score >= threshold:
                preferred = mark_char == "\t" if ending == "tsv" else mark_char == ","
                candidates.append((round(score, 2), preferred, -position, bool(mark), dialect))
    if candidates:
        return max(candidates, key=lambda candidate: candidate[:4])[4]
    single = Dialect(NO_DELIMITER, marks[0])
    return single if ending != "txt" or _is_list(sample) else None


def _quotes(sample: str) -> tuple[str | None, ...]:
    if '"' in sample:
        return ('"', None)
    if len(_SINGLE_QUOTED.findall(sample)) >= 3:
        return ("'", '"')
    return ('"',)


def _stated_in_first_line(sample: str) -> str | None:
    """Excel's own hint, `sep=;` in the first line."""
    found = re.match(r'"?sep=(.)"?\s*$', sample.split("\n", 1)[0].strip("\r"), re.IGNORECASE)
    return found[1] if found else None


def _score(
    dialect: Dialect, sample: str, complete: bool, wanted: Sequence[str]
) -> tuple[float, float]:
    """How well a dialect cuts the sample into rows of one width with clean cells, from 0 to 1
    (more where it finds the wanted columns), and the score from which it is to be believed."""
    rows = [row for row in dialect.rows(sample, complete=complete) if not row.is_blank]
    if dialect.quote is None and _are_quotes_meant(rows):
        return 0.0, 1.0
    rows = unwrapped(rows, dialect)
    widths = Counter(len(row.fields) for row in rows if len(row.fields) > 1)
    if not widths:
        return 0.0, 1.0
    width = max(widths, key=lambda w: (widths[w], w))
    fitting = sum(1.0 if len(row.fields) == width else 0.0 for row in rows)
    shorter = sum(1 < len(row.fields) < width for row in rows)
    consistency = (fitting + 0.5 * shorter) / len(rows)
    others = [mark for mark in DELIMITERS if mark != dialect.delimiter]
    cells = dirty = 0
    for row in rows[:50]:
        for cell in row.fields:
            cells += 1
            dirty += _holds_other_delimiter(cell, others)
    score = consistency * (1 - dirty / cells)
    if wanted and any(set(wanted) <= {cell.strip() for cell in row.fields} for row in rows[:60]):
        return score + 1.0, 0.0
    first = len(rows[0].fields)
    return score, 0.3 if 1 < first <= width + 1 else 0.55


def _are_quotes_meant(rows: Sequence[Row]) -> bool:
    """Whether rows cut without regard to quotes show as many quoted fields as stray quotes."""
    quoted = stray = 0
    for row in rows:
        opened = [position for position, cell in enumerate(row.fields) if cell[:1] == '"']
        closed = [n for n, cell in enumerate(row.fields) if len(cell) > 1 and cell[-1] == '"']
        whole = sum(any(end >= start for end in closed) for start in opened)
        quoted, stray = quoted + whole, stray + len(opened) - whole
    return quoted > 0 and quoted >= stray


def unwrapped(rows: list["Row"], dialect: Dialect) -> list["Row"]:
    """Lines that were quoted as a whole, cut a second time; only where other lines, or doubled
    quotes within, show that they are no single values."""
    if dialect.delimiter == NO_DELIMITER:
        return rows
    mark = f'"{dialect.delimiter}'
    if not any(len(row.fields) > 1 or any(mark in cell for cell in row.fields) for row in rows):
        return rows
    return [
        replace(row, fields=_cut_again(row.fields[0], dialect))
        if len(row.fields) == 1 and dialect.delimiter in row.fields[0]
        else row
        for row in rows
    ]


def _cut_again(line: str, dialect: Dialect) -> list[str]:
    rows = dialect.rows(line, limit=1)
    return rows[0].fields if rows else [line]


def _holds_other_delimiter(cell: str, others: Sequence[str]) -> bool:
    if _NUMBER.fullmatch(cell) and ";" not in cell:
        return False
    return any(mark in cell and f"{mark} " not in cell for mark in others)


def _is_one_sentence(dialect: Dialect, sample: str) -> bool:
    """A single line whose pieces are too long for names of columns."""
    rows = [row for row in dialect.rows(sample) if not row.is_blank]
    return len(rows) < 2 and any(len(cell) > 60 for row in rows for cell in row.fields)


def _is_list(sample: str) -> bool:
    """Whether a text is a list of single values rather than prose or text of fixed width."""
    lines = [line.strip() for line in sample.splitlines() if line.strip()]
    words = sum(len(line.split()) for line in lines)
    return bool(lines) and words <= len(lines) * 3 and not any("   " in line for line in lines)
