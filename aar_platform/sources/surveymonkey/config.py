"""SurveyMonkey: answers to surveys with the questions they answer, and contacts."""

from datetime import timedelta
from typing import ClassVar, Literal

from aar_platform.landing.secret import Secret
from aar_platform.sources.api.auth import bearer
from aar_platform.sources.api.client import Api
from aar_platform.sources.api.limits import Limit
from aar_platform.sources.api.objects import ApiObject
from aar_platform.sources.api.source import ApiSource
from aar_platform.sources.columns import text, texts, typed
from aar_platform.sources.registry import CoreRows, source_kind
from aar_platform.sources.surveymonkey import pages, rows

# Clocks differ, and answers to long surveys are written while they are given.
LAG = timedelta(hours=1)
_SURVEY = "date_created,date_modified,language,question_count,response_count"


@source_kind("surveymonkey")
class SurveyMonkey(ApiSource):
    """A SurveyMonkey account.

    token: the access token of an app of the account. host: `api.eu.surveymonkey.com` or
    `api.surveymonkey.ca` for accounts that are kept there.
    """

    TITLE: ClassVar[str] = "SurveyMonkey"
    SETUP: ClassVar[str] = (
        "Under developer.surveymonkey.com → My Apps, add a private app, choose the scopes below as "
        "required and deploy it; its access token is under Settings. View Response Details needs a "
        "paid plan."
    )
    LIMITS: ClassVar[str] = (
        "120 calls a minute and 500 a day, until 00:00 UTC, for apps that are not public. Both are "
        "kept: a pull that has used up the day's calls, as SurveyMonkey counts them, ends and goes "
        "on the next day. A nightly pull costs four calls, and three per survey with responses, or "
        "two where `response_ids` is left out and deletions are not seen; so 160 such surveys are "
        "the most, and `refresh_minutes` is for few."
    )
    GAPS: ClassVar[str] = (
        "Choices without weights, rankings, dates, numbers and uploaded files feed no core table; "
        "they are in `payload`. Names of respondents are in `attributes`. Invitations, and who "
        "opened them, are not pulled."
    )
    CORE: ClassVar[tuple[CoreRows, ...]] = (
        CoreRows("contacts", ("contacts",), rows=rows.contact_rows),
        CoreRows(
            "feedback",
            ("responses", "details", "response_ids", "surveys"),
            rows=rows.feedback_rows,
            is_row_per_record=False,
        ),
    )
    OBJECTS: ClassVar[tuple[ApiObject, ...]] = (
        ApiObject(
            name="surveys",
            title="surveys",
            page=pages.listed("surveys", pages.LONG_PAGE, include=_SURVEY),
            grain="a survey",
            scopes="surveys_read",
            calls="one per 1,000 surveys, every time",
            columns={
                **texts("id", "title", "nickname", "language"),
                **typed("whole", "question_count", "response_count"),
                **typed("moment", "date_created", "date_modified"),
            },
        ),
        ApiObject(
            name="details",
            title="survey details",
            page=pages.details,
            parent="surveys",
            of_parent=pages.has_responses,
            grain="a survey with its pages and questions",
            scopes="surveys_read",
            calls="one per survey with responses, every time",
            columns={
                **texts("id", "title", "language", "category"),
                **typed("json", "pages"),
                **typed("moment", "date_created", "date_modified"),
            },
        ),
        ApiObject(
            name="responses",
            title="responses with their answers",
            page=pages.responses,
            reads="changes",
            changed_at="date_modified",
            overlap=LAG,
            parent="surveys",
            of_parent=pages.has_responses,
            grain="a person's answers to a survey",
            scopes="responses_read_detail",
            calls="one per survey with responses, more where more than 100 changed",
            columns={
                **texts("id", "survey_id", "collector_id", "recipient_id", "collection_mode"),
                **texts("response_status", "custom_value", "email_address"),
                **texts("first_name", "last_name"),
                **typed("whole", "total_time"),
                **typed("json", "custom_variables", "pages"),
                **typed("moment", "date_created", "date_modified"),
                "contact_email": text("metadata.contact.email.value"),
            },
        ),
        ApiObject(
            name="response_ids",
            title="responses, ids only",
            page=pages.response_ids,
            parent="surveys",
            of_parent=pages.has_responses,
            grain="a response that there still is",
            scopes="responses_read",
            calls="one per survey with responses and 1,000 of them, every time: deletions are not "
            "told",
            columns={
                **texts("id"),
                "survey_id": text("@survey_id"),
                "total": text("@total").of("whole"),
            },
        ),
        ApiObject(
            name="contacts",
            title="contacts",
            page=pages.contacts,
            grain="a person who is invited",
            scopes="contacts_read",
            calls="three, more where there are more than 100 of a status, every time",
            columns={
                **texts("id", "first_name", "last_name", "email", "phone_number"),
                "status": text("@status"),
            },
        ),
    )

    kind: Literal["surveymonkey"] = "surveymonkey"
    token: Secret
    host: str = "api.surveymonkey.com"

    def connect(self, where: str) -> Api:
        """The account's API."""
        return pages.CountedApi(
            where,
            f"{self.url or f'https://{self.host}'}/v3",
            bearer(self.token.reveal()),
            limits=(Limit(120, 60),),
            judge=pages.judge,
        )
