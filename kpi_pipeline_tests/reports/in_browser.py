"""A page in a real browser: it fits, fetches nothing, says nothing in the console, and can be read in both schemes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest

CHROMIUM = Path("/usr/bin/chromium")
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Of every text: its contrast with what lies behind it (WCAG 2.2, 1.4.3), with its words.
CONTRAST = """
() => {
  const channel = value => { value /= 255; return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4 };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const behind = element => {
    for (let each = element; each; each = each.parentElement) {
      const colour = parts(getComputedStyle(each).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
      if (colour[3] !== 0) throw new Error('half transparent: not computed here');
    }
    return parts(getComputedStyle(document.documentElement).backgroundColor);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const words = walker.currentNode.textContent.trim();
    if (!words) continue;
    const element = walker.currentNode.parentElement;
    const [one, two] = [light(parts(getComputedStyle(element).color)), light(behind(element))];
    found.push([(Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05), words]);
  }
  return found;
}
"""

OUTSIDE = """width => [...document.querySelectorAll('body *')]
    .filter(each => !each.closest('thead, pre, .scroll, .skip'))
    .filter(each => each.getBoundingClientRect().right > width + 0.5)
    .map(each => each.outerHTML.slice(0, 80))"""

# Texts that stick out of the box they stand in, over what stands beside it.
STICKING_OUT = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, box = text.parentElement.closest('td, th, dd, dt, li, p, h1, h2, h3, h4, section');
    if (!text.textContent.trim() || !box || text.parentElement.closest('thead, pre, svg, .skip')) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const edges = box.getBoundingClientRect();
    if ([...range.getClientRects()].some(each => each.right > edges.right + 1 || each.left < edges.left - 1))
      found.push(text.textContent.trim().slice(0, 60));
  }
  return found;
}"""

# What can be used and is shown, and yet no key leads there.
UNREACHABLE = """() =>
    [...document.querySelectorAll('a, button, input, select, textarea, summary, [onclick], [role=button]')]
    .filter(each => each.checkVisibility())
    .filter(each => { each.focus(); return document.activeElement !== each || each.tabIndex < 0 })
    .map(each => each.outerHTML.slice(0, 80))"""


@contextmanager
def opened() -> Iterator[Any]:
    """Debian's Chromium, headless; skips the test where there is none."""
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        found = started.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield found
        found.close()


def look_at(browser: Any, file: Path) -> None:
    """AssertionError unless the page and its texts fit 390 to 1440 px, it stays silent and alone, can be used by
    keyboard, and axe is content."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        page = context.new_page()
        said: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        for width in (1440, 1024, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate(OUTSIDE, width) == []
            sticking = page.evaluate(STICKING_OUT)
            assert sticking == [], f"texts stick out of their boxes at {width} px: {sticking}"
        levels = page.eval_on_selector_all("h1, h2, h3, h4, h5, h6", "found => found.map(each => +each.tagName[1])")
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))
        unreachable = page.evaluate(UNREACHABLE)
        assert unreachable == [], f"no key leads to {unreachable}"
        page.evaluate(AXE)
        for scheme, width in (("light", 1440), ("dark", 390)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            is_dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
            assert is_dark == (scheme == "dark")
            contrasts = page.evaluate(CONTRAST)
            assert len(contrasts) > 5
            assert [(round(ratio, 2), words) for ratio, words in contrasts if ratio < 4.5] == []
            assert serious(page.evaluate("axe.run({resultTypes: ['violations']})")) == []
        assert said == []
        assert asked == [file.as_uri()]
    finally:
        context.close()


def serious(found: Any) -> list[tuple[str, str]]:
    """What axe calls serious or critical, by rule and element."""
    assert len(found["passes"]) > 10
    return [
        (each["id"], node["html"][:90])
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]
