"""Answers in JSON, taken apart without losing a character of their records."""

from collections.abc import Sequence
from typing import Any

import msgspec

_Object = dict[str, msgspec.Raw]
_OBJECT = msgspec.json.Decoder(_Object)
_LIST = msgspec.json.Decoder(list[msgspec.Raw])


class BodyUnusable(ValueError):
    """A body that is no JSON or has not the parts it should; the text says which."""


class Body:
    """One JSON body. Nothing but the parts asked for is decoded."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        # A body is gone through once for each part on the way to what is asked for.
        self._members: dict[tuple[str, ...], _Object] = {}

    def check(self) -> None:
        """Raises BodyUnusable for a body that is no JSON, or not whole."""
        try:
            msgspec.json.decode(self.content, type=msgspec.Raw)
        except msgspec.DecodeError:
            raise BodyUnusable(self._broken()) from None

    def records(self, *path: str) -> list[str]:
        """The members of the list at a path, each exactly as it was received.

        Raises BodyUnusable where there is no such list: a missing list is never an empty one.
        """
        raw = self._at(path)
        try:
            return [bytes(one).decode() for one in _LIST.decode(raw)]
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise BodyUnusable(f"'{'.'.join(path) or 'the answer'}' is no list") from None

    def value(self, *path: str) -> Any:
        """The decoded value at a path. Raises BodyUnusable where there is none."""
        try:
            return msgspec.json.decode(self._at(path))
        except msgspec.DecodeError:
            raise BodyUnusable(self._broken()) from None

    def get(self, *path: str) -> Any:
        """The decoded value at a path, or None where there is none."""
        try:
            return self.value(*path)
        except BodyUnusable:
            # A broken body is no missing value.
            if not path:
                raise
            self._at(())
            msgspec.json.decode(self.content)
            return None

    def _at(self, path: Sequence[str]) -> bytes:
        found: bytes = self.content
        for depth, key in enumerate(path):
            members = self._object(tuple(path[:depth]), found)
            if key not in members:
                raise BodyUnusable(f"it has no '{'.'.join(path[: depth + 1])}'")
            found = bytes(members[key])
        return found

    def _object(self, path: tuple[str, ...], text: bytes) -> _Object:
        if path not in self._members:
            try:
                self._members[path] = _OBJECT.decode(text)
            except msgspec.DecodeError:
                where = ".".join(path)
                raise BodyUnusable(f"'{where}' is no object" if where else self._broken()) from None
        return self._members[path]

    def _broken(self) -> str:
        try:
            msgspec.json.decode(self.content)
        except msgspec.DecodeError:
            return "it is no JSON, or was cut off"
        return "it is no JSON object"
