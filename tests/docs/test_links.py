"""Every link between pages leads to a file that is there, and to a heading that is in it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
# Pages that `make docs` writes, and what they stand for.
_MADE = {"docs/made": "docs/made_pages.py", "docs/gallery": "examples"}
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def _prose(text: str) -> str:
    """Return a page without its blocks and pieces of code, in which brackets are no links."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def _anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and MyST make them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = set()
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        found.add(re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-"))
    return found


def _broken(page: Path) -> list[str]:
    broken = []
    for link in _LINK.findall(_prose(page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        place, _, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        if target == ROOT / "docs" / "contributing.md":  # includes it
            target = ROOT / "CONTRIBUTING.md"
        folder = str(target.parent.relative_to(ROOT)) if target.is_relative_to(ROOT) else ""
        there = ROOT / _MADE[folder] if folder in _MADE else target
        if not there.exists() or (anchor and anchor not in _anchors(target)):
            broken.append(link)
    return broken


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_the_page_lead_somewhere(page: Path) -> None:
    assert not _broken(page)


def test_a_link_to_nowhere_and_one_to_no_heading_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One heading\n[a](page.md#one-heading) [b](gone.md) [c](#two) `[d](e)` [f](https://g)\n"
    )
    assert _broken(page) == ["gone.md", "#two"]


@pytest.mark.parametrize("name", ["CHANGELOG.md", "CONTRIBUTING.md"])
def test_what_the_documentation_takes_in_links_to_its_pages_alone(name: str) -> None:
    links = _LINK.findall(_prose((ROOT / name).read_text(encoding="utf-8")))
    assert [link for link in links if not link.startswith(("docs/", "#", "https://"))] == []


def test_every_page_of_the_documentation_is_reached_from_its_first_one() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    listed = {
        line for block in re.findall(r"```\{toctree\}(.*?)```", index, re.DOTALL) for line in block.split()
    }
    pages = {page.stem for page in (ROOT / "docs").glob("*.md")} - {"index"}
    assert pages <= listed
