"""What no probability outranks: facts of which one customer has one, and people's decisions."""

import ibis
import ibis.expr.types as ir

from aar_platform.identity.clusters import Apart
from aar_platform.identity.likeness import edits_between
from aar_platform.identity.model.parameters import Parameters

# Numbers so close are one number mistyped.
_TYPING_ERRORS = 2
# Where more than so large a share of the pairs of one customer have quite different numbers, the
# column is filled carelessly: then it is evidence like others, and no proof. In a published set
# with errors in every second record 6 % have. Few pairs cannot tell.
_CARELESS, _TELLING_PAIRS = 0.02, 300


def hard_values(records: ir.Table, model: Parameters | None) -> ir.Table:
    """record, field, value: national ids and verified dates of birth, where `model` (of people)
    leaves them proofs."""
    dated = records.filter(records.is_birth_date_verified & records.birth_date.notnull())
    parts = [
        dated.select(
            record="record",
            field=ibis.literal("birth_date"),
            value=dated.birth_date.cast("string"),
        )
    ]
    if _is_proof(model):
        numbered = records.filter(records.national_id.notnull())
        parts.append(
            numbered.select(record="record", field=ibis.literal("national_id"), value="national_id")
        )
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _is_proof(model: Parameters | None) -> bool:
    """Whether national ids are kept so well that two different ones are two customers."""
    if model is None:
        return True
    pairs = model.same_rate * model.records * (model.records - 1) / 2
    shares = {answer.name: answer.same for answer in model.answers}
    if pairs < _TELLING_PAIRS or "national id" not in shares:
        return True
    return shares["national id"][-1] <= _CARELESS


def other_numbers(one: ir.StringValue, other: ir.StringValue) -> ir.BooleanValue:
    """Whether two national ids are two, and not one mistyped."""
    return edits_between(one, other) > _TYPING_ERRORS


def apart(values: ir.Table, components: ir.Table, pairs: ir.Table) -> Apart:
    """What keeps records apart within `components` (record, cluster). `values` is `hard_values`
    and `pairs` (left, right) are records that people declared different."""
    held = values.join(components, "record").select("cluster", "field", "value").distinct()
    other = held.select("cluster", "field", other="value")
    both = held.rename(one="value").join(other, ["cluster", "field"])
    both = both.filter(both.one < both.other)
    is_other = (both.field == "birth_date") | other_numbers(both.one, both.other)
    conflicts = both.filter(is_other).select("field", "one", "other").distinct()
    return Apart(pairs, values, conflicts)
