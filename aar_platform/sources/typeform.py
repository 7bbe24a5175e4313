"""Typeform: answers to forms with the questions they answer."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal

import ibis
import ibis.expr.types as ir
import msgspec

from aar_platform.landing.secret import Secret
from aar_platform.sources.api.auth import bearer
from aar_platform.sources.api.bodies import Body, BodyUnusable
from aar_platform.sources.api.client import Answer, Api
from aar_platform.sources.api.errors import RequestRefused
from aar_platform.sources.api.limits import Limit
from aar_platform.sources.api.objects import ApiObject, Ask, Page
from aar_platform.sources.api.source import ApiSource
from aar_platform.sources.columns import text, texts, typed
from aar_platform.sources.mapping import (
    RAW_COLUMNS,
    core_rows,
    json_list,
    json_text_at,
    json_without,
)
from aar_platform.sources.registry import CoreRows, source_kind

PAGE = 1000
FORMS_PAGE = 200
# Typeform says that answers of the last half hour may be missing from what it gives.
LAG = timedelta(hours=6)
# Under which names forms are handed the e-mail address of whoever answers.
HIDDEN_EMAILS = ("email", "Email", "EMAIL", "e_mail", "mail", "email_address", "user_email",
                 "customer_email")  # fmt: skip
_SCORED = ("nps", "opinion_scale", "rating")
_REST = '{"token":null,"answers":null,"submitted_at":null}'
_KEPT = (*RAW_COLUMNS, "response", "form", "language", "email", "given_at", "gone")


def _stamp(moment: datetime) -> str:
    """A moment as Typeform reads it: whole seconds of UTC, without an offset."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _forms(ask: Ask) -> Page:
    """Numbered pages, checked against the number of forms that there are said to be."""
    at = ask.at or {"page": 1, "total": None}
    answer = ask.api.get("forms", {"page": at["page"], "page_size": FORMS_PAGE})
    records, total = answer.records("items"), _total(answer)
    if at["total"] not in (None, total):
        raise ask.api.changed(f"{at['total']:,} forms became {total:,}")
    come = (at["page"] - 1) * FORMS_PAGE + len(records)
    if come >= total:
        return Page(records)
    if len(records) < FORMS_PAGE:
        raise ask.api.unusable(f"it says there are {total:,} forms, but only {come:,} came")
    return Page(records, {"page": at["page"] + 1, "total": total})


def _definitions(ask: Ask) -> Page:
    """A form with its questions; a form of texts alone has a list of them too."""
    answer = ask.api.get(f"forms/{ask.parent['id']}")
    if answer.value("id") != ask.parent["id"]:
        raise ask.api.unusable("it is another form than was asked for")
    return Page([answer.content.decode()])


def _answered(ask: Ask, since: datetime | None, until: datetime | None) -> tuple[list[str], Any]:
    """Responses from the newest to the oldest, from behind the last of the page before: what is
    sent meanwhile comes before them and shifts nothing. Gives records and where to go on."""
    at = ask.at or {"before": None, "come": 0}
    params: dict[str, Any] = {"page_size": PAGE, "response_type": "completed"}
    if since:
        params["since"] = _stamp(since)
    if until:
        params["until"] = _stamp(until + timedelta(seconds=1))
    if at["before"]:
        params["before"] = at["before"]
    try:
        answer = ask.api.get(f"forms/{ask.parent['id']}/responses", params)
    except RequestRefused as refused:
        if at["before"]:
            # Tokens of responses that have been deleted meanwhile lead nowhere, tomorrow as today.
            raise ask.api.changed(str(refused)) from None
        raise
    records, total = answer.records("items"), _total(answer)
    come = at["come"] + len(records)
    # Typeform does not say whether the total is of all, or of those behind the token.
    if len(records) < PAGE:
        if total > len(records) and total != come:
            raise ask.api.unusable(f"it says there are {total:,} responses, but {come:,} came")
        return records, None
    return records, {"before": _token(records[-1]), "come": come}


def _total(answer: Answer) -> int:
    total = answer.value("total_items")
    if not isinstance(total, int):
        raise BodyUnusable("its 'total_items' is no number")
    return total


def _token(record: str) -> str:
    token = Body(record.encode()).value("token")
    if not isinstance(token, str):
        raise BodyUnusable("a response has no 'token'")
    return token


def _responses(ask: Ask) -> Page:
    records, following = _answered(ask, ask.since, ask.until)
    return Page(records, following, {"form_id": ask.parent["id"]})


def _response_ids(ask: Ask) -> Page:
    """Of all responses that there still are, the ids: their answers have come before."""
    records, following = _answered(ask, None, None)
    ids = [msgspec.json.encode({"token": _token(one)}).decode() for one in records]
    return Page(ids, following, {"form_id": ask.parent["id"]})


