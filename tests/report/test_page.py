"""The page is made from the run folder alone, holds all of it, and loads nothing."""

import base64
import json
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from neurosim.measures import metric_of
from neurosim.report import write_report
from neurosim.report.contents import page_contents
from neurosim.results.run_folder import read_run_folder

VOID = {"meta", "img", "br", "link"}


class Page(HTMLParser):
    """Collects a page's images, addresses and text, and checks that its elements nest."""

    def __init__(self, text):
        super().__init__()
        self.open, self.images, self.links, self.words, self.ids = [], [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.links += [values[key] for key in ("src", "href") if key in values]
        self.ids += [values["id"]] if "id" in values else []
        self.images += [values] if tag == "img" else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))


@pytest.fixture
def page(run_dir):
    return Page(write_report(run_dir).read_text(encoding="utf-8"))


def test_the_page_lies_in_the_run_folder(run_dir):
    assert write_report(str(run_dir)) == run_dir / "report.html"


def test_the_page_loads_nothing_from_elsewhere(page):
    assert page.links
    assert all(link.startswith("data:image/png;base64,") for link in page.links)


def test_every_figure_is_inside_unchanged_with_a_text_alternative(page, run_dir):
    inside = {base64.b64decode(image["src"].split(",")[1]) for image in page.images}
    assert inside == {path.read_bytes() for path in (run_dir / "figures").glob("*.png")}
    assert all(image["alt"].strip() for image in page.images)
    assert "My own" in page.text


def test_every_metric_is_there_with_its_value_and_meaning(page, run_dir):
    for name in json.loads((run_dir / "summary.json").read_text()):
        assert name in page.text
        assert metric_of(name).meaning in page.text
    assert "[0.125, 0.375]" in page.text


def test_a_number_that_could_not_be_measured_says_so(page):
    assert "v1_nxny_js_bits_whitened not measurable bits" in page.text


def test_a_metric_of_another_version_is_shown_without_a_meaning(run_dir):
    (run_dir / "summary.json").write_text(json.dumps({"blob_density": 3.14}))
    assert "blob_density 3.14 Not documented" in Page(write_report(run_dir).read_text()).text


def test_the_paragraph_says_what_was_simulated_and_what_came_out(page):
    for words in (
        "A population of 12 neurons (LCA, Brian2) learned from 1,200 patches of 8 × 8 pixels",
        "Olshausen–Field whitening",
        "for 60 it never saw",
        "12.5% of the neurons respond",
        "5.5 dB",
        "75.0% are Gabor-like",
        "In image space, the shape of the fields (n_x, n_y) is 0.250 bits of Jensen–Shannon divergence away",
        "without the bias of few cells and fields it is 0.200 bits (95 % interval 0.125 to 0.375); fields of the "
        "cells' own distribution would be measured 0.045 bits away on average.",
        "So the fields are not shaped like macaque's: the interval begins at 0.125 bits, not at 0.",
        "Of the 8 fields compared, 2 are broadly tuned (n_x and n_y below .302 cycles); of the macaque cells 19 of 79.",
        "Their medians in image space are n_x 0.520 and n_y 0.680 (macaque .365 and .445).",
        "Not compared are 4 fields: 1 with R² of .7 or less, 3 with a parameter of the fit at its bound (that of the "
        "amplitude for 2, some of which may be broadly tuned).",
        "learning 20.5 s",
    ):
        assert words in page.text


def test_no_number_of_whitened_space_stands_beside_macaques(page):
    """Medians on whitened patches come near macaque's by chance of the filter; the claim is about the image."""
    assert "nx_median 0.373" in page.text
    assert "macaque" not in metric_of("nx_median").meaning.replace("set beside macaque", "")
    beside = re.findall(r".{90}macaque \.365", page.text)
    assert len(beside) == 2
    assert all("image space" in words for words in beside)
    assert "n_x, on whitened patches (cycles)" in page.text


def test_a_distance_that_may_be_0_is_told_as_such(run_dir):
    path = run_dir / "summary.json"
    summary = json.loads(path.read_text()) | {"v1_nxny_js_interval": [0.0, 0.03], "v1_nxny_left_out_r2": 0}
    path.write_text(json.dumps(summary | {"v1_nxny_left_out_bound": 0}))
    text = Page(write_report(run_dir).read_text()).text
    assert "The interval holds 0: by this measure the fields cannot be told from the cells." in text
    assert "Not compared" not in text
    assert "not shaped like" not in text


