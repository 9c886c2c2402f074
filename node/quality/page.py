"""The report as one HTML file that prints: no script, nothing from elsewhere."""

from datetime import date
from importlib import resources

from jinja2 import Environment, StrictUndefined

from node.quality import texts
from node.quality.report import SHARES, Report, shares
from node.quality.texts import Language


def render(report: Report, name: str, today: date, language: Language) -> str:
    """The report of an institution as HTML. Every text in it is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = (resources.files("node.quality") / "page.html.j2").read_text(encoding="utf-8")
    now, before = shares(report.now), None if report.before is None else shares(report.before)
    return environment.from_string(template).render(
        language=language,
        name=name,
        report=report,
        word=lambda key, **values: texts.word(key, language, **values),
        share=lambda value: texts.share(value, language),
        number=texts.number,
        today=today.isoformat(),
        shares=[(key, now[key], None if before is None else before[key]) for key in SHARES],
        findings=[(each.level, *texts.finding(each.code, language, each.values)) for each in report.findings],
        reasons=[
            (texts.reason(note.kind, note.reason, language), note.column, note.rows)
            for note in (report.last.notes if report.last else ())
        ],
    )
