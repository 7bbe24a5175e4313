"""Words and numbers in the reader's language: texts by key, values by kind."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from aar_platform.reports.blocks import Change, Fewer, Kind, Value
from aar_platform.reports.context import KpiFacts
from aar_platform.reports.texts import SHARED

if TYPE_CHECKING:
    from babel import Locale

Texts = Mapping[str, Mapping[str, str]]

NOTHING = "–"
# Codes that stand for "not known" among the members of a dimension.
UNKNOWN = ("", "unknown")


class Wording:
    """Texts and formats of one locale.

    Texts come in English and Chinese; other languages read the English ones with their own number
    and date formats. Raises ValueError for a locale that does not exist.
    """

    def __init__(
        self,
        locale: str,
        currency: str,
        texts: Texts | None = None,
        kpis: Mapping[str, KpiFacts] | None = None,
    ) -> None:
        self.locale = _locale(locale)
        self.currency = currency
        chosen = self.locale.language if self.locale.language in SHARED else "en"
        self.language = chosen
        self._texts = {**SHARED["en"], **SHARED[chosen]}
        if texts is not None:
            self._texts |= {**texts["en"], **texts.get(chosen, {})}
        for name, facts in (kpis or {}).items():
            self._texts |= _kpi_texts(name, facts, chosen)

    @property
    def tag(self) -> str:
        """The language of the texts as HTML and PDF name it."""
        return {"en": "en", "zh": "zh-Hans"}[self.language]

    def text(self, key: str, **values: object) -> str:
        """The text of a key; `values` fill its {gaps}. Raises KeyError for an unknown key."""
        return self._texts[key].format(**values) if values else self._texts[key]

    def optional(self, key: str) -> str | None:
        """The text of a key, or None where nobody has written one."""
        return self._texts.get(key)

    def name_of(self, group: str, code: str) -> str:
        """The reader's word for a code (`kpi`, `kind`, `label`, …); the code itself, made
        readable, where it has none. Labels of several parts are translated part by part."""
        known = self._texts.get(f"{group}.{code.lower()}")
        if known:
            return known
        parts = [self._texts.get(f"{group}.{part.lower()}") for part in code.split(", ")]
        if len(parts) > 1 and all(parts):
            return self.text("list.separator").join(part for part in parts if part)
        readable = code.replace("_", " ").strip()
        return readable[:1].upper() + readable[1:]

    def country(self, code: str | None) -> str:
        """A country's name in the reader's own language."""
        if code is None or code.lower() in UNKNOWN:
            return self.text("unknown")
        return str(self.locale.territories.get(code.upper(), code))

    def show(self, value: Value, kind: Kind) -> str:
        """A value as text."""
        if isinstance(value, Fewer):
            return f"<{value.than}"
        if value is None:
            return NOTHING
        if isinstance(value, bool):
            return self.text("yes" if value else "no")
        if isinstance(value, datetime):
            return self._moment(value)
        if isinstance(value, date):
            return self.month(value) if kind == "month" else self.day(value)
        if isinstance(value, str):
            return value
        return self._number(value, kind)

    def change(self, change: Change) -> str:
        """A change with its arrow, such as "▲ 4.2 %"."""
        size = abs(change.value)
        if change.kind == "points":
            if round(size * 100, 1) == 0:
                return self.text("change.none")
            shown = self.text("points", value=self._decimal(size * 100, "#,##0.0"))
        else:
            if round(size * 100, 1) == 0:
                return self.text("change.none")
            shown = self._percent(size)
        return f"{'▲' if change.value > 0 else '▼'} {shown}"

    def month(self, month: date) -> str:
        """A month in words, such as "July 2024"."""
        from babel.dates import format_skeleton

        return str(format_skeleton("yMMMM", month, locale=self.locale))

    def short_month(self, month: date) -> str:
        """A month's name in a few letters."""
        from babel.dates import format_date

        return str(format_date(month, "LLL", locale=self.locale))

    def day(self, day: date) -> str:
        """A day, such as "31 Jul 2024"."""
        from babel.dates import format_date

        return str(format_date(day, "medium", locale=self.locale))

    def as_of(self, day: date | None) -> str:
        """Until when there is data."""
        return self.text("as_of.none") if day is None else self.text("as_of", day=self.day(day))

    def _moment(self, moment: datetime) -> str:
        from babel.dates import format_time

        return f"{self.day(moment.date())}, {format_time(moment, 'short', locale=self.locale)}"

    def _number(self, value: int | float | Decimal, kind: Kind) -> str:
        from babel.numbers import format_currency

        if kind == "compact_money" and abs(float(value)) >= 10_000:
            return self._short(Decimal(str(value)), kind, 2)
        if kind in ("money", "compact_money"):
            return str(format_currency(value, self.currency, locale=self.locale))
        if kind == "percent":
            return self._percent(value)
        if kind == "decimal":
            return self._decimal(value, "#,##0.00" if abs(float(value)) < 10 else "#,##0.0")
        if kind == "days":
            return self.text("days", value=self._decimal(round(value), "#,##0"))
        return self._decimal(value, "#,##0" if value == round(value) else "#,##0.##")

    def axis(self, value: float, kind: Kind) -> str:
        """A value on a chart's axis: as short as it can be."""
        if kind == "percent":
            return self._percent(value, "0")
        digits = 0 if value == int(value) and abs(value) < 1000 else 2
        return self._short(Decimal(repr(value)), kind, digits)

    def brief(self, value: float, kind: Kind) -> str:
        """A value beside a bar or in a cell: three significant digits where it is abbreviated."""
        rounded = float(f"{value:.3g}")
        is_written_out = abs(rounded) >= 1000 and not self._abbreviates(value, kind)
        return self.axis(value if is_written_out else rounded, kind)

    def _short(self, value: Decimal, kind: Kind, digits: int) -> str:
        """Abbreviated, such as "€1.2K"; in whole units where the language does not abbreviate so
        small a number, as German and Italian under a million and Chinese under ten thousand."""
        from babel.numbers import format_currency

        if abs(value) < 1000 or self._abbreviates(value, kind):
            return self._compact(value, kind, digits)
        if kind not in ("money", "compact_money"):
            return self._decimal(round(value), "#,##0")
        whole = self.locale.currency_formats["standard"].pattern.replace(".00", "")
        return str(
            format_currency(
                round(value), self.currency, whole, locale=self.locale, currency_digits=False
            )
        )

    def _abbreviates(self, value: float | Decimal, kind: Kind) -> bool:
        """Whether the language has a short form of so large a number: Babel writes the others out,
        with every decimal and without grouping."""
        whole = Decimal(round(abs(float(value))))
        digits = [one for one in self._compact(whole, kind, 0) if one.isdigit()]
        return int("".join(digits)) != whole

    def _compact(self, value: Decimal, kind: Kind, digits: int) -> str:
        from babel.numbers import format_compact_currency, format_compact_decimal

        if kind in ("money", "compact_money"):
            return str(
                format_compact_currency(
                    value, self.currency, locale=self.locale, fraction_digits=digits
                )
            )
        return str(format_compact_decimal(value, locale=self.locale, fraction_digits=digits))

    def _percent(self, value: int | float | Decimal, decimals: str = "0.0") -> str:
        from babel.numbers import format_percent

        pattern = self.locale.percent_formats[None].pattern.replace("#,##0", f"#,##{decimals}")
        return str(format_percent(value, pattern, locale=self.locale))

    def _decimal(self, value: int | float | Decimal, pattern: str) -> str:
        from babel.numbers import format_decimal

        return str(format_decimal(value, pattern, locale=self.locale))


def _kpi_texts(name: str, facts: KpiFacts, language: str) -> dict[str, str]:
    """What a KPI is called, asks and how it is computed; in English where it has no other words."""
    other = facts.in_chinese if language == "zh" else None
    words = (
        (facts.title, facts.question, facts.formula)
        if other is None
        else (other.name, other.question, other.formula)
    )
    return dict(zip((f"kpi.{name}", f"question.{name}", f"formula.{name}"), words, strict=True))


@cache
def _locale(name: str) -> "Locale":
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError) as unknown:
        raise ValueError(
            f"locale {name!r} is not known; write a language such as en, zh or fr, "
            "with a country where it matters, as in en_GB"
        ) from unknown
