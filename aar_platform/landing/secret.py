"""Secrets by reference: `${NAME}`, looked up where it is used in the environment that settings
bound to it, or in a file NAME under AAR_SECRETS_DIR. The value is never kept nor shown."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import PydanticCustomError, core_schema

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_-]*)\}")
# user:password@ or ?password=… in a URL; the password may itself hold references.
URL_PASSWORD = re.compile(r"://[^/@:]*:([^@/]*)@")
URL_PARAMETER = re.compile(r"[?&;](?:password|passwd|pwd|token|secret)=([^&;\s]*)", re.IGNORECASE)


class SecretMissing(Exception):
    """A secret that is needed now cannot be found; the text is one line and names it."""


class SecretText:
    """A text in which `${NAME}` stands for a secret, such as `postgresql://aar:${DB_PASSWORD}@db/erp`.

    `str()` and `repr()` show the references only. A password written out in a URL is refused.
    """

    def __init__(self, text: str, environment: Mapping[str, str] | None = None) -> None:
        """`environment` is what `reveal` looks in; raises ValueError for a secret written out."""
        self.text = text
        self._environment = environment
        refusal = self._refusal(text)
        if refusal:
            raise ValueError(refusal)

    @classmethod
    def _refusal(cls, text: str) -> str | None:
        for password in URL_PASSWORD.findall(text) + URL_PARAMETER.findall(text):
            if password and REFERENCE.sub("", password):
                return "a password is written out here; put ${NAME} in its place and set NAME"
        return _malformed(text)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the secrets referred to, each once, in order."""
        return tuple(dict.fromkeys(REFERENCE.findall(self.text)))

    def reveal(self, environment: Mapping[str, str] | None = None) -> str:
        """The text with its secrets filled in, from `environment` or else from the one bound.

        Raises SecretMissing, naming every secret that cannot be found.
        """
        found = environment if environment is not None else self._environment
        if found is None:
            found = {}
        missing = list(self._missing(found))
        if missing:
            raise SecretMissing("; ".join(missing))
        return REFERENCE.sub(lambda match: _look_up(match[1], found) or "", self.text)

    def missing(self) -> tuple[str, ...]:
        """One line for each secret that `reveal` would not find; none of them holds a value."""
        return tuple(self._missing(self._environment or {}))

    def _missing(self, environment: Mapping[str, str]) -> Iterator[str]:
        for name in self.names:
            try:
                value = _look_up(name, environment)
            except SecretMissing as error:
                yield str(error)
                continue
            if value is None:
                folder = environment.get("AAR_SECRETS_DIR")
                place = f"the file {Path(folder) / name}" if folder else "a file in AAR_SECRETS_DIR"
                yield f"secret {name} is not set; give it in the environment or in {place}"

    def with_text(self, text: str) -> Self:
        """The same binding with another text."""
        return type(self)(text, self._environment)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text!r})"

    def __str__(self) -> str:
        return self.text

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and str(other) == self.text

    def __hash__(self) -> int:
        return hash((type(self), self.text))

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        # A pickled environment would carry every secret with it: only the reference travels.
        return type(self), (self.text,)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.with_info_plain_validator_function(
            cls._validate,
            serialization=core_schema.plain_serializer_function_ser_schema(str),
        )

    @classmethod
    def _validate(cls, value: Any, info: ValidationInfo) -> Self:
        if isinstance(value, cls):
            return value
        text = value if isinstance(value, str) else ""
        refusal = cls._refusal(text) if text else cls._expected()
        if refusal:
            # The message must not hold the value: it may be the secret itself.
            raise PydanticCustomError("secret", "{refusal}", {"refusal": refusal})
        return cls(text, (info.context or {}).get("environment"))

    @classmethod
    def _expected(cls) -> str:
        return "must be text, in which ${NAME} stands for a secret"


class Secret(SecretText):
    """One secret, `${NAME}` and nothing else; a value written out is refused unprinted."""

    @classmethod
    def _refusal(cls, text: str) -> str | None:
        return None if REFERENCE.fullmatch(text) else cls._expected()

    @classmethod
    def _expected(cls) -> str:
        return (
            'a secret must be a reference; write "${NAME}" here and set NAME in the environment '
            "or in a file in AAR_SECRETS_DIR"
        )


def _malformed(text: str) -> str | None:
    if "${" in REFERENCE.sub("", text):
        return "holds a broken reference; write ${NAME}, of letters, digits, _ and -"
    return None


def _look_up(name: str, environment: Mapping[str, str]) -> str | None:
    """The value of a secret, or None; an empty one counts as not set."""
    if environment.get(name):
        return environment[name]
    folder = environment.get("AAR_SECRETS_DIR")
    if not folder:
        return None
    path = Path(folder) / name
    try:
        # Editors and `echo` end a file with a line break that is no part of the secret.
        return path.read_text(encoding="utf-8").rstrip("\r\n") or None
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SecretMissing(f"secret {name}: {path} cannot be read: {reason}") from None
