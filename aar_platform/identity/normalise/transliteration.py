"""Text of any script in lower-case ASCII letters: what Python does for distinct values."""

import re
import unicodedata
from functools import lru_cache

HAN = re.compile(r"[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")
_APOSTROPHE = re.compile("[´ʼʹ‘’′＇]")
# Zero-width blanks, joiners, marks of direction and tags: nothing that a reader sees.
_FORMAT = re.compile(
    "[\u00ad\u0600-\u0605\u061c\u070f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f"
    "\ufeff\ufff9-\ufffb\U000e0001-\U000e007f]"
)


def plain(text: str) -> str:
    """Compatibility forms composed (full-width letters, ligatures), format characters left out."""
    composed = unicodedata.normalize("NFKC", _APOSTROPHE.sub("'", text))
    return _FORMAT.sub("", composed).strip()


class _Letters(dict[int, str]):
    """For str.translate: letters and digits by anyascii, once each; everything else a blank."""

    def __missing__(self, code: int) -> str:
        from anyascii import anyascii

        letter = chr(code)
        if letter.isascii():
            said = letter.lower() if letter.isprintable() else " "
        elif HAN.match(letter):
            said = syllables(letter)
        elif unicodedata.category(letter)[0] in "LNM":
            # Emoji are spelled out by anyascii (:grinning:); they are no letters.
            said = anyascii(letter).lower()
        else:
            said = " "
        self[code] = said
        return said


_LETTERS = _Letters()


def ascii_letters(text: str) -> str:
    """`plain` text in lower-case ASCII, every Han character by its usual reading."""
    return text.translate(_LETTERS)


def ascii_words(text: str) -> str:
    """`plain` text in lower-case ASCII; each run of Han characters is one word of pinyin."""
    return HAN.sub(lambda run: f" {pinyin(run[0])} ", text).translate(_LETTERS)


def pinyin(han: str) -> str:
    """Han characters in pinyin without tones and blanks, ü as u, read phrase by phrase."""
    from pypinyin.contrib.mmseg import seg

    # Reading a phrase costs 25 µs a character, cutting a text into phrases a tenth of that.
    return "".join(syllables(phrase) for phrase in seg.cut(han))


@lru_cache(maxsize=100_000)
def syllables(phrase: str) -> str:
    """One phrase in pinyin; characters without a reading by anyascii."""
    from anyascii import anyascii
    from pypinyin import lazy_pinyin

    read = lazy_pinyin(phrase, errors=lambda letters: anyascii(letters).lower())
    return "".join(read).replace("v", "u")
