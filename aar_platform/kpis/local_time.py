"""Days of the organisation's timezone, in which figures are cut, out of moments in UTC."""

import ibis
import ibis.expr.types as ir
from ibis import udf

from aar_platform.quality.engine_functions import Instant, Stamp, instant_at, utc_of_local


def local_day(moment: ir.TimestampValue, timezone: str) -> ir.DateValue:
    """The day that a UTC moment falls on in `timezone` (an IANA name such as Europe/Paris)."""
    return local_time(moment, timezone).date()


def local_time(moment: ir.TimestampValue, timezone: str) -> ir.TimestampValue:
    """What a clock in `timezone` shows at a UTC moment."""
    return _wall_clock(ibis.literal(timezone), instant_at(ibis.literal("UTC"), moment))


def start_of_day(day: ir.DateValue, timezone: str) -> ir.TimestampValue:
    """The UTC moment at which `day` begins in `timezone`."""
    return utc_of_local(day.cast(Stamp), timezone)


# SQL's timezone() turns a wall clock into an instant and an instant into a wall clock; which of the
# two follows from the argument's type.
@udf.scalar.builtin(name="timezone", signature=(("string", Instant), Stamp))
def _wall_clock(zone, instant):  # type: ignore[no-untyped-def]
    """The wall-clock time of an instant in a zone."""
