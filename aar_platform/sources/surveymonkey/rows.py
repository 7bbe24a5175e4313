"""SurveyMonkey's records as rows of core tables: answers with the questions they answer."""

import ibis
import ibis.expr.types as ir

from aar_platform.sources.mapping import (
    RAW_COLUMNS,
    core_rows,
    json_list,
    json_text_at,
    json_without,
    to_json,
)

# Under which names forms and links pass on the e-mail address of whoever answers.
EMAIL_VARIABLES = ("email", "Email", "EMAIL", "e-mail", "mail", "email_address", "customer_email")
# Previews are answers of those who made the survey.
_PREVIEWS = ("preview", "survey_preview")
# Answers that are dates, addresses or numbers are neither scores nor words.
_NO_WORDS = ("datetime", "demographic")
_NO_WORDS_IF_CHECKED_AS = ("email", "date_us", "date_intl", "integer", "decimal")
# Grids with several choices on a line, and orders of preference, are no ratings.
_NO_SCALE = ("multi", "ranking")
_REST = '{"id":null,"pages":null,"email_address":null,"date_created":null,"date_modified":null}'
_KEPT = (*RAW_COLUMNS, "response", "survey", "language", "email", "given_at", "changed_at", "gone")


def contact_rows(contacts: ir.Table) -> ir.Table:
    """Contacts; who opted out of invitations has refused them."""
    refused = ibis.struct({"granted": ibis.literal(False)})
    said = to_json(ibis.struct({"surveys": refused})).cast(str)
    return core_rows(
        contacts,
        contact_id=contacts.id,
        given_name=contacts.first_name.nullif(""),
        family_name=contacts.last_name.nullif(""),
        email=contacts.email,
        phone=contacts.phone_number,
        consents=ibis.cases((contacts.status == "optout", said)),
    )


def feedback_rows(
    responses: ir.Table, details: ir.Table, ids: ir.Table, surveys: ir.Table
) -> ir.Table:
    """A row for each score given, with the words that explain it, and for each other open answer.

    Words explain a score where they are the comment on it, or answer the question right after it.
    Answers that were chosen from a list without weights are no scores.
    """
    questions = _questions(details)
    answers = _answers(_with_listed(responses, ids, surveys), surveys)
    answers = _with_email(answers.left_join(questions, "question"))
    scores = _scores(answers, _choices(questions))
    texts = _texts(answers, scores)
    theirs = texts.filter(texts.explains.notnull())
    reasons = theirs.group_by(reason_of=theirs.explains).aggregate(
        reason=theirs.words.group_concat("\n", order_by=[theirs.place, theirs.place_of_row])
    )
    explained = scores.left_join(reasons, scores.answer == reasons.reason_of)
    columns = [*_KEPT, "answer", "heading", "score", "lowest", "highest"]
    scored = explained.select(*columns, words=explained.reason)
    nothing = ibis.null("float64")
    own = texts.filter(texts.explains.isnull())
    own = own.mutate(score=nothing, lowest=nothing, highest=nothing)
    rows = ibis.union(scored, own.select(*columns, "words"))
    return core_rows(
        rows,
        feedback_id=rows.answer,
        email=rows.email,
        channel="survey",
        question=rows.heading,
        score=rows.score,
        scale_min=rows.lowest,
        scale_max=rows.highest,
        text=rows.words,
        language=rows.language,
        given_at=rows.given_at,
        updated_at=rows.changed_at,
        is_deleted=rows.gone,
        attributes=json_without(rows.payload, _REST).cast(str),
    )


def _questions(details: ir.Table) -> ir.Table:
    """Every question that can be answered, in its place in the survey."""
    pages = details.select(survey_of=details.id, page=json_list(details.pages).unnest())
    made = pages.select(
        "survey_of",
        page_at=json_text_at(pages.page, "$.position").cast("int64"),
        made=json_list(json_text_at(pages.page, "$.questions")).unnest(),
    )
    asked = made.select(
        "survey_of",
        "page_at",
        "made",
        question=json_text_at(made.made, "$.id"),
        family=json_text_at(made.made, "$.family"),
        subtype=json_text_at(made.made, "$.subtype").fill_null(""),
        position=json_text_at(made.made, "$.position").cast("int64"),
    )
    asked = asked.filter(asked.family.fill_null("") != "presentation")
    in_order = ibis.window(group_by="survey_of", order_by=["page_at", "position"])
    heading = json_text_at(asked.made, "$.headings[0].heading").re_replace("<[^>]*>", " ")
    return asked.select(
        "question",
        "family",
        "subtype",
        place=ibis.row_number().over(in_order),
        title=heading.re_replace(r"\s+", " ").strip(),
        shown_as=json_text_at(asked.made, "$.display_options.display_type").fill_null(""),
        checked_as=json_text_at(asked.made, "$.validation.type").fill_null(""),
        least=json_text_at(asked.made, "$.validation.min").try_cast("float64"),
        most=json_text_at(asked.made, "$.validation.max").try_cast("float64"),
        choices=json_text_at(asked.made, "$.answers.choices"),
        lines=json_text_at(asked.made, "$.answers.rows"),
    )


