"""Whether a deal is won or closed: as its source says, else by the words of its stage."""

from collections.abc import Iterator

import ibis.expr.types as ir

# Words for closed, won and lost, in lower case: in English, French, German, Spanish, Portuguese,
# Italian, Dutch, Polish, Swedish, Danish, Russian, Turkish, Chinese, Japanese and Korean.
_WORDS = (
    ("closed deal", "won win", "lost loss lose"),
    ("clôturé clôturée cloture cloturee fermé fermée", "gagné gagnée gagne gagnee",
     "perdu perdue"),
    ("geschlossen abgeschlossen", "gewonnen", "verloren"),
    ("cerrado cerrada", "ganado ganada", "perdido perdida"),
    ("fechado fechada", "ganho ganha", "perdido perdida"),
    ("chiuso chiusa", "vinto vinta", "perso persa"),
    ("gesloten", "gewonnen", "verloren"),
    ("zamknięte zamknięta zamkniete", "wygrane wygrana wygrany", "przegrane przegrana przegrany"),
    ("stängd stangd", "vunnen vunnet", "förlorad förlorat forlorad"),
    ("lukket", "vundet", "tabt"),
    ("закрыта закрыто", "выиграна выиграно выигран", "проиграна проиграно проигран"),
    ("kapandı", "kazanıldı kazanildi", "kaybedildi"),
    ("关闭 已", "赢单 成交", "输单 丢单"),
    ("完了", "受注 成約", "失注"),
    ("종료", "수주 성사", "실주"),
)  # fmt: skip


def _said(of_closed: str, words: str) -> Iterator[str]:
    """Each word alone, and with a word for closed before or after it, without spaces."""
    for word in words.split():
        yield word
        for closed in of_closed.split():
            yield closed + word
            yield word + closed


WON_STAGES = frozenset(one for closed, won, _ in _WORDS for one in _said(closed, won))
LOST_STAGES = frozenset(one for closed, _, lost in _WORDS for one in _said(closed, lost))


def is_won(deals: ir.Table) -> ir.BooleanValue:
    """Whether deals are won: by the flag, else by the stage of those not said to be open."""
    by_stage = _letters(deals).isin(sorted(WON_STAGES)).fill_null(False)
    return deals.is_won.fill_null(by_stage & deals.is_closed.fill_null(True))


def is_closed(deals: ir.Table) -> ir.BooleanValue:
    """Whether deals are closed: by the flag or the day of closing, else by the stage; what is won
    is closed."""
    by_stage = _letters(deals).isin(sorted(WON_STAGES | LOST_STAGES)).fill_null(False)
    return deals.is_closed.fill_null(deals.closed_at.notnull() | by_stage) | is_won(deals)


def _letters(deals: ir.Table) -> ir.StringValue:
    """`Closed - Won`, `closed_won` and `closedwon` are one."""
    return deals.stage.lower().re_replace(r"[^\p{L}]+", "")
