"""A document as a mail digest: tables and inline styles, charts as pictures inside, a plain text of equal content.

Mail programs cut HTML at about 102 kB, so sections go in as long as they fit; the whole report is attached.
"""

from __future__ import annotations

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
from kpi_pipeline.reports.packs.html import html as page
from kpi_pipeline.reports.packs.plain import section_text
from kpi_pipeline.reports.palette import LIGHT

MOST = 96_000  # bytes of HTML, below what Gmail cuts
WIDTH = 560
DOMAIN = "kpi-pipeline.invalid"
FONT = f"font-family:Helvetica,Arial,sans-serif;font-size:14px;line-height:1.45;color:{LIGHT['ink']}"
QUIET = f"color:{LIGHT['quiet']};font-size:12px"
RULE = f"border-bottom:1px solid {LIGHT['rule']};padding:6px 10px 6px 0;vertical-align:top;text-align:left"


@dataclass(slots=True)
class Pictures:
    """The pictures of a mail in order, each with the name by which its HTML calls it."""

    found: dict[str, bytes] = field(default_factory=dict)

    def add(self, content: bytes) -> str:
        name = f"p{len(self.found) + 1}"
        self.found[name] = content
        return f"{name}@{DOMAIN}"


def mail(document: Document) -> bytes:
    """The message as a file; whoever sends it sets from and to whom. The same document gives the same bytes."""
    pictures = Pictures()
    shown, left_out = _fitting(document, pictures)
    found = EmailMessage(policy=SMTP)
    found["Subject"] = " ".join(f"{document.full_title}: {document.front.headline}".split())
    found["From"] = f"no-reply@{DOMAIN}"
    found["Date"] = document.known_at
    found["Message-ID"] = f"<{document.company}.{document.report}.{document.period.name}@{DOMAIN}>"
    found.set_content(_text(document, [each for each, _ in shown], left_out))
    found.add_alternative(_html(document, [written for _, written in shown], left_out), subtype="html")
    body = found.get_body(("html",))
    assert isinstance(body, EmailMessage)  # noqa: S101 - it was just added
    for name, content in pictures.found.items():
        cid = f"<{name}@{DOMAIN}>"
        body.add_related(content, "image", "png", cid=cid, filename=f"{name}.png", disposition="inline")
    attached = f"{document.report}-{document.period.name}.html"
    found.add_attachment(page(document).encode(), "text", "html", filename=attached)
    _fix_boundaries(found)
    return found.as_bytes()


def _fitting(document: Document, pictures: Pictures) -> tuple[list[tuple[Section, str]], list[Section]]:
    """The sections that fit with their HTML, and those that do not; reference is in the attachment only."""
    shown: list[tuple[Section, str]] = []
    left_out: list[Section] = []
    size = 6_000  # what stands around the sections
    for section in document.all_sections:
        if section.folded:
            left_out.append(section)
            continue
        trial = Pictures(dict(pictures.found))
        written = "".join(_section(section, trial))
        if size + len(written.encode()) > MOST:
            left_out.append(section)
            continue
        size += len(written.encode())
        pictures.found = trial.found
        shown.append((section, written))
    return shown, left_out


def _text(document: Document, shown: Sequence[Section], left_out: Sequence[Section]) -> str:
    lines = [document.full_title, ""]
    lines += [f"{label}: {value}" for label, value in document.front.facts]
    lines += ["", f"{document.front.headline} ({document.words['generated']})"]
    lines.append(", ".join(f"{each.words}: {each.count}" for each in document.front.counts))
    for section in shown:
        lines += ["", *section_text(section)]
    lines += ["", _attached(document, left_out)]
    return "\n".join(lines) + "\n"


def _html(document: Document, shown: Sequence[str], left_out: Sequence[Section]) -> str:
    facts = "".join(
        f'<tr><th scope="row" style="text-align:left;padding:1px 12px 1px 0;font-weight:normal;{QUIET}">'
        f"{escape(label)}</th><td>{escape(value)}</td></tr>"
        for label, value in document.front.facts
    )
    counts = " &nbsp; ".join(
        f'<b style="color:{LIGHT[COLOURS[each.status]]};white-space:nowrap">{escape(each.words)}: {each.count}</b>'
        for each in document.front.counts
    )
    return (
        f'<html lang="{document.language}"><head><meta charset="utf-8"><title>{escape(document.full_title)}</title>'
        f'</head><body style="margin:0;padding:16px;background:{LIGHT["paper"]};{FONT}">'
        f'<h1 style="font-size:20px;margin:0 0 8px">{escape(document.company_name)} · {escape(document.title)}</h1>'
        f'<table role="presentation" cellpadding="0" cellspacing="0">{facts}</table>'
        f'<p style="font-size:16px;font-weight:bold">{escape(document.front.headline)} '
        f'<span style="{QUIET};font-weight:normal">({escape(document.words["generated"])})</span></p>'
        f"<p>{counts}</p>{''.join(shown)}"
        f'<p style="{QUIET}">{escape(_attached(document, left_out))}</p></body></html>'
    )


