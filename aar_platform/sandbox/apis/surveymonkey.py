"""SurveyMonkey as it answers: numbered pages with totals, bounds of change, calls counted."""

from collections.abc import Callable
from typing import Any, ClassVar, cast

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aar_platform.sandbox.apis.vendor import Record, Vendor, answer
from aar_platform.sandbox.parts import Part

HOME = "https://api.surveymonkey.com/v3"
SITE = "https://www.surveymonkey.com"
_NOWHERE = "1970-01-01T00:00:00+00:00"


def _survey(number: int) -> str:
    return str(306_000_000 + number)


def _question(survey: int, place: int) -> str:
    return str(652_000_000 + 10 * survey + place)


def _line(survey: int) -> str:
    return str(4_285_000_000 + 100 * survey)


def _choice(survey: int, place: int) -> str:
    return str(4_285_000_001 + 100 * survey + place)


def _response(number: int) -> str:
    return str(12_706_000_000 + number)


def _contact(number: int) -> str:
    return str(9_100_000 + number)


# Of feedback, as the answers to the first survey are called.
IDS: dict[str, Callable[[int], str]] = {
    "contacts": _contact,
    "feedback": lambda number: f"{_response(number)}-{_question(0, 0)}-{_line(0)}",
}


class SurveyMonkey(Vendor):
    """Surveys with their details and responses, kept under `responses/{survey}`, and contacts.

    day_limit: calls a day, where they are counted. includes_bounds: whether a bound of change
    includes its own second.
    """

    KIND: ClassVar[str] = "surveymonkey"
    day_limit: int | None = None
    calls: int = 0
    includes_bounds: bool = False

    def settings(self, url: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The entry of aar.yaml and its secret."""
        entry = {"name": "surveymonkey", "kind": "surveymonkey", "url": url}
        return entry | {"token": "${SURVEYMONKEY_TOKEN}"}, {"SURVEYMONKEY_TOKEN": self.secret}

    def refusal(self, request: Request) -> Response | None:
        """401 for a wrong token, 429 where the day's calls are used up."""
        if request.headers.get("authorization", "").lower() != f"bearer {self.secret}".lower():
            said = "The authorization token provided was invalid."
            return _error(401, "1011", "Authorization Error", said)
        if self.day_limit is not None and self.calls > self.day_limit:
            said = "Too many requests were made, try again later."
            return _error(429, "1040", "Rate Limit Reached", said, self._counted())
        return None

    def routes(self) -> list[Route]:
        """One route per object."""
        survey = "/v3/surveys/{survey}"
        return [
            Route("/v3/surveys", self._surveys),
            Route(f"{survey}/details", self._details),
            Route(f"{survey}/responses", self._ids),
            Route(f"{survey}/responses/bulk", self._responses),
            Route("/v3/contacts/bulk", self._contacts),
        ]

    async def _surveys(self, request: Request) -> Response:
        query = request.query_params
        told = {"id", "title", "nickname", "href", *query.get("include", "").split(",")}
        rows = [{k: v for k, v in one.items() if k in told} for one in self._with_counts()]
        return self._page(request, rows, 1000)

    def _with_counts(self) -> list[Record]:
        return [
            {**one, "response_count": len(self.kept(f"responses/{one['id']}"))}
            for one in self.kept("surveys")
        ]

    async def _details(self, request: Request) -> Response:
        for one in self._with_counts():
            if one["id"] == request.path_params["survey"]:
                return self._answer(one)
        said = "There was an error retrieving the requested resource."
        return _error(404, "1020", "Resource Not Found", said)

    async def _ids(self, request: Request) -> Response:
        rows = self.kept(f"responses/{request.path_params['survey']}")
        short = [{"id": row["id"], "href": row["href"]} for row in rows]
        return self._page(request, short, 1000)

    async def _responses(self, request: Request) -> Response:
        query = request.query_params
        since, until = query.get("start_modified_at", ""), query.get("end_modified_at", "~")

        def is_within(said: str) -> bool:
            at = said[:19]
            return since <= at <= until if self.includes_bounds else since < at < until

        rows = self.kept(f"responses/{request.path_params['survey']}")
        rows = [row for row in rows if is_within(row["date_modified"])]
        if query.get("sort_by") == "date_modified":
            is_down = query.get("sort_order") == "DESC"
            rows.sort(key=lambda row: row["date_modified"], reverse=is_down)
        return self._page(request, rows, 100)

    async def _contacts(self, request: Request) -> Response:
        status = request.query_params.get("status", "active")
        rows = [row for row in self.kept("contacts") if row["status"] == status]
        rows = [{k: v for k, v in row.items() if k != "status"} for row in rows]
        return self._page(request, sorted(rows, key=lambda row: row["email"]), 100)

    def _page(self, request: Request, rows: list[Record], most: int) -> Response:
        query = request.query_params
        page, size = int(query.get("page", 1)), int(query.get("per_page", 50))
        if not 0 < size <= most or page < 1:
            said = "Unable to process the request with the provided input."
            return _error(400, "1000", "Bad Request", said)

        def link(number: int) -> str:
            return str(request.url.include_query_params(page=number, per_page=size))

        links = {"self": link(page)}
        if page * size < len(rows):
            links |= {"next": link(page + 1), "last": link(-(-len(rows) // size))}
        if page > 1:
            links |= {"prev": link(page - 1), "first": link(1)}
        data = rows[(page - 1) * size : page * size]
        body = {"data": data, "per_page": size, "page": page, "total": len(rows), "links": links}
        return self._answer(body)

    def _answer(self, body: Record) -> Response:
        self.calls += 1
        return answer(body, headers=self._counted())

    def _counted(self) -> dict[str, str]:
        if self.day_limit is None:
            return {}
        return {
            "X-Ratelimit-App-Global-Day-Limit": str(self.day_limit),
            "X-Ratelimit-App-Global-Day-Remaining": str(max(self.day_limit - self.calls, 0)),
            "X-Ratelimit-App-Global-Day-Reset": "7200",
        }


def _error(
    status: int, code: str, name: str, message: str, headers: dict[str, str] | None = None
) -> Response:
    docs = "https://developer.surveymonkey.com/api/v3/#error-codes"
    said = {"docs": docs, "message": message, "id": code, "name": name, "http_status_code": status}
    return answer({"error": said}, status, headers)


def _stamp(moment: Any) -> str:
    return _NOWHERE if pd.isna(moment) else f"{moment:%Y-%m-%dT%H:%M:%S}+00:00"


def holdings(part: Part) -> dict[str, list[Record]]:
    """A part of the made-up company as SurveyMonkey keeps it: a survey for each question, of a
    score and the reason for it."""
    held: dict[str, list[Record]] = {"surveys": [], "contacts": _contacts(part.people)}
    if not len(part.feedback):
        return held
    by = ["question", "scale_min", "scale_max", "language"]
    for number, (key, rows) in enumerate(part.feedback.groupby(by, sort=False)):
        question, low, high, language = cast("tuple[str, int, int, str]", key)
        first, last = rows["given_at"].min(), rows["given_at"].max()
        survey = _survey_record(number, question, int(low), int(high), language)
        survey |= {"date_created": _stamp(first)[:19], "date_modified": _stamp(last)[:19]}
        held["surveys"].append(survey)
        made = [
            _response_record(number, int(low), int(high), row) for row in rows.to_dict("records")
        ]
        held[f"responses/{survey['id']}"] = made
    return held


def _contacts(people: pd.DataFrame) -> list[Record]:
    return [
        {
            "id": _contact(row["number"]),
            "first_name": row["given"],
            "last_name": row["family"],
            "email": row["email"],
            "phone_number": row["phone"] or None,
            "custom_fields": {"1": row["city"]},
            "href": f"{HOME}/contacts/{_contact(row['number'])}",
            "status": "active" if row["has_consent"] else "optout",
        }
        for row in people.to_dict("records")
        if row["email"] and not row["is_deleted"]
    ]


def _survey_record(number: int, question: str, low: int, high: int, language: str) -> Record:
    id = _survey(number)
    page = str(165_000_000 + number)
    asked = {"position": 1, "question_count": 2, "id": page, "title": "", "description": ""}
    asked |= {"href": f"{HOME}/surveys/{id}/pages/{page}"}
    is_promoter = (low, high) == (0, 10)
    choices = [
        {
            "id": _choice(number, place),
            "position": place + 1,
            "visible": True,
            "text": str(score) if is_promoter else "",
            "weight": _promoter(score) if is_promoter else score,
            "is_na": False,
            "description": "",
        }
        for place, score in enumerate(range(low, high + 1))
    ]
    line = {"position": 1, "visible": True, "text": "", "id": _line(number)}
    scored = _question_record(id, page, number, 0, "matrix", "rating", question)
    scored["answers"] = {"rows": [line], "choices": choices}
    reason = _question_record(id, page, number, 1, "open_ended", "essay", "Why did you choose it?")
    return {
        "title": question,
        "nickname": "",
        "language": language,
        "folder_id": "0",
        "category": "customer_feedback",
        "question_count": 2,
        "page_count": 1,
        "id": id,
        "buttons_text": {
            "next_button": "Next >>", "prev_button": "<< Prev", "done_button": "Done",
            "exit_button": "",
        },
        "is_owner": True,
        "footer": True,
        "theme_id": "4510354",
        "template_id": None,
        "custom_variables": {"email": "email"},
        "href": f"{HOME}/surveys/{id}",
        "analyze_url": f"{SITE}/analyze/{id}",
        "edit_url": f"{SITE}/create/?sm={id}",
        "collect_url": f"{SITE}/collect/list?sm={id}",
        "summary_url": f"{SITE}/summary/{id}",
        "preview": f"{SITE}/r/Preview/?sm={id}",
        "pages": [{**asked, "questions": [scored, reason]}],
    }  # fmt: skip


def _promoter(score: int) -> int:
    return -100 if score <= 6 else 0 if score <= 8 else 100


def _question_record(
    survey: str, page: str, number: int, place: int, family: str, subtype: str, heading: str
) -> Record:
    id = _question(number, place)
    return {
        "id": id,
        "position": place + 1,
        "visible": True,
        "family": family,
        "subtype": subtype,
        "layout": None,
        "sorting": None,
        "required": None,
        "validation": None,
        "forced_ranking": False,
        "headings": [{"heading": heading}],
        "href": f"{HOME}/surveys/{survey}/pages/{page}/questions/{id}",
    }


def _response_record(survey: int, low: int, high: int, row: Any) -> Record:
    number, at = int(row["number"]), _stamp(row["given_at"])
    id, of = _response(number), _survey(survey)
    # Some were invited by e-mail, some followed a link that passes their address on.
    is_invited = number % 3 > 0
    email = row["email"] if is_invited else ""
    contact = {"email": {"type": "string", "value": email}} if email else {}
    passed = {"email": row["email"]} if row["email"] and not is_invited else {}
    questions: list[Record] = []
    has_score = bool(pd.notna(row["score"]))
    if has_score:
        score = int(row["score"])
        chosen: Record = {"choice_id": _choice(survey, score - low), "row_id": _line(survey)}
        weight = _promoter(score) if (low, high) == (0, 10) else score
        chosen["choice_metadata"] = {"weight": str(weight)}
        questions.append({"id": _question(survey, 0), "answers": [chosen]})
    if row["text"]:
        words = {"tag_data": [], "text": row["text"]}
        questions.append({"id": _question(survey, 1), "answers": [words]})
    return {
        "id": id,
        "recipient_id": str(7_000_000 + number) if is_invited else "",
        "collection_mode": "default",
        "response_status": "completed",
        "custom_value": "",
        "first_name": "",
        "last_name": "",
        "email_address": email,
        "ip_address": "192.0.2.1",
        "logic_path": {},
        "metadata": {"contact": contact},
        "page_path": [],
        "collector_id": "405437100",
        "survey_id": of,
        "custom_variables": passed,
        "edit_url": f"{SITE}/r/?sm={id}",
        "analyze_url": f"{SITE}/analyze/browse/{of}?respondent_id={id}",
        "total_time": 60,
        "date_modified": at,
        "date_created": at,
        "href": f"{HOME}/surveys/{of}/responses/{id}",
        "pages": [{"id": str(165_000_000 + survey), "questions": questions}],
    }
