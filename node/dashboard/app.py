"""The dashboard's application: addresses, and what each answers with."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from importlib import resources

from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from node.agent.unforeseen import as_told
from node.dashboard import language as languages
from node.dashboard import told
from node.dashboard.access import LARGEST_FORM, Door, Guarded
from node.dashboard.asked import asked
from node.dashboard.charts import drawing
from node.dashboard.house import House
from node.dashboard.language import Language
from node.dashboard.model import Block, as_csv
from node.dashboard.pages.index import PAGES
from node.dashboard.rendering import error_page, page_html
from node.errors import StoreBusy, UsageError
from node.events.event import Event, Kind, tidied
from node.events.file import add, remove
from privacy.errors import KudosError
from privacy.sharing.assessment import DRIVERS

_STATIC = {
    "style.css": "text/css",
    "dashboard.js": "text/javascript",
}
"""What is served as it lies in the package: no other name is looked for, so no path can lead out."""


def application(house: House, door: Door) -> ASGIApp:
    """The dashboard behind its door."""
    shown = [Route(f"/{'' if key == 'overview' else key}", partial(_page, house, door, key)) for key in PAGES]
    routes = [
        *shown,
        Route("/table/{page}/{block}.csv", partial(_table, house)),
        Route("/chart/{page}/{block}.{form}", partial(_chart, house)),
        Route("/static/vega.js", partial(_vega, house)),
        Route("/static/{name}", _static),
        Route("/language", partial(_choose, house, door, _chosen_language), methods=["POST"]),
        *(
            Route(path, partial(_choose, house, door, of_member(choice)), methods=["POST"])
            for path, choice in OF_MEMBERS.items()
        ),
        Route("/tiles", partial(_choose, house, door, _chosen_tiles), methods=["POST"]),
    ]
    refused = partial(_refused, house, door)
    return Guarded(Starlette(routes=routes, exception_handlers={KudosError: refused, Exception: refused}), door)


def _language(house: House, request: Request) -> Language:
    chosen = house.preferences().language
    return languages.language(chosen) if chosen else languages.accepted(request.headers.get("accept-language", ""))


def _page(house: House, door: Door, key: str, request: Request) -> Response:
    wanted = asked(request.query_params)
    view = house.view(wanted, _language(house, request), PAGES[key].needs)
    page = PAGES[key].make(view)
    return HTMLResponse(page_html(view, page, wanted, door))


def _block(house: House, request: Request) -> tuple[Block, Language] | None:
    found = PAGES.get(request.path_params["page"])
    if found is None:
        return None
    language = _language(house, request)
    view = house.view(asked(request.query_params), language, found.needs)
    block = found.make(view).block(request.path_params["block"])
    return None if block is None else (block, language)


def _table(house: House, request: Request) -> Response:
    found = _block(house, request)
    if found is None or found[0].table is None:
        return _nothing()
    return _file(as_csv(found[0].table), "text/csv", f"kudos-{request.path_params['page']}-{found[0].key}.csv")


def _chart(house: House, request: Request) -> Response:
    found, form = _block(house, request), request.path_params["form"]
    if found is None or found[0].chart is None or form not in ("svg", "png"):
        return _nothing()
    block, language = found
    assert block.chart is not None  # noqa: S101  seen above
    name = f"kudos-{request.path_params['page']}-{block.key}.{form}"
    if form == "svg":
        return _file(drawing.svg(block.chart, language).encode(), "image/svg+xml", name)
    return _file(drawing.png(block.chart, language), "image/png", name)


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})


def _vega(house: House, _request: Request) -> Response:
    return Response(drawing.scripts(house.folder), media_type="text/javascript")


def _static(request: Request) -> Response:
    kind = _STATIC.get(request.path_params["name"])
    if kind is None:
        return _nothing()
    file = resources.files("node.dashboard") / "static" / request.path_params["name"]
    return Response(file.read_bytes(), media_type=kind)


def _nothing() -> Response:
    return PlainTextResponse("There is nothing under this address.\n", 404)


Choice = Callable[[House, QueryParams], None]


async def _choose(house: House, door: Door, choice: Choice, request: Request) -> Response:
    """A form of ours: what it chooses is kept, and the page that it was on is shown again."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_FORM:
            return PlainTextResponse("This form is too large.\n", 413)
    form = QueryParams(body.decode("utf-8", "replace"))
    if not door.is_form(form.get("form", "")):
        return PlainTextResponse("This form is not of this dashboard; load the page again.\n", 403)
    choice(house, form)
    back = form.get("back", "/")
    # A path of ours and nothing else: "//elsewhere" and "/\elsewhere" are other hosts to a browser.
    known = back.partition("?")[0] in ["/", *(f"/{key}" for key in PAGES)]
    return RedirectResponse(back if known and "\\" not in back else "/", 303)


def _chosen_language(house: House, form: QueryParams) -> None:
    wanted = languages.language(form.get("language"))
    house.prefer(replace(house.preferences(), language=wanted.code))


def _chosen_tiles(house: House, form: QueryParams) -> None:
    chosen = house.preferences()
    up, down = form.get("up"), form.get("down")
    if up or down:
        house.prefer(chosen.moved(up or down or "", -1 if up else 1))
    else:
        wanted = form.getlist("tile")
        kept = [key for key in chosen.tiles if key in wanted]
        house.prefer(chosen.with_tiles([*kept, *wanted]))


def _added(house: House, form: QueryParams) -> None:
    until = form.get("until")
    try:
        on, last = date.fromisoformat(form.get("on", "")), date.fromisoformat(until) if until else None
        kind = Kind(form.get("kind", "other"))
    except ValueError as error:
        raise UsageError("An event has a first day, written as 2025-03-01, and a kind.") from error
    add(house.home, Event(tidied(form.get("name", "")), on, last, kind, tidied(form.get("note", ""))))


def _removed(house: House, form: QueryParams) -> None:
    remove(house.home, form.get("name", ""))


def _shared(house: House, form: QueryParams) -> None:
    told.share(house.home, form.get("round", "")[:61], form.get("cohort", "")[:128], form.get("text", ""))


def _withdrawn(house: House, form: QueryParams) -> None:
    told.withdraw(house.home, form.get("digest", ""))


def _assessed(house: House, form: QueryParams) -> None:
    told.assess(house.home, {driver: form.get(driver, "") for driver in DRIVERS}, form.get("note", ""))


OF_MEMBERS: Mapping[str, Choice] = {
    "/events/add": _added,
    "/events/remove": _removed,
    "/insights/share": _shared,
    "/insights/withdraw": _withdrawn,
    "/self-assessment/keep": _assessed,
}
"""What is written into an institution's own folder: a viewer has none."""


def of_member(choice: Choice) -> Choice:
    """The same, refused to a viewer."""

    def chosen(house: House, form: QueryParams) -> None:
        if house.viewer:
            raise UsageError("A viewer looks at benchmarks alone. Nothing was kept.")
        choice(house, form)

    return chosen


def _refused(house: House, door: Door, request: Request, error: Exception) -> Response:
    """What refuses, in its sentence; of what nobody foresaw its kind and place alone, for its text may quote data."""
    said = as_told(error)
    status = 503 if isinstance(said, StoreBusy) else 400 if said.exit_status == 2 else 500
    return HTMLResponse(error_page(_language(house, request), said, door, wrong=status == 400), status)