@pytest.mark.parametrize(
    ("network", "words"),
    [
        ('model = "sailnet"', "A population of 12 neurons (SAILnet, Brian2)"),
        ('model = "einet"\nn_inhibitory = 3', "12 excitatory and 3 inhibitory neurons (E-I Net, Brian2)"),
        ('model = "spiking-lca"\npairs = true', "12 pairs of neurons (spiking LCA, Brian2)"),
        ('model = "spiking-lca"\npairs = false', "12 neurons (spiking LCA, Brian2)"),
        ('model = "of-tomorrow"', "12 neurons (of-tomorrow, Brian2)"),
    ],
)
def test_every_network_has_its_name_and_its_populations(run_dir, network, words):
    path = run_dir / "recipe.toml"
    path.write_text(path.read_text().replace('model = "lca"', network))
    assert words in Page(write_report(run_dir).read_text()).text


def test_a_network_that_spikes_has_a_sentence_for_it_and_another_has_none(run_dir, page):
    assert "fires" not in page.text
    firing = {"spikes_per_stimulus": 0.0512, "rate_hz_mean": 1.024}
    correlation = {"count_correlation_rms": 0.02, "count_correlation_floor": 0.01}
    path = run_dir / "summary.json"
    path.write_text(json.dumps(firing | correlation))
    text = Page(write_report(run_dir).read_text()).text
    assert "A neuron fires 0.0512 times per stimulus on average (1.02 Hz), and the counts" in text
    assert "correlate by 0.020 (rms; 0.010 if independent)." in text
    path.write_text(json.dumps(firing))
    assert "on average (1.02 Hz). " in Page(write_report(run_dir).read_text()).text


@pytest.mark.parametrize(
    ("rate", "variation", "words"),
    [
        (909.0, 0.1, "sends 909 spikes a second, at intervals that vary by 0.10 within a stimulus (standard deviation "
         "over mean): faster and more regular than cortical cells, whose median best response is 33.8 in macaque V1 "
         "and whose intervals vary by about 1."),
        (60.0, 0.2, "a stimulus (standard deviation over mean): more regular than cortical cells"),
        (900.0, 0.9, "a stimulus (standard deviation over mean): faster than cortical cells"),
        (39.0, None, "39 spikes a second: in the range of cortical cells, whose median best response is 33.8 in "
         "macaque V1."),
    ],
)  # fmt: skip
def test_trains_are_held_against_those_of_cortical_cells(run_dir, rate, variation, words):
    trains = {"rate_hz_active": rate, "isi_cv_within_stimulus": variation, "isi_cv_trains": 30}
    (run_dir / "summary.json").write_text(json.dumps(trains))
    assert words in Page(write_report(run_dir).read_text()).text


def test_a_few_trains_say_nothing_of_the_regularity_of_a_population(run_dir):
    trains = {"rate_hz_active": 39.0, "isi_cv_within_stimulus": 0.1, "isi_cv_trains": 2}
    (run_dir / "summary.json").write_text(json.dumps(trains))
    text = Page(write_report(run_dir).read_text()).text
    assert "sends 39 spikes a second: in the range of cortical cells" in text
    assert "intervals that vary" not in text


_DIGITS = """
kind = "digits"
source = "mnist"
modalities = ["handwriting", "printed"]
"""


def _of_modalities(run_dir, *, stimuli=_DIGITS, provenance=None, summary=None):
    """Turn the run into one on modalities, and return the text of its page."""
    path = run_dir / "recipe.toml"
    recipe = re.sub(r'source = "embedded".*kind = "olshausen"', stimuli, path.read_text(), flags=re.DOTALL)
    path.write_text(recipe.replace('model = "lca"', 'model = "linked-lca"'))
    (run_dir / "provenance.json").write_text(json.dumps(provenance or {}))
    (run_dir / "summary.json").write_text(json.dumps(summary or {}))
    return Page(write_report(run_dir).read_text()).text


def test_a_run_on_modalities_says_what_was_shown_and_what_codes_were_found_from(run_dir):
    found = {"n_train": 60000, "n_test": 10000, "modalities": ["handwriting", "printed"]}
    text = _of_modalities(run_dir, provenance=found | {"present": ["handwriting"], "recalled": "printed"})
    words = "12 neurons (linked LCA, Brian2) learned from 60,000 digits of MNIST, shown in handwriting and print; "
    assert words + "every code below is for 10,000 it never saw, found from handwriting alone." in text
    both = _of_modalities(run_dir, provenance=found | {"present": ["handwriting", "printed"]})
    assert "for 10,000 it never saw. " in both


