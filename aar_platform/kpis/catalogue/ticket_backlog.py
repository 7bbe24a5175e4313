"""Ticket backlog."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.standing_rows import open_at_the_end


@kpi(
    question="How many tickets wait for a solution?",
    unit="tickets",
    formula="Number of tickets open at the end of the period",
    numerator="Tickets that were opened by the last day of the period (the last day with data, "
    "while it still runs) and not solved by then",
    leaves_out="Deleted tickets",
    split="A ticket counts in its channel and with its customer",
    direction="down",
    additive=True,
    area="service",
    in_chinese=Words(
        name="积压工单",
        question="有多少工单等待解决？",
        formula="期末未解决的工单数",
    ),
)
def ticket_backlog(tickets: ir.Table, periods: ir.Table) -> Measure:
    waiting = open_at_the_end(tickets, periods, "opened_on", "solved_on")
    return Measure(waiting, numerator=_.count())
