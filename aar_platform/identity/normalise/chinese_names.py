"""Names of people in Han characters: which part is the family name and how it is read."""

import re

from aar_platform.identity.normalise.family_names import (
    KOREAN,
    ONE_CHARACTER,
    READINGS,
    TWO_CHARACTERS,
)
from aar_platform.identity.normalise.transliteration import HAN, ascii_letters, ascii_words, plain

_EASTERN = re.compile(r"[\u2e80-\U0003ffff]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]+")
_HONORIFIC = re.compile(
    r"\s*(?:先生|女士|小姐|太太|夫人|博士|教授|老师|老師|医生|醫生|律师|律師|同学|经理|經理|様|さん|님|씨)\s*$"
)
_NOT_NAMES = "未知 匿名 无名 不详 测试 游客 无 没有 暂无 客户 用户 顾客 先生 女士 小姐"
_NOBODY = frozenset(_NOT_NAMES.split())
_WORD = re.compile("[a-z0-9]+")
_SEPARATOR = re.compile(r"[·‧•・∙]")
# Longer runs are names of other peoples, written by their sound.
_LONGEST = 4


def person_form(text: str, part: str) -> tuple[str, str | None]:
    """A name, or a part of it, in lower-case ASCII, and as written in Han characters.

    `part` is given, family or whole. A whole name whose family name comes first is written with a
    comma after it: 张伟 is "zhang, wei".
    """
    name = plain(text)
    if not _EASTERN.search(name):
        return ascii_letters(name), None
    for _ in range(2):
        name = _HONORIFIC.sub("", name) or name
    if _HANGUL.search(name):
        return _korean(name, part), None
    runs = HAN.findall(name)
    if name in _NOBODY:
        return "", None
    if not runs:
        return ascii_words(name), None
    han = "".join(runs)
    if part == "family":
        form = _family(han)
    elif part == "given":
        form = ascii_letters(han)
    else:
        form = _whole(runs, is_foreign=bool(_SEPARATOR.search(name)))
    beside = _WORD.findall(ascii_words(HAN.sub(" ", name)))
    # "张伟 Zhang Wei" says one name twice.
    said = {*_WORD.findall(form), ascii_letters(han)}
    return " ".join([form, *(word for word in beside if word not in said)]), han


def _family(han: str) -> str:
    return READINGS.get(han) or ascii_letters(han)


def _whole(runs: list[str], is_foreign: bool) -> str:
    han = "".join(runs)
    if is_foreign or len(han) > _LONGEST + 1:
        return " ".join(ascii_letters(run) for run in runs)
    if len(runs) > 1:
        return f"{_family(runs[0])}, {ascii_letters(''.join(runs[1:]))}"
    size = 2 if han[:2] in TWO_CHARACTERS else 1
    if size == 1 and (han[0] not in ONE_CHARACTER or len(han) > _LONGEST):
        return ascii_letters(han)
    return f"{_family(han[:size])}, {ascii_letters(han[size:])}"


def _korean(name: str, part: str) -> str:
    words = _HANGUL.findall(name)
    whole = "".join(words)
    if part == "whole" and len(words) == 1 and 1 < len(whole) <= _LONGEST:
        words = [whole[0], whole[1:]]
    if part == "family" or (part == "whole" and len(words) > 1):
        family = KOREAN.get(words[0]) or ascii_words(words[0])
        given = ascii_words("".join(words[1:]))
        return f"{family}, {given}" if given else family
    return ascii_words(name)
