"""The folder that reports are rendered into: one place per report, whole files only."""

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

UNSAFE = re.compile(r"[^0-9A-Za-z@._+\-\u0080-\uffff]")
# 255 bytes is the limit of most file systems; four are the longest character, and a checksum,
# a format and the temporary name's ending come behind.
LONGEST_NAME = 50


@dataclass(frozen=True)
class Label:
    """What a report file is: `period_start` the first day of its month, `recipient` whom it is
    for (an e-mail address) and `account` whom it is about, where there is one."""

    template: str
    period_start: date
    role: str
    recipient: str | None = None
    account: str | None = None
    data_as_of: date | None = None
    stale_sources: tuple[str, ...] = ()


class Outbox:
    """Report files below `folder`, as `{period}/{template}/{recipient or account}.{format}`; an
    account rendered for a recipient is `{account}-{recipient}`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, label: Label, rendered: dict[Any, bytes]) -> list[dict[str, Any]]:
        """Store the rendered formats of one report; gives a row of `report_files` for each.

        A file is replaced in one step, so that a reader never sees half of it. Where the bytes are
        the same as before the file, and with it `rendered_at` (UTC), stays as it was.
        """
        return [self._row(label, name, content) for name, content in sorted(rendered.items())]

    def path(self, label: Label, format_name: str) -> Path:
        """Where a report lies, relative to the folder."""
        month = label.period_start.strftime("%Y-%m")
        name = _file_name(label)
        return Path(month) / safe_name(label.template) / f"{name}.{format_name}"

    def _row(self, label: Label, format_name: str, content: bytes) -> dict[str, Any]:
        relative = self.path(label, format_name)
        target = self.folder / relative
        if not (target.is_file() and target.read_bytes() == content):
            _replace(target, content)
        rendered = datetime.fromtimestamp(target.stat().st_mtime, UTC).replace(tzinfo=None)
        return {
            "path": relative.as_posix(),
            "sha256": hashlib.sha256(content).hexdigest(),
            "template": label.template,
            "recipient": label.recipient,
            "role": label.role,
            "rendered_at": rendered,
            "data_as_of": label.data_as_of,
            "stale_sources": ",".join(label.stale_sources),
        }


def safe_name(text: str) -> str:
    """The text as a file name in any folder of any system: what is not a letter, a digit or one of
    @ . _ + - becomes _, and a checksum tells apart what would then be the same."""
    plain = UNSAFE.sub("_", text)[:LONGEST_NAME]
    if plain.startswith("."):
        plain = "_" + plain[1:]
    plain = plain.rstrip(".")
    if plain == text:
        return plain
    return f"{plain}-{hashlib.sha256(text.encode('utf-8')).hexdigest()[:8]}"


def _file_name(label: Label) -> str:
    if label.recipient is not None and label.account is not None:
        return f"{safe_name(label.account)}-{safe_name(label.recipient.lower())}"
    if label.recipient is not None:
        return safe_name(label.recipient.lower())
    return safe_name(label.account or label.role)


def _replace(target: Path, content: bytes) -> None:
    """Write beside the target and put it in its place. A leftover of a killed run has the same
    name and is overwritten by the next one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.part")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(target)