def _attached(document: Document, left_out: Sequence[Section]) -> str:
    return document.words["attached"].format(", ".join(section.title for section in left_out))


def _section(section: Section, pictures: Pictures) -> Iterator[str]:
    yield f'<h2 style="font-size:16px;margin:24px 0 6px">{escape(section.title)}</h2>'
    for block in section.blocks:
        yield from _block(block, pictures)


def _block(block: Block, pictures: Pictures) -> Iterator[str]:
    if isinstance(block, Table):
        yield from _table(block, pictures)
    elif isinstance(block, Facts):
        rows = "".join(
            f'<tr><th scope="row" style="{RULE};font-weight:bold">{escape(label.words)}</th>'
            f'<td style="{RULE}">{_cell(cell, pictures, with_spark=False)}</td></tr>'
            for label, cell in block.items
        )
        yield f'<table cellpadding="0" cellspacing="0">{rows}</table>'
    elif isinstance(block, Figure):
        cid = pictures.add(png(block.chart, WIDTH))
        said = escape(block.chart.summary(), quote=True)
        yield f'<p><b>{escape(block.chart.title)}</b></p><p><img src="cid:{cid}" width="{WIDTH}" alt="{said}"></p>'
    else:
        yield _prose(block)


def _prose(block: Prose) -> str:
    text = escape(block.text).replace("\n", "<br>")
    code = f"<br><code>{escape(block.code)}</code>" if block.code else ""
    if block.tone == "heading":
        return f'<h3 style="font-size:14px;margin:14px 0 4px">{text}</h3>'
    if block.tone == "said":
        bar = f"border-left:4px solid {LIGHT['link']};margin:8px 0;padding:2px 0 2px 12px"
        return f'<blockquote style="{bar}">{text}<br><span style="{QUIET}">{escape(block.by)}</span></blockquote>'
    if block.tone == "place":
        return f'<p style="border:1px dashed {LIGHT["quiet"]};padding:8px 12px">{text}{code}</p>'
    return f'<p style="{QUIET if block.tone == "quiet" else ""}">{text}{code}</p>'


def _table(block: Table, pictures: Pictures) -> Iterator[str]:
    with_spark = block.role == "exceptions"
    kept = [index for index in range(len(block.columns)) if with_spark or not _is_spark(block, index)]
    yield f'<table cellpadding="0" cellspacing="0" width="100%" aria-label="{escape(block.label, quote=True)}"><tr>'
    for index in kept:
        column = block.columns[index]
        side = ";text-align:right" if column.numeric else ""
        yield f'<th scope="col" style="{RULE};{QUIET};font-weight:bold{side}">{escape(column.words)}</th>'
    yield "</tr>"
    for row in block.rows:
        yield "<tr>"
        for index in kept:
            side = ";text-align:right" if block.columns[index].numeric else ""
            weight = "normal" if row.minor else "bold"
            content = _cell(row.cells[index], pictures, with_spark=with_spark)
            if index == 0:
                yield f'<th scope="row" style="{RULE};font-weight:{weight}">{content}</th>'
            else:
                yield f'<td style="{RULE}{side}">{content}</td>'
        yield "</tr>"
    yield "</table>"


def _is_spark(block: Table, index: int) -> bool:
    """Whether a column is drawn only; a scorecard of fifty rows would bring fifty pictures."""
    cells = [row.cells[index] for row in block.rows]
    return all(isinstance(cell, Picture) for cell in cells) and any(
        'class="spark"' in svg for cell in cells if isinstance(cell, Picture) for svg, _ in cell.drawings
    )


def _cell(cell: Cell, pictures: Pictures, *, with_spark: bool) -> str:
    if isinstance(cell, Picture):
        if not with_spark:
            return f'<span style="{QUIET}">{escape(cell.words)}</span>'
        return "".join(
            f'<img src="cid:{pictures.add(png_of(svg))}" width="132" height="32" alt="{escape(words, quote=True)}">'
            for svg, words in cell.drawings
        )
    if isinstance(cell, State):
        words = f'<b style="color:{LIGHT[COLOURS[cell.status]]}">{escape(cell.words)}</b>'
        return words + _quiet(cell.quiet)
    if isinstance(cell, Amount):
        return f'<b style="white-space:nowrap">{escape(cell.number.text)}</b>{_quiet(cell.more)}'
    return escape(cell.words) + _quiet(cell.quiet)


def _quiet(words: str) -> str:
    return f'<br><span style="{QUIET};font-weight:normal">{escape(words)}</span>' if words else ""


def _fix_boundaries(message: EmailMessage) -> None:
    """Boundaries are drawn by chance; these are not, and long enough to occur in no part."""
    for number, part in enumerate(each for each in message.walk() if each.is_multipart()):
        drawn = sha256(f"{message['Message-ID']}{number}".encode()).hexdigest()
        part.set_boundary(f"=={drawn[:40]}==")
