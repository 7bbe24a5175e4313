"""What can go wrong between us and a system, each as one line: what, where, why, what to do.

A system's own words are told without secrets and without personal data.
"""

import re
from collections.abc import Iterable

_EMAIL = re.compile(r"[^\s@\"'<>,;:=]+@[^\s@\"'<>,;]+\.\w+")
# Long runs of letters and digits: tokens, signatures, ids of sessions.
_TOKEN = re.compile(r"\b(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{24,}\b")
_LONGEST = 300
# What a failed pull says of the next run; no word for a check, which pulls nothing.
GOES_ON = "the pull goes on where it stopped"


class SourceFailed(Exception):
    """A source that cannot be read whole; the message is one line for people."""

    def __init__(self, where: str, why: str, remedy: str) -> None:
        super().__init__(" ".join(f"{where}: {why}; {remedy}".split()))
        self.why, self.remedy = why, remedy


class AccessRefused(SourceFailed):
    """The system knows us not (401), or does not let us (403)."""


class LimitReached(SourceFailed):
    """The system's allowance is used up, for longer than a run should wait."""


class Unreachable(SourceFailed):
    """No answer, or a server error, time and again."""


class NotConnected(Unreachable):
    """Nothing of the system answers: its other objects need not be asked for."""


class AnswerUnusable(SourceFailed):
    """An answer that is not what the system documents: never taken for "no records"."""


class PagesDisagree(AnswerUnusable):
    """Pages that are not of one list, since it changed while they were read: all of them are thrown
    away and asked for anew."""


class RequestRefused(SourceFailed):
    """The system says that the question itself is wrong."""


def told(said: str, secrets: Iterable[str]) -> str:
    """A system's own words on one line, shortened, without the given secrets, e-mail addresses or
    anything that looks like a token."""
    text = " ".join(said.split())
    for secret in secrets:
        if len(secret) > 3:
            text = text.replace(secret, "•••")
    text = _TOKEN.sub("•••", _EMAIL.sub("•••", text))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
