"""A document as a mail digest: tables, charts as pictures inside, a plain text of equal content, at most 100 kB in all.

Sections go in as long as they fit, their charts as pictures while there is room, else in words; the last lines say
where the whole report is.
"""

from __future__ import annotations

from binascii import b2a_qp
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from html import escape

from kpi_pipeline.reports.charts import png, png_of
from kpi_pipeline.reports.charts.glyph import COLOURS
from kpi_pipeline.reports.packs.document import (
    Amount,
    Block,
    Cell,
    Document,
    Facts,
    Figure,
    Picture,
    Prose,
    Section,
    State,
    Table,
)
from kpi_pipeline.reports.packs.plain import section_text
from kpi_pipeline.reports.palette import LIGHT

MOST = 100_000  # bytes of the message as it is sent, pictures and encoding included
AROUND = 4_000  # of them for headers, boundaries, and what stands around the sections
WIDTH = 560
DOMAIN = "kpi-pipeline.invalid"
FONT = f"font-family:Helvetica,Arial,sans-serif;font-size:14px;line-height:1.45;color:{LIGHT['ink']}"
QUIET = f"color:{LIGHT['quiet']};font-size:12px"
# Once in the head and not at each cell: half the bytes. Where a program drops it, plain tables remain.
STYLE = (
    f"table{{{FONT}}}"
    f"th,td{{border-bottom:1px solid {LIGHT['rule']};padding:6px 10px 6px 0;vertical-align:top;text-align:left}}"
    f"th.h,.q{{{QUIET}}}.q{{font-weight:normal}}.m{{font-weight:normal}}.r{{text-align:right}}"
    f".f th,.f td{{border:0;padding:1px 12px 1px 0}}h2{{font-size:16px;margin:24px 0 6px}}"
    f"h3{{font-size:14px;margin:14px 0 4px}}"
)


