"""Which encoding a text file has, told by its bytes: byte order marks, strict UTF-8 over the whole
file, and for the rest how plausible the characters are that each legacy encoding would give."""

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass

from aar_platform.sources.files.containers import Container, empty
from aar_platform.sources.files.refusal import FileRefused

CHUNK = 1 << 22
SAMPLE = 16 << 10  # bytes of lines with non-ASCII characters that the legacy encodings compete on
UTF8_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
# In order of preference where two explain the bytes equally well.
LEGACY = (
    "gb18030",
    "cp1252",
    "big5hkscs",
    "cp1251",
    "cp949",
    "euc_jp",
    "cp932",
    "cp1250",
    "koi8-r",
)


@dataclass(frozen=True)
class Scan:
    """What one pass over the bytes shows. is_clean: UTF-8 that can be parsed as it lies there,
    without NUL bytes or byte order marks inside. quotes: number of double quotes."""

    encoding: str
    mark: int
    is_clean: bool
    quotes: int
    note: str | None = None

    @property
    def is_wide(self) -> bool:
        """Whether every character takes two bytes, some of which look like control characters."""
        return self.encoding.startswith("utf-16")


def scan(container: Container, stated: str | None) -> Scan:
    """The encoding of a whole file (as stated, or detected), with what else its bytes tell.

    Raises FileRefused for an empty file and for UTF-8 that is broken in places.
    """
    head = container.head
    if stated is None:
        marked = next((name for name in UTF16_MARKS if head.startswith(UTF16_MARKS[name])), None)
        wide = marked or _utf16_without_mark(head)
        if wide:
            return Scan(wide, 2 if marked else 0, False, 0)
    mark = 0
    while head.startswith(UTF8_MARK, mark):
        mark += len(UTF8_MARK)
    broken, nuls, marks, quotes, size = _pass(container)
    if size == mark:
        raise empty(container.path)
    if stated is not None and stated != "utf-8":
        return Scan(stated, _stated_mark(stated, head), False, quotes)
    if broken is None:
        name = "utf-8-sig" if mark else "utf-8"
        return Scan(name, mark, nuls == 0 and marks * len(UTF8_MARK) == mark, quotes)
    if stated is not None or mark or _mostly_utf8(container):
        raise FileRefused(
            container.path,
            "holds bytes that are not UTF-8",
            "export it anew as UTF-8, or state its `encoding`",
            line=_line_at(container, broken),
        )
    return _legacy(container, quotes)


def _stated_mark(stated: str, head: bytes) -> int:
    wanted = {"utf-8-sig": UTF8_MARK, **UTF16_MARKS}.get(stated)
    return len(wanted) if wanted and head.startswith(wanted) else 0


def _pass(container: Container) -> tuple[int | None, int, int, int, int]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    broken: int | None = None
    nuls = marks = quotes = size = 0
    tail = b""
    with container.open() as stream:
        while chunk := container.read(stream, CHUNK):
            quotes += chunk.count(b'"')
            nuls += chunk.count(0)
            marks += (tail + chunk).count(UTF8_MARK)
            tail = chunk[-2:]
            if broken is None and not (chunk.isascii() and not decoder.getstate()[0]):
                pending = len(decoder.getstate()[0])
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError as problem:
                    broken = size - pending + problem.start
            size += len(chunk)
    if broken is None and decoder.getstate()[0]:
        broken = size - len(decoder.getstate()[0])
    return broken, nuls, marks, quotes, size


def _utf16_without_mark(head: bytes) -> str | None:
    """UTF-16 shows by NULs on one side only and line ends that are whole code units."""
    if b"\x00" not in head:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    ends = head.count(b"\n") + head.count(b"\r")
    for name, low, high in (("utf-16-le", even, odd), ("utf-16-be", odd, even)):
        if high < 2 or low > high * 0.02:
            continue
        try:
            text = codecs.getincrementaldecoder(name)().decode(head)
        except UnicodeDecodeError:
            continue
        whole = text.count("\n") + text.count("\r")
        if ends and whole >= ends / 2:
            return name
    return None


def _lines_beyond_ascii(container: Container) -> bytes:
    kept: list[bytes] = []
    size, rest = 0, b""
    with container.open() as stream:
        while size < SAMPLE and (chunk := container.read(stream, CHUNK)):
            lines = re.split(rb"[\r\n]", rest + chunk)
            rest = lines.pop()
            for line in lines:
                if not line.isascii():
                    kept.append(line[:2048])
                    size += len(kept[-1])
                    if size >= SAMPLE:
                        break
    if size < SAMPLE and not rest.isascii():
        kept.append(rest[:2048])
    return b"\n".join(kept)


def _mostly_utf8(container: Container) -> bool:
    """Whether the file is UTF-8 with a few broken places. Legacy text is valid UTF-8 by accident
    in hardly any line, so two thirds of valid lines are proof."""
    lines = _lines_beyond_ascii(container).split(b"\n")
    valid = 0
    for line in lines:
        try:
            valid += len(line.decode("utf-8")) > 0
        except UnicodeDecodeError:
            continue
    return valid >= 2 and valid >= len(lines) * 2 / 3