def _choices(questions: ir.Table) -> ir.Table:
    """What each choice is worth, and the ends of its scale.

    The choices of a net promoter question, 0 to 10, weigh -100, 0 or 100: their place is the score.
    """
    rated = questions.filter(questions.subtype.notin(_NO_SCALE))
    made = rated.select(of="question", made=json_list(rated.choices).unnest())
    choices = made.select(
        "of",
        choice=json_text_at(made.made, "$.id"),
        weight=json_text_at(made.made, "$.weight").try_cast("float64"),
        position=json_text_at(made.made, "$.position").cast("int64"),
        is_none=json_text_at(made.made, "$.is_na").fill_null("") == "true",
    )
    choices = choices.filter(choices.weight.notnull() & ~choices.is_none)
    scale = ibis.window(group_by="of")
    in_order = ibis.window(group_by="of", order_by="position")
    choices = choices.mutate(
        place=ibis.row_number().over(in_order).cast("float64"),
        is_promoter=(choices.weight.min().over(scale) == -100)
        & (choices.weight.max().over(scale) == 100)
        & (choices.count().over(scale) == 11),
    )
    choices = choices.mutate(worth=choices.is_promoter.ifelse(choices.place, choices.weight))
    lowest, highest = choices.worth.min().over(scale), choices.worth.max().over(scale)
    choices = choices.select("choice", "worth", from_=lowest, to=highest)
    return choices.filter(choices.from_ < choices.to)


def _answers(rows: ir.Table, surveys: ir.Table) -> ir.Table:
    """Every answer with its response: who gave it, when, and whether it is gone."""
    spoken = surveys.select(spoken_in=surveys.id, language=surveys.language)
    rows = rows.left_join(spoken, rows.survey_id == spoken.spoken_in)
    custom = [
        json_text_at(rows.custom_variables, f'$."{name}"').nullif("") for name in EMAIL_VARIABLES
    ]
    passed = ibis.cases((rows.custom_value.contains("@"), rows.custom_value))
    told = ibis.coalesce(rows.email_address.nullif(""), rows.contact_email.nullif(""), *custom)
    pages = rows.filter(rows.collection_mode.fill_null("").notin(_PREVIEWS)).select(
        *RAW_COLUMNS,
        "language",
        "gone",
        response=rows.id,
        survey=rows.survey_id,
        email=ibis.coalesce(told, passed),
        given_at=rows.date_created,
        changed_at=rows.date_modified,
        page=json_list(rows.pages).unnest(),
    )
    asked = pages.mutate(asked=json_list(json_text_at(pages.page, "$.questions")).unnest())
    given = asked.select(
        *_KEPT,
        question=json_text_at(asked.asked, "$.id"),
        given=json_list(json_text_at(asked.asked, "$.answers")).unnest(),
    )
    return given.select(
        *_KEPT,
        "question",
        choice=json_text_at(given.given, "$.choice_id"),
        line=json_text_at(given.given, "$.row_id").nullif(""),
        comment=json_text_at(given.given, "$.other_id").nullif(""),
        words=json_text_at(given.given, "$.text").strip().nullif(""),
        is_file=json_text_at(given.given, "$.download_url").notnull(),
    )