@dataclass(slots=True)
class Pictures:
    """The pictures of a section in order, each with the name by which its HTML calls it; with `drawn` charts too."""

    prefix: str
    drawn: bool
    found: dict[str, bytes] = field(default_factory=dict)

    def add(self, content: bytes) -> str:
        name = f"{self.prefix}{len(self.found) + 1}"
        self.found[name] = content
        return f"{name}@{DOMAIN}"

    @property
    def size(self) -> int:
        """Bytes that they take in the message: base64 in lines, and about 300 of headers each."""
        return sum(len(content) * 78 // 57 + 300 for content in self.found.values())


@dataclass(frozen=True, slots=True)
class Written:
    """A section in HTML and in plain text, with the pictures that its HTML calls."""

    section: Section
    html: str
    text: str
    pictures: Pictures

    @property
    def size(self) -> int:
        return len(b2a_qp(self.html.encode())) + len(b2a_qp(self.text.encode())) + self.pictures.size


def mail(document: Document) -> bytes:
    """The message as a file; whoever sends it sets from and to whom. The same document gives the same bytes.

    Content-Location is where the whole report is below the reports folder; whoever sends it makes that a link.
    """
    shown = _fitting(document)
    made = _message(document, shown).as_bytes()
    while len(made) > MOST and shown:
        shown = shown[:-1]
        made = _message(document, shown).as_bytes()
    return made


def _message(document: Document, shown: Sequence[Written]) -> EmailMessage:
    sections = [each.section for each in shown]
    left_out = [each for each in document.all_sections if each not in sections]
    found = EmailMessage(policy=SMTP)
    found["Subject"] = " ".join(f"{document.full_title}: {document.front.headline}".split())
    found["From"] = f"no-reply@{DOMAIN}"
    found["Date"] = document.known_at
    found["Message-ID"] = f"<{document.company}.{document.report}.{document.period.name}@{DOMAIN}>"
    found.set_content(_text(document, shown, left_out), cte="quoted-printable")
    found.add_alternative(_html(document, shown, left_out), subtype="html", cte="quoted-printable")
    found["Content-Location"] = _place(document)
    body = found.get_body(("html",))
    assert isinstance(body, EmailMessage)  # noqa: S101 - it was just added
    for each in shown:
        for name, content in each.pictures.found.items():
            cid = f"<{name}@{DOMAIN}>"
            body.add_related(content, "image", "png", cid=cid, filename=f"{name}.png", disposition="inline")
    _fix_boundaries(found)
    return found


def _place(document: Document) -> str:
    return f"{document.company}/report/{document.report}/{document.period.name}.html"


def _fitting(document: Document) -> list[Written]:
    """The sections that fit, those of page one first, then their charts as pictures; reference is not among them."""
    shown: list[Written] = []
    room = MOST - AROUND
    for section in document.all_sections:
        told = _written(section, drawn=False)
        if not section.folded and told.size <= room:
            room -= told.size
            shown.append(told)
    for index, told in enumerate(shown):
        if any(isinstance(block, Figure) for block in told.section.blocks):
            drawn = _written(told.section, drawn=True)
            if drawn.size - told.size <= room:
                room -= drawn.size - told.size
                shown[index] = drawn
    return shown


def _written(section: Section, *, drawn: bool) -> Written:
    pictures = Pictures(f"{section.id}-", drawn=drawn)
    html = "".join(_section(section, pictures))
    return Written(section, html, "\n".join(("", *section_text(section))), pictures)


def _text(document: Document, shown: Sequence[Written], left_out: Sequence[Section]) -> str:
    lines = [document.full_title, ""]
    lines += [f"{label}: {value}" for label, value in document.front.facts]
    lines += ["", f"{document.front.headline} ({document.words['generated']})"]
    lines.append(", ".join(f"{each.words}: {each.count}" for each in document.front.counts))
    lines += [each.text for each in shown]
    lines += ["", document.words["whole_report"], _place(document), _only_there(document, left_out)]
    return "\n".join(lines) + "\n"


def _html(document: Document, shown: Sequence[Written], left_out: Sequence[Section]) -> str:
    facts = "".join(
        f'<tr><th scope="row" class="q">{escape(label)}</th><td>{escape(value)}</td></tr>\n'
        for label, value in document.front.facts
    )
    counts = " &nbsp; ".join(
        f'<b style="color:{LIGHT[COLOURS[each.status]]};white-space:nowrap">{escape(each.words)}: {each.count}</b>'
        for each in document.front.counts
    )
    sections = "\n".join(each.html for each in shown)
    return (
        f'<!doctype html><html lang="{document.language}"><head><meta charset="utf-8">'
        f"<title>{escape(document.full_title)}</title>"
        f"<style>{STYLE}</style>"
        f'</head><body style="margin:0;padding:16px;background:{LIGHT["paper"]};{FONT}">'
        f'<h1 style="font-size:20px;margin:0 0 8px">{escape(document.company_name)} · {escape(document.title)}</h1>'
        f'<table role="presentation" class="f" cellpadding="0" cellspacing="0">{facts}</table>'
        f'<p style="font-size:16px;font-weight:bold">{escape(document.front.headline)} '
        f'<span class="q">({escape(document.words["generated"])})</span></p>'
        f"<p>{counts}</p>{sections}"
        f"<p>{escape(document.words['whole_report'])} {_place(document)}</p>"
        f'<p class="q">{escape(_only_there(document, left_out))}</p></body></html>'
    )


def _only_there(document: Document, left_out: Sequence[Section]) -> str:
    return document.words["only_there"].format(", ".join(section.title for section in left_out))


def _section(section: Section, pictures: Pictures) -> Iterator[str]:
    yield f"<h2>{escape(section.title)}</h2>"
    for block in section.blocks:
        yield from _block(block, pictures, section.title)


def _block(block: Block, pictures: Pictures, title: str) -> Iterator[str]:
    if isinstance(block, Table):
        yield from _table(block, pictures)
    elif isinstance(block, Facts):
        rows = "".join(
            f'<tr><th scope="row">{escape(label.words)}</th><td>{_cell(cell, pictures, with_spark=False)}</td></tr>\n'
            for label, cell in block.items
        )
        yield f'<table cellpadding="0" cellspacing="0">{rows}</table>'
    elif isinstance(block, Figure):
        said = escape(block.chart.summary(), quote=True)
        shown = said
        if pictures.drawn:
            shown = f'<img src="cid:{pictures.add(png(block.chart, WIDTH))}" width="{WIDTH}" alt="{said}">'
        if block.chart.title != title:  # the heading just above says it already
            yield f"<p><b>{escape(block.chart.title)}</b></p>"
        yield f"<p>{shown}</p>"
    else:
        yield _prose(block)


def _prose(block: Prose) -> str:
    text = escape(block.text).replace("\n", "<br>")
    code = f"<br><code>{escape(block.code)}</code>" if block.code else ""
    if block.tone == "heading":
        return f"<h3>{text}</h3>"
    if block.tone == "said":
        bar = f"border-left:4px solid {LIGHT['link']};margin:8px 0;padding:2px 0 2px 12px"
        return f'<blockquote style="{bar}">{text}<br><span class="q">{escape(block.by)}</span></blockquote>'
    if block.tone == "place":
        return f'<p style="border:1px dashed {LIGHT["quiet"]};padding:8px 12px">{text}{code}</p>'
    return f"<p{_class('q' if block.tone == 'quiet' else '')}>{text}{code}</p>"


def _table(block: Table, pictures: Pictures) -> Iterator[str]:
    with_spark = block.role == "exceptions"
    kept = [index for index in range(len(block.columns)) if with_spark or not _is_spark(block, index)]
    yield f'<table cellpadding="0" cellspacing="0" width="100%" aria-label="{escape(block.label, quote=True)}"><tr>'
    for index in kept:
        column = block.columns[index]
        yield f'<th scope="col" class="h{" r" if column.numeric else ""}">{escape(column.words)}</th>'
    yield "</tr>\n"
    for row in block.rows:
        yield "<tr>"
        for index in kept:
            content = _cell(row.cells[index], pictures, with_spark=with_spark)
            if index == 0:
                yield f'<th scope="row"{_class("m" if row.minor else "")}>{content}</th>'
            else:
                yield f"<td{_class('r' if block.columns[index].numeric else '')}>{content}</td>"
        yield "</tr>\n"
    yield "</table>"


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def _is_spark(block: Table, index: int) -> bool:
    """Whether a column is drawn only; a scorecard of fifty rows would bring fifty pictures."""
    cells = [row.cells[index] for row in block.rows]
    return all(isinstance(cell, Picture) for cell in cells) and any(
        'class="spark"' in svg for cell in cells if isinstance(cell, Picture) for svg, _ in cell.drawings
    )


def _cell(cell: Cell, pictures: Pictures, *, with_spark: bool) -> str:
    if isinstance(cell, Picture):
        if not with_spark:
            return f'<span class="q">{escape(cell.words)}</span>'
        return "".join(
            f'<img src="cid:{pictures.add(png_of(svg))}" width="132" height="32" alt="{escape(words, quote=True)}">'
            for svg, words in cell.drawings
        )
    if isinstance(cell, State):
        words = f'<b style="color:{LIGHT[COLOURS[cell.status]]}">{escape(cell.words)}</b>'
        return words + _quiet(cell.quiet)
    if isinstance(cell, Amount):
        return f"<b>{escape(cell.number.text).replace(' ', '&nbsp;')}</b>{_quiet(cell.more)}"
    return escape(cell.words) + _quiet(cell.quiet)


def _quiet(words: str) -> str:
    return f'<br><span class="q">{escape(words)}</span>' if words else ""


def _fix_boundaries(message: EmailMessage) -> None:
    """Boundaries are drawn by chance; these are not, and long enough to occur in no part."""
    for number, part in enumerate(each for each in message.walk() if each.is_multipart()):
        drawn = sha256(f"{message['Message-ID']}{number}".encode()).hexdigest()
        part.set_boundary(f"=={drawn[:40]}==")
