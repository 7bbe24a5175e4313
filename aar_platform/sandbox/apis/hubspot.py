"""HubSpot as it answers: searches that end at 10,000, lists, associations, owners, pipelines."""

import bisect
from dataclasses import dataclass, field
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aar_platform.sandbox import hubspot_records
from aar_platform.sandbox.apis.vendor import Record, Vendor, answer

IDS = hubspot_records.IDS
holdings = hubspot_records.holdings
# A search gives no more than this to one question, however it is paged.
SEARCH_END = 10_000
_OBJECTS = "/crm/v3/objects/{kind}"


@dataclass
class HubSpot(Vendor):
    """CRM records by kind, each with its associations under `links`, which no answer shows; owners,
    pipelines, marketing e-mails and their events."""

    KIND: ClassVar[str] = "hubspot"
    # By kind: the records in the order of their ids, and the ids, for as long as none is added.
    sorted_by_id: dict[str, tuple[int, list[Record], list[int]]] = field(default_factory=dict)

    def settings(self, url: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The entry of aar.yaml and its secret."""
        entry = {"name": "hubspot", "kind": "hubspot", "url": url, "token": "${HUBSPOT_TOKEN}"}
        return entry, {"HUBSPOT_TOKEN": self.secret}

    def refusal(self, request: Request) -> Response | None:
        """401 for a token that is none."""
        if request.headers.get("authorization") == f"Bearer {self.secret}":
            return None
        said = "Authentication credentials not found."
        return _error("INVALID_AUTHENTICATION", said, 401)

    def routes(self) -> list[Route]:
        """One route per kind of question."""
        association = "/crm/v4/associations/{kind}/{to}/batch/read"
        return [
            Route(f"{_OBJECTS}/search", self._search, methods=["POST"]),
            Route(_OBJECTS, self._list),
            Route(association, self._associations, methods=["POST"]),
            Route("/crm/v3/owners", self._owners),
            Route("/crm/v3/pipelines/{kind}", self._pipelines),
            Route("/account-info/v3/details", self._account),
            Route("/marketing/v3/emails", self._emails),
            Route("/email/public/v1/events", self._events),
        ]

    def _by_id(self, kind: str) -> tuple[list[Record], list[int]]:
        records = self.kept(kind)
        count, ordered, ids = self.sorted_by_id.get(kind, (-1, [], []))
        if count != len(records):
            ordered = sorted(records, key=lambda record: int(record["id"]))
            ids = [int(record["id"]) for record in ordered]
            self.sorted_by_id[kind] = (len(records), ordered, ids)
        return ordered, ids

    async def _search(self, request: Request) -> Response:
        kind, asked = request.path_params["kind"], await request.json()
        limit, begin = asked["limit"], int(asked.get("after") or 0)
        if limit > 200 or begin + limit > SEARCH_END:
            return _error("VALIDATION_ERROR", "There was a problem with the request.", 400)
        ordered, ids = self._by_id(kind)
        first = 0
        filters = [one for group in asked["filterGroups"] for one in group["filters"]]
        others = []
        for one in filters:
            if (one["propertyName"], one["operator"]) == ("hs_object_id", "GT"):
                first = bisect.bisect_right(ids, int(one["value"]))
            else:
                others.append((one["propertyName"], one["operator"], _moment(one["value"])))
        found = [row for row in ordered[first:] if not row["archived"] and _holds(row, others)]
        # In the order asked for; without one, as HubSpot does, by creation, newest last.
        if not asked.get("sorts"):
            found.sort(key=lambda record: str(record["createdAt"]))
        page = found[begin : begin + limit]
        body: dict[str, Any] = {"total": len(found)}
        body["results"] = [_shown(row, asked["properties"]) for row in page]
        if begin + limit < len(found):
            body["paging"] = {"next": {"after": str(begin + limit)}}
        return answer(body)

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        limit, after = int(query.get("limit", 10)), int(query.get("after", 0))
        if limit > 100:
            return _error("VALIDATION_ERROR", "limit must be at most 100", 400)
        ordered, ids = self._by_id(request.path_params["kind"])
        is_archived = query.get("archived") == "true"
        left = ordered[bisect.bisect_left(ids, after) :]
        found = [row for row in left if row["archived"] == is_archived]
        properties = query.get("properties", "").split(",")
        body: dict[str, Any] = {"results": [_shown(row, properties) for row in found[:limit]]}
        if len(found) > limit:
            link = request.url.include_query_params(after=found[limit]["id"])
            body["paging"] = {"next": {"after": found[limit]["id"], "link": str(link)}}
        return answer(body)

    async def _associations(self, request: Request) -> Response:
        kind, to = request.path_params["kind"], request.path_params["to"]
        ordered, ids = self._by_id(kind)
        results, errors = [], []
        for one in (await request.json())["inputs"]:
            at = bisect.bisect_left(ids, int(one["id"]))
            ends = ordered[at].get("links", {}).get(to, []) if at < len(ids) else []
            if ends:
                told = [_end(end, place == 0) for place, end in enumerate(ends)]
                results.append({"from": {"id": one["id"]}, "to": told})
            else:
                errors.append(_none_found(kind, to, one["id"]))
        moment = "2026-02-13T04:24:38.433Z"
        body: dict[str, Any] = {"completedAt": moment, "startedAt": moment, "status": "COMPLETE"}
        body["results"] = results
        if not errors:
            return answer(body)
        return answer({**body, "errors": errors, "numErrors": len(errors)}, 207)

    async def _owners(self, request: Request) -> Response:
        is_archived = request.query_params.get("archived") == "true"
        found = [one for one in self.kept("owners") if one["archived"] == is_archived]
        return _paged(request, found)

    async def _pipelines(self, request: Request) -> Response:
        return answer({"results": self.kept(f"{request.path_params['kind']}_pipelines")})

    async def _account(self, request: Request) -> Response:
        return answer(self.kept("account")[0])

    async def _emails(self, request: Request) -> Response:
        return _paged(request, self.kept("marketing_emails"))

    async def _events(self, request: Request) -> Response:
        query = request.query_params
        begin, limit = int(query.get("offset", 0)), int(query.get("limit", 10))
        since, until = int(query.get("startTimestamp", 0)), int(query.get("endTimestamp", 2**62))
        if limit > 1000:
            return _error("VALIDATION_ERROR", "limit must be at most 1000", 400)
        # Newest first.
        found = [row for row in self.kept("email_events")[::-1] if since <= row["created"] < until]
        end = begin + limit
        page = {"events": found[begin:end], "hasMore": end < len(found), "offset": str(end)}
        return answer(page)


def _holds(record: Record, conditions: list[tuple[str, str, str]]) -> bool:
    for name, operator, than in conditions:
        value = str(record["properties"][name])
        if (operator == "GTE" and value < than) or (operator == "LT" and value >= than):
            return False
    return True


def _moment(milliseconds: str) -> str:
    return hubspot_records.stamp(int(milliseconds))


def _shown(record: Record, properties: list[str]) -> Record:
    kept = record["properties"]
    told = {key: value for key, value in record.items() if key != "links"}
    return {**told, "properties": {name: kept.get(name) for name in properties}}


def _end(end: str, is_first: bool) -> Record:
    kinds = [{"category": "HUBSPOT_DEFINED", "typeId": 279, "label": None}]
    if is_first:
        kinds.insert(0, {"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "Primary"})
    return {"toObjectId": int(end), "associationTypes": kinds}


def _none_found(kind: str, to: str, one: str) -> Record:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {to} is associated with {kind} {one}.",
        "context": {"fromObjectId": [one], "fromObjectType": [kind], "toObjectType": [to]},
    }


def _paged(request: Request, records: list[Record]) -> Response:
    query = request.query_params
    limit, begin = int(query.get("limit", 10)), int(query.get("after", 0))
    body: dict[str, Any] = {"results": records[begin : begin + limit]}
    if begin + limit < len(records):
        link = request.url.include_query_params(after=begin + limit)
        body["paging"] = {"next": {"after": str(begin + limit), "link": str(link)}}
    return answer(body)


def _error(category: str, message: str, status: int) -> Response:
    body = {"status": "error", "message": message, "category": category}
    return answer({**body, "correlationId": "b4c2bed9-bf1f-48a3-949b-256d76b47192"}, status)
