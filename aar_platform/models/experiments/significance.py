"""From when on a difference is said to be one."""

ALPHA = 0.05
POWER = 0.8
