"""What a result means, in a sentence that says when not to believe it, in English and Chinese."""

from aar_platform.models.experiments.comparison import Comparison
from aar_platform.models.experiments.evaluation import Result
from aar_platform.models.experiments.significance import ALPHA
from aar_platform.models.experiments.texts import TEXTS

# Below it a mean of few customers is not near enough to normal for any of the tests; the usual
# figure of textbooks.
LEAST_CUSTOMERS = 30
# Customers that did it, and that did not, expected in each variant (Cochran 1954, "Some Methods for
# Strengthening the Common Chi-Square Tests").
LEAST_EXPECTED = 5
# More than this in several variants is no oversight of single customers any more.
MOST_CONTAMINATED = 0.01
_SIZES_TOLD = 5


def verdict(result: Result, language: str) -> str:
    """One sentence on a result; `language` is en or zh.

    What speaks against believing anything goes first: assignments of nobody known, wrong sizes, no
    control, too few customers.
    """
    said = TEXTS[language]
    if result.strangers_of:
        sources = said["comma"].join(quoted(name) for name in result.strangers_of)
        return said["strangers"].format(sources=sources)
    if result.is_sample_ratio_ok is False:
        return said["sizes.wrong"].format(
            sizes=_sizes(result, language), chance=_chance(result, language)
        )
    if sum(size > 0 for size in result.trial.sizes.values()) < 2:
        return _alone(result, language)
    if result.trial.sizes[result.control] == 0:
        meant = said["no_control.meant"].format(meant=quoted(result.meant)) if result.meant else ""
        return said["no_control"].format(control=quoted(result.control), meant=meant)
    found = result.comparison
    if found is None:
        return said["is_control"].format(variant=quoted(result.variant))
    words = _words(result, language)
    if found.obstacle == "too_few" or _is_too_few(result):
        is_proportion = result.trial.kind == "proportion"
        events = said["too_few.events"].format(expected=LEAST_EXPECTED) if is_proportion else ""
        return said["too_few"].format(**words, least=LEAST_CUSTOMERS, events=events)
    if found.obstacle is not None:
        return said[found.obstacle].format(**words)
    parts = {**words, **_doubts(result, found, language)}
    # What was tested is the lift; the values alone are what was before the adjustment.
    is_told = parts["difference"] and found.lift != 0
    parts["tested"] = words["tested"].format(**parts) if is_told else words["values"]
    return said[_finding(result, found)].format(**parts)


def quoted(name: str) -> str:
    """A name out of the data, set off from the sentence."""
    return f"“{name}”"


def _finding(result: Result, found: Comparison) -> str:
    if result.is_significant:
        return "differs" if None not in _interval(found) else "differs.unbounded"
    is_alone = found.p_value is not None and found.p_value < ALPHA
    return "not_corrected" if is_alone else "is_chance"


def _is_too_few(result: Result) -> bool:
    arms = (result.arm, result.control_arm)
    if min(arm.size for arm in arms) < LEAST_CUSTOMERS:
        return True
    if result.trial.kind != "proportion":
        return False
    successes = sum(arm.size * (arm.value or 0.0) for arm in arms)
    share = successes / sum(arm.size for arm in arms)
    # Where all or none did it, that is the obstacle.
    expected = min(share, 1 - share) * min(arm.size for arm in arms)
    return 1e-12 < expected < LEAST_EXPECTED


def _words(result: Result, language: str) -> dict[str, str]:
    title = result.trial.title_zh if language == "zh" else result.trial.title_en
    words = {
        "title": title,
        "Title": title[:1].upper() + title[1:],
        "variant": quoted(result.variant),
        "control": quoted(result.control),
        "size": f"{result.arm.size:,}",
        "control_size": f"{result.control_arm.size:,}",
        "tests": str(result.tests),
        "value": _value(result.arm.value, result, language),
        "control_value": _value(result.control_arm.value, result, language),
    }
    is_adjusted = result.comparison is not None and result.comparison.variance_reduction is not None
    values = TEXTS[language]["values.adjusted" if is_adjusted else "values"].format(**words)
    tested = TEXTS[language]["tested.adjusted" if is_adjusted else "tested"]
    return {**words, "values": values, "tested": tested}