def _feedback_rows(
    responses: ir.Table, definitions: ir.Table, ids: ir.Table, forms: ir.Table
) -> ir.Table:
    """A row for each score given, with the words that answer the question right after it, and for
    each other open answer."""
    questions = _questions(definitions)
    answers = _answers(_with_listed(responses, ids, forms), definitions).left_join(
        questions, [("form", "asked_in"), ("question", "asked")]
    )
    scored = answers.filter(answers.kind.isin(_SCORED) & answers.score.notnull())
    texts_given = answers.filter(answers.words.notnull())
    by_place = scored.select(explains="answer", scored_in="response", scored_at="place")
    texts_given = texts_given.left_join(
        by_place,
        (texts_given.response == by_place.scored_in)
        & (texts_given.place == by_place.scored_at + 1),
    )
    reasons = texts_given.filter(texts_given.explains.notnull())
    reasons = reasons.group_by(reason_of="explains").aggregate(reason=reasons.words.min())
    explained = scored.left_join(reasons, scored.answer == reasons.reason_of)
    columns = [*_KEPT, "answer", "title"]
    start = ibis.cases((explained.kind == "nps", 0), (explained.kind == "rating", 1),
                       (explained.definition.isnull(), None), (explained.starts_at_one, 1),
                       else_=0)  # fmt: skip
    steps = ibis.cases(
        (explained.kind == "nps", 11),
        (explained.definition.isnull(), None),
        else_=ibis.coalesce(explained.steps, (explained.kind == "rating").ifelse(5, 11)),
    )
    scores = explained.select(
        *columns,
        score=explained.score,
        lowest=start.cast("float64"),
        highest=(start + steps - 1).cast("float64"),
        words=explained.reason,
    )
    nothing = ibis.null("float64")
    own = texts_given.filter(texts_given.explains.isnull())
    own = own.select(*columns, score=nothing, lowest=nothing, highest=nothing, words=own.words)
    rows = ibis.union(scores, own)
    return core_rows(
        rows,
        feedback_id=rows.answer,
        email=rows.email,
        channel="survey",
        question=rows.title,
        score=rows.score,
        scale_min=rows.lowest,
        scale_max=rows.highest,
        text=rows.words,
        language=rows.language,
        given_at=rows.given_at,
        updated_at=rows.given_at,
        is_deleted=rows.gone,
        attributes=json_without(rows.payload, _REST).cast(str),
    )


def _questions(definitions: ir.Table) -> ir.Table:
    """Every question in its place in the form; those of groups stand where their group does."""
    made = definitions.select(asked_in="id", outer=_numbered(json_list(definitions.fields)))
    made = made.mutate(outer_at=made.outer["at"], field=made.outer["field"])
    inner = _numbered(json_list(json_text_at(made.field, "$.properties.fields")))
    within = made.select("asked_in", "outer_at", inner=inner)
    within = within.select("asked_in", "outer_at", inner_at=within.inner["at"],
                           field=within.inner["field"])  # fmt: skip
    top = made.select("asked_in", "outer_at", inner_at=ibis.literal(0, "int64"), field=made.field)
    fields = ibis.union(top, within)
    in_order = ibis.window(group_by="asked_in", order_by=["outer_at", "inner_at"])
    return fields.select(
        "asked_in",
        asked=json_text_at(fields.field, "$.id"),
        definition=json_text_at(fields.field, "$.type"),
        place=ibis.row_number().over(in_order),
        title=json_text_at(fields.field, "$.title"),
        steps=json_text_at(fields.field, "$.properties.steps").try_cast("int64"),
        starts_at_one=json_text_at(fields.field, "$.properties.start_at_one").fill_null("")
        == "true",
    )


def _numbered(fields: ir.ArrayValue) -> ir.Value:
    """Members of a list, one a row, each with its place."""
    pairs = fields.zip(ibis.range(fields.length()))
    return pairs.map(
        lambda pair: ibis.struct({"field": pair["f1"], "at": pair["f2"].cast("int64")})
    ).unnest()


def _answers(rows: ir.Table, definitions: ir.Table) -> ir.Table:
    """Every answer with its response: who gave it, when, and whether it is gone."""
    spoken = definitions.select(spoken_in=definitions.id, language=definitions.language)
    rows = rows.left_join(spoken, rows.form_id == spoken.spoken_in)
    hidden = [json_text_at(rows.hidden, f'$."{name}"').nullif("") for name in HIDDEN_EMAILS]
    each = rows.select(
        *RAW_COLUMNS,
        "language",
        "gone",
        response=rows.token,
        form=rows.form_id,
        hidden_email=ibis.coalesce(*hidden),
        given_at=rows.submitted_at,
        given=json_list(rows.answers).unnest(),
    )
    typed_in = json_text_at(each.given, "$.email").min().over(ibis.window(group_by="response"))
    each = each.mutate(email=ibis.coalesce(each.hidden_email, typed_in))
    question = json_text_at(each.given, "$.field.id")
    return each.select(
        *_KEPT,
        question=question,
        answer=each.response + "-" + question,
        kind=json_text_at(each.given, "$.field.type"),
        score=json_text_at(each.given, "$.number").try_cast("float64"),
        words=json_text_at(each.given, "$.text").strip().nullif(""),
    )