@pytest.mark.parametrize(
    ("stimuli", "words"),
    [
        (
            'kind = "digits"\nsource = "embedded"\nmodalities = ["handwriting"]',
            "from embedded digits, handwritten.",
        ),
        ('kind = "digits"\nsource = "/my/folder"\nmodalities = ["handwriting"]', "from digits, handwritten."),
        (
            'kind = "stereo"\nsource = "motorcycle"\npatch_size = 9',
            "from pairs of patches of 9 × 9 pixels, one for each eye, from a stereo pair.",
        ),
        ('kind = "stereo"\nsource = "embedded"\npatch_size = 9', "from photographs at planted disparities."),
        ('kind = "arrays"\npath = "a.npz"', "learned from samples of the user's own."),
    ],
)
def test_every_kind_of_stimuli_has_its_words(run_dir, stimuli, words):
    assert words in _of_modalities(run_dir, stimuli=stimuli)


def test_what_codes_tell_is_said_beside_chance(run_dir):
    summary = {
        "accuracy_logistic": 0.96, "accuracy_rbf_svm": 0.981, "recall_accuracy": 0.95, "block_purity": 0.82,
        "block_purity_shuffled": 0.1, "binocular_fraction": 0.6, "disparity_discrimination_median": 0.48,
        "disparity_discrimination_median_shuffled": 0.26, "clustering_accuracy": 0.98,
        "clustering_accuracy_shuffled": 0.21,
    }  # fmt: skip
    text = _of_modalities(run_dir, summary=summary, provenance={"recalled": "printed"})
    for words in (
        "is told right by a logistic regression (96.0%), a support vector machine with a Gaussian kernel (98.1%).",
        "recall in printed is nearest to the right class for 95.0% of the stimuli.",
        "82.0% is in the right ones (10.0% by chance).",
        "Both eyes drive 60.0% of the neurons.",
        "index is 0.48 (0.26 by chance).",
        "put 98.0% of the held-out stimuli with their class (21.0% by chance).",
    ):
        assert words in text
    assert "the paper of the model (Barari & Kim" in text
    assert "behind the comparison" not in text


def _with_fields_on_a_sheet(run_dir, summary):
    fields = pd.read_csv(run_dir / "fields.csv")
    rows, columns = divmod(pd.Series(range(len(fields))), 4)
    fields.assign(row=rows, column=columns).to_csv(run_dir / "fields.csv", index=False)
    path = run_dir / "recipe.toml"
    path.write_text(path.read_text().replace('model = "lca"', 'model = "topographic-lca"\ntorus = true'))
    (run_dir / "summary.json").write_text(json.dumps(summary))
    return Page(write_report(run_dir).read_text()).text


_MAP = {
    "oriented_neurons": 11, "neighbour_orientation_difference_deg": 19.04, "pinwheels": 16.0, "clusters": 3,
    "neighbour_orientation_difference_deg_shuffled": 45.06, "pinwheels_noise": 22.53, "pinwheels_noise_ratio": 0.71,
    "pinwheels_noise_ratio_interval": [0.41, 1.15],
}  # fmt: skip


def test_a_sheet_has_a_sentence_about_its_map(run_dir):
    density = {"pinwheel_density": 3.71, "pinwheel_density_interval": [2.12, 6.03]}
    text = _with_fields_on_a_sheet(run_dir, _MAP | density)
    for words in (
        "(topographic LCA, Brian2)",
        "The neurons sit on a 3 × 4 torus, and neighbours' preferred orientations differ by 19.0° (45.1° in shuffled "
        "places). Smoothed by one neuron, the map has 16 pinwheels, random maps with its spectrum 22.5 on average "
        "(ratio 0.71, 95 % interval 0.41 to 1.15); in a square of its wavelength there are 3.71 (95 % interval 2.12 "
        "to 6.03).",
        "the neurons fall into 3 groups.",
    ):
        assert words in text


def test_a_map_without_a_ring_has_no_density_in_words_and_says_why(run_dir):
    nothing = {
        "pinwheel_density": None,
        "pinwheel_density_interval": [None, None],
        "map_ring_missing": "low-pass",
    }
    text = _with_fields_on_a_sheet(run_dir, _MAP | nothing)
    assert (
        "(ratio 0.71, 95 % interval 0.41 to 1.15); it has no wavelength and so no density: low-pass." in text
    )
    assert "square of its wavelength there" not in text


def test_a_map_without_pinwheels_in_its_noise_has_no_ratio(run_dir):
    nothing = {"pinwheels": 0, "pinwheels_noise": 0.0, "pinwheels_noise_ratio": None}
    text = _with_fields_on_a_sheet(run_dir, _MAP | nothing | {"pinwheels_noise_ratio_interval": [None, None]})
    assert "the map has 0 pinwheels, random maps with its spectrum 0.0 on average." in text