def _doubts(result: Result, found: Comparison, language: str) -> dict[str, str]:
    """The parts of a finding: how much, how sure, and what speaks against it."""
    said = TEXTS[language]
    low, high = _interval(found)
    change = found.difference if found.lift is None else found.lift
    least = (
        found.minimum_detectable_difference if found.lift is None else found.minimum_detectable_lift
    )
    share = result.contaminated_share
    always = result.adjusted_sequential_p_value
    return {
        "difference": _change(change, result, found, language),
        "low": _change(low, result, found, language),
        "high": _change(high, result, found, language),
        "p": _p(result, found, language),
        "peeking": said["peeking"] if always is None or always >= ALPHA else "",
        "contaminated": said["contaminated"].format(share=f"{share:.1%}")
        if share > MOST_CONTAMINATED
        else "",
        "seen": said["is_chance.seen"].format(least=_amount(least, result, found, language))
        if least is not None
        else "",
    }


def _interval(found: Comparison) -> tuple[float | None, float | None]:
    """Of the lift, or of the difference where there is no lift."""
    return found.difference_interval if found.lift is None else found.lift_interval


def _change(change: float | None, result: Result, found: Comparison, language: str) -> str:
    if change is None:
        return ""
    direction = TEXTS[language]["higher" if change >= 0 else "lower"]
    return direction.format(amount=_amount(abs(change), result, found, language))


def _amount(size: float, result: Result, found: Comparison, language: str) -> str:
    if found.lift is not None:
        return f"{size:.1%}" if size >= 0.01 else f"{size:.2%}"
    if result.trial.kind == "proportion":
        return TEXTS[language]["points"].format(amount=f"{100 * size:.2f}")
    return _number(size, result, language)


def _value(value: float | None, result: Result, language: str) -> str:
    if value is None:
        return "–"
    return f"{value:.2%}" if result.trial.kind == "proportion" else _number(value, result, language)


def _number(number: float, result: Result, language: str) -> str:
    if result.trial.currency is not None:
        from babel.numbers import format_currency

        return str(format_currency(number, result.trial.currency, locale=language))
    return f"{number:,.2f}" if abs(number) >= 1 or number == 0 else f"{number:.3g}"


def _p(result: Result, found: Comparison, language: str) -> str:
    said = TEXTS[language]
    # The one that tells whether there is a difference (adjusted_p_value), for chance findings too.
    is_corrected = result.tests > 1
    p_value = result.adjusted_p_value if is_corrected else found.p_value
    assert p_value is not None, "a comparison without obstacle has a p-value"
    text = said["p.small"] if p_value < 0.0001 else said["p"].format(p=f"{p_value:.2g}")
    return said["p.corrected"].format(p=text, tests=result.tests) if is_corrected else text


def _alone(result: Result, language: str) -> str:
    variant = next((variant for variant, size in result.trial.sizes.items() if size), None)
    if variant is None:
        return TEXTS[language]["no_variant"]
    return TEXTS[language]["one_variant"].format(variant=quoted(variant))


def _sizes(result: Result, language: str) -> str:
    said = TEXTS[language]
    sizes = list(result.trial.sizes.items())
    told = [
        said["size"].format(variant=quoted(variant), count=f"{size:,}")
        for variant, size in sizes[:_SIZES_TOLD]
    ]
    rest = len(sizes) - _SIZES_TOLD
    return said["comma"].join([*told, *([said["more"].format(count=rest)] if rest > 0 else [])])


def _chance(result: Result, language: str) -> str:
    p_value = result.sample_ratio_p_value or 0.0
    # One in ten million and one in a billion are the same to a reader.
    if p_value < 1e-7:
        return TEXTS[language]["chance.never"]
    return TEXTS[language]["chance.once"].format(times=f"{1 / p_value:,.0f}")
