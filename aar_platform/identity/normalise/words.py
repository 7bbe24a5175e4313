"""Text in lower-case ASCII as words: what all comparable columns share."""

import ibis
import ibis.expr.types as ir

# Longer texts are mistakes of the exporting system; what identifies stands at the beginning.
LONGEST = 200


def cut(text: ir.StringValue) -> ir.StringValue:
    """The part of a text that is compared."""
    return text.left(LONGEST)


def words(text: ir.StringValue, keep: str = "") -> ir.StringValue:
    """Letters a to z, digits and the characters of `keep`, single blanks between; no apostrophes.

    `text` is a column: it is written out three times.
    """
    # Most values are words already; a look costs a fifth of a replacement.
    is_odd = text.re_search(rf"[^a-z0-9 {keep}]|  |^ | $")
    tidy = text.replace("'", "").re_replace(rf"[^a-z0-9{keep}]+", " ").strip()
    return ibis.ifelse(is_odd, tidy, text)


def folded(text: ir.StringValue) -> ir.StringValue:
    """One spelling of ä, ö, ü, ø, å, æ and what is written for them: ae, oe, ue and aa.

    The ue of pinyin (xue, yue, que) stays: Xue and Xu are two names.
    """
    return text.re_replace(r"(a)[ea](?:(u)e)?|(o)e(?:(u)e)?|([^qxy]u)e|^(u)e", r"\1\2\3\4\5\6")