def test_a_sheet_without_a_map_says_why(run_dir):
    text = _with_fields_on_a_sheet(run_dir, {"oriented_neurons": 2, "clusters": 1})
    assert (
        "a 3 × 4 torus; 2 of 12 have a Gabor fit good enough for an orientation, too few for a map." in text
    )
    assert "the neurons fall into no groups beyond chance." in text


def test_conditions_are_told_from_the_first_by_their_intervals(run_dir):
    path = run_dir / "recipe.toml"
    conditions = "".join(
        f'[[arms]]\nname = "{name}"\n' for name in ("plain", "near", "far", "same", "unknown")
    )
    path.write_text(path.read_text() + conditions)
    bits = {"v1_nxny_js_bits_plain": 0.2, "v1_nxny_js_bits_near": 0.1, "v1_nxny_js_bits_unknown": None}
    bits |= {"v1_nxny_js_bits_corrected_plain": 0.15, "v1_nxny_js_bits_corrected_near": 0.02}
    (run_dir / "summary.json").write_text(json.dumps(bits))
    rows = {
        "plain": (0, 0),
        "near": (-0.2, -0.1),
        "far": (0.1, 0.2),
        "same": (-0.1, 0.1),
        "unknown": (None, None),
    }
    table = pd.DataFrame(
        [
            {"space": "image", "arm": arm, "difference_low": low, "difference_high": high, "js_low": 0.05}
            | {"broadly_tuned_share": 0.125}
            for arm, (low, high) in rows.items()
        ]
    )
    pd.concat([table, table.assign(space="whitened", difference_high=-1.0)]).to_csv(
        run_dir / "arms.csv", index=False
    )
    text = Page(write_report(run_dir).read_text()).text
    for words in (
        "5 networks (plain, near, far, same, unknown; Brian2) learned from the same 1,200 patches of 8 × 8 pixels",
        "is 0.100 to 0.200 bits of Jensen–Shannon divergence away from 79 macaque simple cells (0.020 to 0.150 without",
        "No network's fields are shaped like macaque's: none of the 95 % intervals reaches 0.",
        "are 12.5% to 12.5% of the fields compared",
        "near is closer to macaque than plain; far is further from macaque than plain; 1 of 3 cannot be told from",
        "v1_nxny_js_bits_unknown not measurable bits",
        "the one behind the comparison",
    ):
        assert words in text


def test_tables_of_the_run_are_on_the_page_and_a_run_without_has_no_empty_section(run_dir, page):
    assert "Fitted fields" in page.text
    assert "Tables" not in page.text
    (run_dir / "classification.csv").write_text(
        "input,classifier,accuracy,validation\ncode,<svm>,0.9812345,\n"
    )
    fields = pd.read_csv(run_dir / "fields.csv")
    pd.DataFrame({"neuron": range(len(fields))}).to_csv(run_dir / "fields.csv", index=False)
    text = Page(write_report(run_dir).read_text()).text
    assert "Tables" in text
    assert "code <svm> 0.9812 not measurable" in text
    assert "Fitted fields" not in text


def test_numbers_that_are_missing_leave_no_broken_sentence(run_dir):
    (run_dir / "summary.json").write_text("{}")
    text = Page(write_report(run_dir).read_text()).text
    assert "it never saw. What it looks like" in text


_MARKUP = "<i>&amp;\"'</i>"


def _in_the_title(folder):
    path = folder / "recipe.toml"
    path.write_text(path.read_text().replace('"tiny"', f"'''{_MARKUP}'''"))


def _in_the_description(folder):
    path = folder / "recipe.toml"
    path.write_text(path.read_text().replace('"waves & <noise>"', f"'''{_MARKUP}'''"))


def _in_a_comment_of_the_recipe(folder):
    path = folder / "recipe.toml"
    path.write_text(f"# {_MARKUP}\n{path.read_text()}")


def _in_the_name_of_a_figure(folder):
    # No slash in a file's name.
    (folder / "figures" / "my_own.png").rename(folder / "figures" / f"{_MARKUP.replace('/', '')}.png")


def _in_the_name_of_a_metric(folder):
    (folder / "summary.json").write_text(json.dumps({_MARKUP: 1.0}))


def _in_the_value_of_a_metric(folder):
    (folder / "summary.json").write_text(json.dumps({"map_ring_missing": _MARKUP}))


def _in_a_column_of_a_table(folder):
    (folder / "classification.csv").write_text("input," + _MARKUP.replace('"', "") + "\ncode,1\n")


def _in_a_cell_of_a_table(folder):
    (folder / "classification.csv").write_text("input,accuracy\n" + _MARKUP.replace('"', "") + ",1\n")