def _with_listed(responses: ir.Table, ids: ir.Table, surveys: ir.Table) -> ir.Table:
    """`gone`: no longer among the ids of its survey, where these came whole, or its survey is no
    longer listed or has no responses at all. Only of what is older than the list: an hour covers
    the time that asking takes."""
    listed = ids.select(listed=ids.id).distinct()
    by_survey = ids.group_by(listed_of=ids.survey_id).aggregate(
        came=ids.id.nunique(), total=ids.total.max(), listed_at=ids.extracted_at.max()
    )
    filled = surveys.filter(surveys.response_count.fill_null(1) > 0).select(filled="id").distinct()
    when = surveys.aggregate(surveyed_at=surveys.extracted_at.max())
    rows = responses.left_join(listed, responses.id == listed.listed)
    rows = rows.left_join(by_survey, rows.survey_id == by_survey.listed_of)
    rows = rows.left_join(filled, rows.survey_id == filled.filled).cross_join(when)
    hour = ibis.interval(hours=1)
    is_unlisted = (
        rows.listed.isnull()
        & (rows.came >= rows.total)
        & (rows.extracted_at < rows.listed_at)
        & (rows.date_modified < rows.listed_at - hour)
    )
    is_left = (
        rows.filled.isnull()
        & (rows.extracted_at < rows.surveyed_at)
        & (rows.date_modified < rows.surveyed_at - hour)
    )
    return rows.mutate(gone=is_unlisted.fill_null(False) | is_left.fill_null(False))


def _with_email(answers: ir.Table) -> ir.Table:
    """With the e-mail address that was asked for in the survey, where none is known otherwise."""
    kind = _of_line(answers, "type")
    is_email = (answers.checked_as == "email") | (kind == "email")
    given = answers.filter(is_email.fill_null(False) & answers.words.contains("@"))
    typed = given.group_by(typed_in=given.response).aggregate(typed=given.words.min())
    rows = answers.left_join(typed, answers.response == typed.typed_in).drop("typed_in")
    return rows.mutate(email=ibis.coalesce(rows.email, rows.typed)).drop("typed")


def _scores(answers: ir.Table, choices: ir.Table) -> ir.Table:
    """Answers that are points of a scale: weighed choices, and sliders."""
    rows = answers.left_join(choices, "choice")
    slid = ibis.cases((rows.shown_as == "slider", rows.words.try_cast("float64")))
    rows = rows.mutate(
        score=ibis.coalesce(rows.worth, slid),
        lowest=ibis.coalesce(rows.from_, rows.least),
        highest=ibis.coalesce(rows.to, rows.most),
    )
    rows = rows.filter(rows.score.notnull())
    return _named(rows)


def _texts(answers: ir.Table, scores: ir.Table) -> ir.Table:
    """Answers in words; `explains` is the score that they belong to."""
    is_open = (
        answers.words.notnull()
        & ~answers.is_file
        & answers.family.fill_null("").notin(_NO_WORDS)
        & answers.checked_as.fill_null("").notin(_NO_WORDS_IF_CHECKED_AS)
        & (answers.shown_as.fill_null("") != "slider")
    )
    rows = _named(answers.filter(is_open))
    # Of a grid of scores it is not known which one words explain.
    single = scores.group_by(scored_in="response", scored_at="place").aggregate(
        scored=scores.answer.min(), count=scores.count()
    )
    single = single.filter(single["count"] == 1).drop("count")
    rows = rows.left_join(
        single, (rows.response == single.scored_in) & (rows.place == single.scored_at)
    ).drop("scored_in", "scored_at")
    before = single.rename(before_in="scored_in", before_at="scored_at", before="scored")
    rows = rows.left_join(
        before, (rows.response == before.before_in) & (rows.place == before.before_at + 1)
    )
    follows = ibis.cases((rows.comment.isnull(), rows.before))
    return rows.mutate(explains=ibis.coalesce(rows.scored, follows))


def _named(rows: ir.Table) -> ir.Table:
    """Each answer under an id of its own, with its question and, of a grid, the line it is on."""
    label = _of_line(rows, "text").nullif("").re_replace("<[^>]*>", " ").strip()
    place = _of_line(rows, "position").cast("int64")
    part = ibis.coalesce(rows.line, rows.comment)
    both = rows.title + " — " + label
    return rows.mutate(
        answer=ibis.coalesce(
            rows.response + "-" + rows.question + "-" + part, rows.response + "-" + rows.question
        ),
        heading=ibis.coalesce(both, rows.title),
        place_of_row=place,
    )


def _of_line(rows: ir.Table, key: str) -> ir.StringValue:
    """What a question says of the line that an answer is on."""
    mine = json_list(rows.lines).filter(lambda line: json_text_at(line, "$.id") == rows.line)
    told: ir.StringValue = json_text_at(mine[0], f"$.{key}")
    return told
