"""Pages of 256 and 1,024 neurons in a headless Chromium: bytes, seconds until usable, a click, requests, axe-core.

`make verify-page` trains the `lca` recipe with either number of neurons (minutes), visits its page three times and
writes verification/page.csv. Times depend on the machine and on what else it does: until usable the median of the
three, and the least; of all clicks the median, the slowest, and how many took longer than 20 ms, beside the processor
time of what the page does for one. `--runs A B` takes finished runs instead.
"""

import argparse
import shutil
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from neurosim.recipes.recipe import load_recipe
from neurosim.report import write_report
from neurosim.runs.execute import execute

_TABLE = Path(__file__).with_name("page.csv")
_VISITS, _ASKED_MS = 3, 20
_N_CLICKS = 60
_CLICK = """(number) => {
  const options = document.querySelectorAll("[role=option]");
  const before = performance.now();
  options[number % options.length].click();
  document.body.offsetHeight;  // lays the page out
  return performance.now() - before;
}"""


def trained(n_neurons: int) -> Path:
    """Return the run of the recipe with so many neurons, trained unless it is there."""
    folder = Path("runs") / f"page-{n_neurons}"
    if not (folder / "summary.json").is_file():
        execute(load_recipe("lca", assignments=[f"network.n_neurons={n_neurons}"]), out=folder)
    return folder


def visited(browser: Browser, page: Path, picture: Path | None) -> dict[str, Any]:
    """Return what one visit without a network shows."""
    context = browser.new_context(offline=True, viewport={"width": 1400, "height": 1000})
    tab = context.new_page()
    complaints: list[str] = []
    requests: list[str] = []
    tab.on("console", lambda said: complaints.append(said.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda request: requests.append(request.url))
    tab.goto(page.resolve().as_uri())
    tab.wait_for_selector("#explorer[data-ready]")
    found = {
        "ready_s": float(tab.locator("#explorer").get_attribute("data-ready") or "nan") / 1e3,
        "clicks": list(_clicked(tab)),
        "requests": sum(not url.startswith(("file:", "data:")) for url in requests),
        "complaints": len(complaints),
    }
    if picture is not None:
        found["serious"] = sum(
            each["impact"] in ("serious", "critical") for each in Axe().run(tab).response["violations"]
        )
        tab.screenshot(path=picture)
    context.close()
    return found


def _clicked(tab: Page) -> Iterator[tuple[float, float]]:
    """Yield of each click the milliseconds that pass, and the processor time of all the page does, drawing included."""
    measure = tab.context.new_cdp_session(tab)
    measure.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        metrics = measure.send("Performance.getMetrics")["metrics"]
        return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))

    for number in range(_N_CLICKS):
        before = spent()
        wall = float(tab.evaluate(_CLICK, 37 * number + 1))
        yield wall, 1e3 * (spent() - before)


def measured(browser: Browser, run: Path) -> dict[str, Any]:
    """Return the row of one run."""
    page = write_report(run)
    visits = pd.DataFrame(
        [visited(browser, page, run / "explorer.png" if not n else None) for n in range(_VISITS)]
    )
    clicks, own = np.concatenate(visits["clicks"].to_list()).T
    return {
        "date": date.today().isoformat(),
        "neurons": len(pd.read_csv(run / "fields.csv")),
        "megabytes": page.stat().st_size / 1e6,
        "ready_s": visits["ready_s"].median(),
        "ready_least_s": visits["ready_s"].min(),
        "clicks": len(clicks),
        "click_ms": np.median(clicks),
        "slowest_click_ms": clicks.max(),
        "clicks_above_20_ms": int((clicks > _ASKED_MS).sum()),
        "click_processor_ms": np.median(own),
        "slowest_click_processor_ms": own.max(),
        **visits[["requests", "complaints", "serious"]].max(),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", nargs="+", type=Path, help="finished runs, in place of training")
    chosen = parser.parse_args(arguments)
    runs = chosen.runs or [trained(n_neurons) for n_neurons in (256, 1024)]
    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=["--no-sandbox"]
        )
        table = pd.DataFrame([measured(browser, run) for run in runs]).round(3)
        browser.close()
    table.to_csv(_TABLE, index=False)
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