def _in_the_provenance(folder):
    (folder / "provenance.json").write_text(json.dumps({_MARKUP: {_MARKUP: [_MARKUP]}}))


def _in_the_commit(folder):
    (folder / "provenance.json").write_text(json.dumps({"neurosim": _MARKUP, "git_commit": _MARKUP}))


def _in_the_name_of_the_model(folder):
    path = folder / "recipe.toml"
    path.write_text(path.read_text().replace('model = "lca"', f"model = '''{_MARKUP}'''"))


def _in_the_kind_of_stimuli(folder):
    path = folder / "recipe.toml"
    path.write_text(path.read_text().replace("[stimuli]", f"[stimuli]\nkind = '''{_MARKUP}'''", 1))


_PLACES = [value for name, value in list(globals().items()) if name.startswith("_in_")]


@pytest.mark.parametrize("written", _PLACES, ids=lambda place: place.__name__)
def test_text_of_the_run_cannot_become_markup(run_dir, written):
    written(run_dir)
    source = write_report(run_dir).read_text(encoding="utf-8")
    assert "<i>" not in source.lower()
    assert "&lt;i&gt;&amp;amp;" in source
    Page(source)


def test_a_name_in_an_attribute_cannot_end_it(run_dir):
    name = "x' onerror=alert() \" onload=alert() "
    (run_dir / "figures" / "my_own.png").rename(run_dir / "figures" / f"{name}.png")
    images = Page(write_report(run_dir).read_text(encoding="utf-8")).images
    assert all(image.keys() == {"src", "alt"} for image in images)
    assert any("onerror=alert()" in image["alt"] for image in images)


def test_recipe_and_provenance_are_complete(page, run_dir):
    recipe = (run_dir / "recipe.toml").read_text()
    assert re.sub(r"\s+", " ", recipe).strip() in page.text
    for words in ("abc123", "packages.numpy 2.3.5", "00ff", "neurosim run recipe.toml"):
        assert words in page.text


def test_tables_say_what_their_cells_belong_to_and_can_be_reached_by_keyboard(run_dir):
    source = write_report(run_dir).read_text(encoding="utf-8")
    tables = source.split("<table>")[1:]
    assert len(tables) == source.count('role="group"') == source.count('tabindex="0"') == 4
    for table in tables:
        inside = table.partition("</table>")[0]
        assert inside.lstrip().startswith("<caption>")
        columns = inside.count('scope="col"')
        for row in inside.partition("<tbody>")[2].split("<tr>")[1:]:
            assert (row.count('scope="row"'), row.count("<td")) == (1, columns - 1)


def test_identifiers_are_unique(page):
    assert len(page.ids) == len(set(page.ids)) > 5


def test_the_same_folder_gives_the_same_page(run_dir):
    first = write_report(run_dir).read_bytes()
    assert write_report(run_dir).read_bytes() == first


@pytest.mark.parametrize("name", ["summary.json", "recipe.toml", "provenance.json", "fields.csv"])
def test_a_missing_file_is_named_and_no_page_is_written(run_dir, name):
    (run_dir / name).unlink()
    with pytest.raises(FileNotFoundError, match=re.escape(name)):
        write_report(run_dir)
    assert not (run_dir / "report.html").exists()


def test_a_run_without_figures_is_refused(run_dir):
    for path in (run_dir / "figures").glob("*.png"):
        path.unlink()
    with pytest.raises(FileNotFoundError, match="figures holds no PNG"):
        write_report(run_dir)


@pytest.mark.parametrize(
    ("name", "content"),
    [("summary.json", "{"), ("summary.json", "[1]"), ("recipe.toml", "a = ["), ("fields.csv", ""),
     ("provenance.json", b"\xff\xfe")],
)  # fmt: skip
def test_a_damaged_file_is_named(run_dir, name, content):
    (run_dir / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=re.escape(name)):
        write_report(run_dir)


def test_matplotlib_is_not_needed_to_make_the_page():
    import subprocess
    import sys

    lines = "import sys, neurosim.report.page; assert 'matplotlib' not in sys.modules and 'brian2' not in sys.modules"
    subprocess.run([sys.executable, "-c", lines], check=True)


def test_words_that_are_empty_in_a_table_are_empty_on_the_page(run_dir):
    table = pd.DataFrame({"setting": ["a", None], "mean": [0.5, np.nan], "left_out_because": [None, None]})
    table.to_csv(run_dir / "sensitivity.csv", index=False)
    (shown,) = (t for t in page_contents(read_run_folder(run_dir, tables=["sensitivity"]))["tables"])
    assert shown.rows == [["a", "0.5", ""], ["", "not measurable", ""]]
