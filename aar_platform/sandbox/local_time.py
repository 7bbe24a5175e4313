"""The clock on the made-up company's walls, and the same moments in UTC."""

from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

ZONE = ZoneInfo("Europe/Paris")
_NEVER = np.datetime64("1970-01-01", "s")


def to_the_second(moments: pd.Series) -> np.ndarray:
    """Moments to the second."""
    whole: np.ndarray = moments.to_numpy().astype("datetime64[s]")
    return whole


def utc(local: pd.Series) -> np.ndarray:
    """Local moments in UTC. No order falls into the hour that is missing or doubled."""
    never_twice = np.zeros(len(local), bool)
    aware = local.dt.tz_localize(ZONE, ambiguous=never_twice, nonexistent="shift_forward")
    return to_the_second(aware.dt.tz_convert("UTC").dt.tz_localize(None))


def utc_since(start: date, seconds: pd.Series) -> np.ndarray:
    """UTC moments of seconds since the start, local time; 1970 for numbers below 0."""
    offsets = seconds.to_numpy().astype("timedelta64[s]")
    moments = utc(pd.Series(np.datetime64(start, "s") + offsets))
    return np.where(seconds.to_numpy() >= 0, moments, _NEVER)
