"""Typeform as it answers: responses from the newest to the oldest, from behind a token."""

import hashlib
from collections.abc import Callable
from typing import Any, ClassVar, cast

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aar_platform.sandbox.apis.vendor import Record, Vendor, answer
from aar_platform.sandbox.parts import Part

HOME = "https://api.typeform.com"
SITE = "https://orvane.typeform.com"


def _form(number: int) -> str:
    return f"VWO7m{number:03d}"


def _field(form: int, place: int) -> str:
    return f"ZdzF0rr{form:03d}{place:02d}"


def _token(number: int) -> str:
    return hashlib.md5(f"response {number}".encode()).hexdigest()


# Of feedback, as the answers to the first form are called.
IDS: dict[str, Callable[[int], str]] = {
    "feedback": lambda number: f"{_token(number)}-{_field(0, 0)}",
}


class Typeform(Vendor):
    """Forms, and responses kept under `responses/{form}`."""

    KIND: ClassVar[str] = "typeform"

    def settings(self, url: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The entry of aar.yaml and its secret."""
        entry = {"name": "typeform", "kind": "typeform", "url": url, "token": "${TYPEFORM_TOKEN}"}
        return entry, {"TYPEFORM_TOKEN": self.secret}

    def refusal(self, request: Request) -> Response | None:
        """401 for a wrong token."""
        if request.headers.get("authorization") == f"Bearer {self.secret}":
            return None
        said = "Authentication credentials not found on the Request Headers"
        return _error(401, "AUTHENTICATION_FAILED", said)

    def routes(self) -> list[Route]:
        """One route per object."""
        return [
            Route("/forms", self._forms),
            Route("/forms/{form}", self._definition),
            Route("/forms/{form}/responses", self._responses),
        ]

    async def _forms(self, request: Request) -> Response:
        query = request.query_params
        page, size = int(query.get("page", 1)), int(query.get("page_size", 10))
        if not 0 < size <= 200:
            return _error(400, "VALIDATION_ERROR", "page_size must be between 1 and 200")
        told = (
            "id",
            "type",
            "title",
            "last_updated_at",
            "created_at",
            "settings",
            "theme",
            "_links",
        )
        forms = [{k: one[k] for k in told if k in one} for one in self.kept("forms")]
        return answer(
            {
                "total_items": len(forms),
                "page_count": -(-len(forms) // size),
                "items": forms[(page - 1) * size : page * size],
            }
        )

    async def _definition(self, request: Request) -> Response:
        for form in self.kept("forms"):
            if form["id"] == request.path_params["form"]:
                return answer(form)
        return _error(404, "FORM_NOT_FOUND", "form not found")

    async def _responses(self, request: Request) -> Response:
        query = request.query_params
        since, until = query.get("since", ""), query.get("until", "~")
        size = int(query.get("page_size", 25))
        if not 0 < size <= 1000:
            return _error(400, "VALIDATION_ERROR", "page_size must be between 1 and 1000")
        types = query.get("response_type", "completed").split(",")
        rows = [
            row
            for row in self.kept(f"responses/{request.path_params['form']}")
            if row.get("response_type", "completed") in types
            and since <= row["submitted_at"][:19] <= until
        ]
        rows.sort(key=lambda row: (row["submitted_at"], row["token"]), reverse=True)
        if before := query.get("before"):
            at = [place for place, row in enumerate(rows) if row["token"] == before]
            if not at:
                return _error(400, "VALIDATION_ERROR", "the token is not of this form")
            rows = rows[at[0] + 1 :]
        pages = -(-len(rows) // size)
        return answer({"total_items": len(rows), "page_count": pages, "items": rows[:size]})


def _error(status: int, code: str, description: str) -> Response:
    return answer({"code": code, "description": description}, status)


def _stamp(moment: Any) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


def holdings(part: Part) -> dict[str, list[Record]]:
    """A part of the made-up company as Typeform keeps it: a form for each question, of a score and
    the reason for it."""
    held: dict[str, list[Record]] = {"forms": []}
    if not len(part.feedback):
        return held
    by = ["question", "scale_min", "scale_max", "language"]
    for number, (key, rows) in enumerate(part.feedback.groupby(by, sort=False)):
        question, low, high, language = cast("tuple[str, int, int, str]", key)
        first, last = rows["given_at"].min(), rows["given_at"].max()
        form = _form_record(number, question, int(low), int(high), language)
        made, changed = f"{_stamp(first)[:-1]}+00:00", f"{_stamp(last)[:-1]}+00:00"
        form |= {"created_at": made, "last_updated_at": changed, "published_at": made}
        held["forms"].append(form)
        kind = form["fields"][0]["type"]
        held[f"responses/{form['id']}"] = [
            _response_record(number, kind, row) for row in rows.to_dict("records")
        ]
    return held


def _form_record(number: int, question: str, low: int, high: int, language: str) -> Record:
    id = _form(number)
    steps = high - low + 1
    kind = "nps" if (low, high) == (0, 10) else "rating" if low == 1 else "opinion_scale"
    properties: Record = {"steps": steps}
    if kind == "rating":
        properties["shape"] = "star"
    if kind == "opinion_scale":
        properties["start_at_one"] = False
    reason = "What made you choose that?"
    return {
        "id": id,
        "type": "quiz",
        "title": question,
        "workspace": {"href": f"{HOME}/workspaces/sDaAqs"},
        "theme": {"href": f"{HOME}/themes/qHWOQ7"},
        "settings": {
            "language": language, "progress_bar": "proportion", "meta": {"allow_indexing": False},
            "hide_navigation": False, "is_public": True, "is_trial": False,
            "show_progress_bar": True, "show_typeform_branding": True,
        },
        "thankyou_screens": [],
        "hidden": ["email"],
        "fields": [
            _field_record(number, 0, question, kind, properties),
            _field_record(number, 1, reason, "long_text", {}),
        ],
        "_links": {"display": f"{SITE}/to/{id}", "responses": f"{HOME}/forms/{id}/responses"},
    }  # fmt: skip


def _field_record(form: int, place: int, title: str, kind: str, properties: Record) -> Record:
    return {
        "id": _field(form, place),
        "title": title,
        "ref": f"ref-{form}-{place}",
        "properties": properties,
        "validations": {"required": False},
        "type": kind,
    }


def _response_record(form: int, kind: str, row: Any) -> Record:
    token, at = _token(int(row["number"])), row["given_at"]
    answers: list[Record] = []
    has_score = bool(pd.notna(row["score"]))
    if has_score:
        scored = {"id": _field(form, 0), "type": kind, "ref": f"ref-{form}-0"}
        answers.append({"field": scored, "type": "number", "number": int(row["score"])})
    if row["text"]:
        worded = {"id": _field(form, 1), "type": "long_text", "ref": f"ref-{form}-1"}
        answers.append({"field": worded, "type": "text", "text": row["text"]})
    return {
        "landing_id": token,
        "token": token,
        "response_id": token,
        "response_type": "completed",
        "landed_at": _stamp(at - pd.Timedelta(minutes=1)),
        "submitted_at": _stamp(at),
        "metadata": {
            "user_agent": "Mozilla/5.0",
            "platform": "other",
            "referer": f"{SITE}/to/{_form(form)}",
            "network_id": token[:10],
            "browser": "default",
        },
        "hidden": {"email": row["email"]} if row["email"] else {},
        "calculated": {"score": 0},
        "answers": answers,
    }