def _with_listed(responses: ir.Table, ids: ir.Table, forms: ir.Table) -> ir.Table:
    """`gone`: no longer among the ids of its form, or its form is no longer listed. Only of what is
    older than the list, by more than answers may be late in it."""
    listed = ids.select(listed=ids.token).distinct()
    there = forms.select(there=forms.id).distinct()
    when = forms.aggregate(forms_at=forms.extracted_at.max()).cross_join(
        ids.aggregate(ids_at=ids.extracted_at.max())
    )
    rows = responses.left_join(listed, responses.token == listed.listed)
    rows = rows.left_join(there, rows.form_id == there.there).cross_join(when)
    is_gone = [
        absent.isnull()
        & (rows.extracted_at < at)
        & (rows.submitted_at < at - ibis.interval(hours=6))
        for absent, at in ((rows.listed, rows.ids_at), (rows.there, rows.forms_at))
    ]
    return rows.mutate(gone=is_gone[0].fill_null(False) | is_gone[1].fill_null(False))


@source_kind("typeform")
class Typeform(ApiSource):
    """A Typeform account.

    token: a personal access token. host: `api.eu.typeform.com` for accounts that are kept in the
    European Union.
    """

    TITLE: ClassVar[str] = "Typeform"
    SETUP: ClassVar[str] = (
        "Under Account → Your settings → Personal tokens, make a token with the scopes below. "
        "Answers find their customer where the form asks for an e-mail address, or is handed one "
        "in a hidden field `email`."
    )
    LIMITS: ClassVar[str] = (
        "Two calls a second, which are kept; status 429 is waited out. Answers of the last half "
        "hour may be missing: each pull reaches back six hours before the last."
    )
    GAPS: ClassVar[str] = (
        "Choices, numbers, dates and files feed no core table; they are in `payload`. Responses "
        "that were not completed are not pulled."
    )
    CORE: ClassVar[tuple[CoreRows, ...]] = (
        CoreRows(
            "feedback",
            ("responses", "definitions", "response_ids", "forms"),
            rows=_feedback_rows,
            is_row_per_record=False,
        ),
    )
    OBJECTS: ClassVar[tuple[ApiObject, ...]] = (
        ApiObject(
            name="forms",
            title="forms",
            page=_forms,
            grain="a form",
            scopes="forms:read",
            calls="one per 200 forms, every time",
            columns={
                **texts("id", "title", "type"),
                **typed("moment", "created_at", "last_updated_at"),
            },
        ),
        ApiObject(
            name="definitions",
            title="forms with their questions",
            page=_definitions,
            parent="forms",
            grain="a form with its questions",
            scopes="forms:read",
            calls="one per form, every time",
            columns={
                **texts("id", "title", "type"),
                **typed("json", "fields"),
                **typed("moment", "created_at", "last_updated_at", "published_at"),
                "language": text("settings.language"),
            },
        ),
        ApiObject(
            name="responses",
            title="responses with their answers",
            page=_responses,
            reads="changes",
            key=("token",),
            changed_at="submitted_at",
            overlap=LAG,
            parent="forms",
            grain="a person's answers to a form",
            scopes="responses:read",
            calls="one per form, more where more than 1,000 are new",
            columns={
                **texts("token", "response_id", "response_type"),
                **typed("moment", "landed_at", "submitted_at"),
                **typed("json", "answers", "hidden"),
                "score": text("calculated.score").of("number"),
                "form_id": text("@form_id"),
            },
        ),
        ApiObject(
            name="response_ids",
            title="responses, ids only",
            page=_response_ids,
            key=("token",),
            parent="forms",
            grain="a response that there still is",
            scopes="responses:read",
            calls="one per form and 1,000 responses, every time: deletions are not told",
            columns={**texts("token"), "form_id": text("@form_id")},
        ),
    )

    kind: Literal["typeform"] = "typeform"
    token: Secret
    host: str = "api.typeform.com"

    def connect(self, where: str) -> Api:
        """The account's API."""
        base = self.url or f"https://{self.host}"
        return Api(where, base, bearer(self.token.reveal()), limits=(Limit(2, 1),))