def _legacy(container: Container, quotes: int) -> Scan:
    sample = _lines_beyond_ascii(container)
    scores = {name: _plausibility(sample, name) for name in LEGACY}
    best = max(LEGACY, key=lambda name: (round(scores[name], 2), -LEGACY.index(name)))
    if best == "gb18030" and scores["cp949"] >= scores[best] and _is_korean(sample):
        best = "cp949"
    if best == "cp1252" and not _decodes(container, best):
        best = "latin-1"
    note = None
    if scores.get(best, scores["cp1252"]) < 0.4:
        note = f"the encoding {best} is a guess: if text looks wrong, state `encoding`"
    return Scan(best, 0, False, quotes, note)


def _decodes(container: Container, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with container.open() as stream:
        try:
            while chunk := container.read(stream, CHUNK):
                decoder.decode(chunk)
        except UnicodeDecodeError:
            return False
    return True


def _line_at(container: Container, offset: int) -> int:
    line, seen, before = 1, 0, b""
    with container.open() as stream:
        while seen < offset and (chunk := container.read(stream, min(CHUNK, offset - seen))):
            seen += len(chunk)
            # A CR LF pair is one line end, also where a chunk cuts it.
            line += chunk.count(b"\n") + chunk.count(b"\r") - (before + chunk).count(b"\r\n")
            before = chunk[-1:]
    return line


def _is_korean(sample: bytes) -> bool:
    text = sample.decode("cp949", "replace")
    return sum("가" <= char <= "힣" for char in text) >= 20


def _plausibility(sample: bytes, encoding: str) -> float:
    """Mean plausibility, from -1 to 1, of the non-ASCII characters the encoding reads."""
    judge, text = _JUDGES[encoding], sample.decode(encoding, "replace")
    total = count = 0.0
    for position, char in enumerate(text):
        if char < "\x80":
            continue
        before = text[position - 1] if position else " "
        after = text[position + 1] if position + 1 < len(text) else " "
        total += -1.0 if char == "�" or char < "\xa0" else judge(char, before, after)
        count += 1
    return total / count if count else 0.0


def _wide_punctuation(char: str) -> bool:
    return "\u3000" <= char <= "\u303f" or "\uff01" <= char <= "\uff5e" or char in "“”‘’—…·¥°×→★●"


def _simplified(char: str, before: str, after: str) -> float:
    if _wide_punctuation(char):
        return 1.0
    if "Ё" <= char <= "ё":
        return 1.0  # GB 18030 holds Cyrillic, in a row where Big5 has hanzi in daily use
    try:
        lead = char.encode("gb2312")[0]
    except UnicodeEncodeError:
        # Accented Latin takes four bytes of a pattern that no other encoding shows by accident.
        return 1.0 if char < "\u0250" else -0.5
    # Rows B0 to D7 are the 3,755 hanzi in daily use, ordered by sound; those after are rare.
    return 1.0 if 0xB0 <= lead <= 0xD7 else 0.3 if lead > 0xD7 else 0.2


def _traditional(char: str, before: str, after: str) -> float:
    if _wide_punctuation(char):
        return 1.0
    try:
        lead = char.encode("big5")[0]
    except UnicodeEncodeError:
        return -0.5
    return 1.0 if 0xA4 <= lead <= 0xC6 else 0.2  # A4 to C6: the 5,401 hanzi in daily use


def _korean(char: str, before: str, after: str) -> float:
    if "가" <= char <= "힣":
        return 1.0 if len(char.encode("euc_kr", "ignore")) == 2 else -0.5
    return 0.8 if _wide_punctuation(char) else -0.3


def _japanese(char: str, before: str, after: str) -> float:
    if "\u3041" <= char <= "\u30ff":
        return 1.0
    if _wide_punctuation(char):
        return 0.8
    return 0.6 if "\u4e00" <= char <= "\u9fff" else -0.5


def _cyrillic(char: str, before: str, after: str) -> float:
    if "Ѐ" <= char <= "џ" or char in "Ґґ":
        if (before + after).isascii() and (before.isalpha() or after.isalpha()):
            return -1.0  # one Cyrillic letter within a Latin word
        return -1.0 if char.isupper() and before.islower() else 1.0
    return _symbol(char, before, after)


def _latin(char: str, before: str, after: str) -> float:
    if not char.isalpha() or char in "ªº":
        return _symbol(char, before, after)
    if char.isupper() and before.islower():
        return -1.0
    beside = (before >= "\x80" and before.isalpha()) + (after >= "\x80" and after.isalpha())
    return (1.0, 0.0, -0.7)[beside]  # real words seldom have two accented letters in a row


def _symbol(char: str, before: str, after: str) -> float:
    if before.isalpha() and after.isalpha():
        return 0.7 if char in "’‘·" else -1.0
    return 0.6 if char in "€£©®°§«»“”‘’–—…•™№½¼¡¿ªº\xa0" else 0.0


_JUDGES: dict[str, Callable[[str, str, str], float]] = {
    "gb18030": _simplified,
    "big5hkscs": _traditional,
    "cp949": _korean,
    "euc_jp": _japanese,
    "cp932": _japanese,
    "cp1251": _cyrillic,
    "koi8-r": _cyrillic,
    "cp1252": _latin,
    "cp1250": _latin,
}
