# Every target makes the environment it needs; a fresh machine has to have Python 3.11 or newer and a C++ compiler.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SEED ?= 0
# What touches every dependency, without the longest simulations.
LOWEST_TESTS := tests/test_import.py tests/test_cli.py tests/stimuli tests/datasets tests/analysis tests/report tests/recipes tests/results tests/runs \
	tests/networks/lca/test_lca_interface.py tests/networks/linked/test_linked_interface.py tests/networks/spiking/test_spiking_interface.py \
	tests/networks/svae/test_svae.py tests/engine/test_program.py

.PHONY: help demo test slow lint docs notebook lowest package bench verify-lca verify-mapped-fields browser verify-page verify-coverage verify-settling verify-defaults verify-backends verify-spiking verify-spiking-lca verify-homeostasis verify-hidden-pixels verify-linked verify-linked-recall verify-linked-three verify-linked-adaptation verify-linked-thresholds verify-linked-figures verify-linked-kernel verify-wlsc verify-topographic verify-streams verify-svae verify-threads verify-files verify-folders verify-films verify-streaming verify-times verify-resume verify-exchange verify-same verify-laboratory verify-laboratory-controls verify-laboratory-tiled verify-laboratory-pools verify-laboratory-scoreboards verify-complex-cells verify-sweeps verify-ordinal-front verify-svae-posterior verify-clusters verify-convolutional clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    learn receptive fields from photographs, compare with macaque V1, write the page"
	@echo "make test    quick ring of tests        make slow   all targets, full training"
	@echo "make lint    ruff and mypy              make bench  speed against SPAMS, scikit-learn and Brian2"
	@echo "make docs    the documentation, in docs/_build/html    make notebook  run the tutorial and keep its figures"
	@echo "make lowest  recipes and tests with every dependency at its lower bound"
	@echo "make package  sdist and wheel, installed away from the checkout and tried"
	@echo "make verify-lca    the lca recipe with three seeds, as a table"
	@echo "make verify-mapped-fields  fields by reverse correlation against frames of noise: halves, distance to macaque"
	@echo "make verify-page    pages of 256 and 1,024 neurons in Chromium: bytes, seconds, clicks, requests, accessibility"
	@echo "make verify-coverage    how often the interval of the distance to cortex covers the truth, simulated"
	@echo "make verify-settling    how far codes with default arguments are from the optimum, and how many had not settled"
	@echo "make verify-defaults    every network of membranes with default arguments on raw, filtered and 0-255 patches"
	@echo "make verify-backends    how near backend=\"auto\" comes to the best backend, at every number of stimuli"
	@echo "make verify-spiking    SAILnet and E-I Net at their papers' sizes, beside the authors' figures"
	@echo "make verify-spiking-lca    how fast firing rates solve the LASSO    make verify-homeostasis    four kinds compared"
	@echo "make verify-hidden-pixels    the threshold that predicts hidden pixels best, at known noise"
	@echo "make verify-laboratory-controls    planted fields, units without interactions, and an LCA beside them"
	@echo "make verify-laboratory-tiled    surround, end-stopping, curvature, masks of tiled networks beside units that act alone; ARGS=\"--recipe topographic --seeds 0 1\""
	@echo "make verify-laboratory-pools    phase invariance of learned, by-hand, random, sheet pools; ARGS=\"--recipe topographic --seeds 0 1\""
	@echo "make verify-complex-cells    phase invariance of complex cells that learn by a trace rule, from pairs and films, and their controls"
	@echo "make verify-convolutional    whole pictures: distance to the minimum (films, channels, modalities too), seconds against FISTA, objective against tiles, size tuning, rings, recall of a missing picture"
	@echo "make verify-films    direction selectivity and separability of fields learned from films, still pictures and nothing, three seeds"
	@echo "make verify-streaming    codes of a film whose frames take little time, from rest and carried over, at five drifts; ARGS=\"--seeds 0\""
	@echo "make verify-times ARGS=films    how long recipes take from the command to the page, with the load beside it"
	@echo "make verify-laboratory-scoreboards    V1 scoreboard of every recipe on photographs, and its time; ARGS=\"--only lca\""
	@echo "make verify-v1    the recipe v1 beside what its parts do, on two sets of photographs; ARGS=\"--only v1 --tiled\""
	@echo "make verify-wlsc    WLSC, l1 and other models against macaque V1; ARGS=--unrolled or --flat: back-propagation against the local rule; ARGS=--relays: local low dimensionality behind the relays of v1"
	@echo "make verify-clusters    digits clustered through the neuron graph, models of equal activity and controls; ARGS=--patches or --settings"
	@echo "make verify-topographic    maps of topographic coding, sheets of 32x32 and 48x48 among them"
	@echo "make verify-streams        parallel streams in one network beside a network for each: processor time"
	@echo "make verify-svae    autoencoders with unit and free norms; ARGS=--tune, --heuristics, --defaults, --inhibition, --likelihood or --speed"
	@echo "make verify-svae-posterior  autoencoders with unit and free norms, posteriors with and without correlations; ARGS=\"--data natural --epochs 1\": a part"
	@echo "make verify-threads    every network on every backend in threads, pools of processes and grid searches"
	@echo "make verify-linked    linked dictionaries on MNIST, five seeds, beside the paper's table (needs MNIST; an hour and a half on two cores, ARGS=--brief a third of it, ARGS=--small a few minutes)"
	@echo "make verify-linked-recall    print recalled from handwriting and handwriting from print, with controls (needs MNIST; half an hour)"
	@echo "make verify-linked-three    handwriting, print and sound, each missing in turn, pairs right and shuffled (a few minutes; ARGS=--mnist: half an hour)"
	@echo "make verify-linked-adaptation    recall by neurons that adapt, on training digits (needs MNIST; ten minutes)"
	@echo "make verify-linked-thresholds    signed or one-sided codes, soft or hard thresholds (needs MNIST; ten minutes)"
	@echo "make verify-linked-figures    the paper's figures, with errors of reconstructions and separation in the plane (needs MNIST; ten minutes)"
	@echo "make verify-linked-kernel    threshold while embedding and width of a Gaussian kernel, chosen on training digits (needs MNIST; a quarter of an hour)"
	@echo "make verify-ordinal-front    activity in the right block against an RBF SVM, along threshold and inhibition (needs MNIST; an hour and a half, ARGS=\"--only sweep\": a quarter of an hour)"
	@echo "make verify-files    5,000 image, IDX and npz files, whole and damaged, against independent readers"
	@echo "make verify-exchange    runs as NWB (inspector, pynapple), Neo and NIR: spike counts as these read them, beside ours"
	@echo "make verify-same OTHER=path/to/checkout    every quick recipe with this checkout and another: which numbers differ"
	@echo "make verify-laboratory    ceilings of fourteen V1 properties, medians of macaque cells, positive control, coverage; ARGS=--only ceilings: a part"
	@echo "make verify-sweeps    sweeps whose workers are killed, here and on dask; two workers against one; ARGS=\"--only speed\""
	@echo "make verify-resume    every network killed at random moments of training and gone on with: is it the same; ARGS=\"--only lca\""
	@echo "make verify-folders    runs killed, colliding, on full discs and in odd places; mutated recipes and damaged folders"

$(READY): pyproject.toml
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	touch $(READY)

demo: $(READY)
	$(BIN)/neurosim run v1 --seed $(SEED) --out runs/demo --overwrite

test: $(READY)
	$(BIN)/python -m pytest -q -n 2

slow: $(READY)
	$(BIN)/python -m pytest -q -m "slow or not slow"

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Warnings are errors; nothing is fetched.
docs: $(READY)
	$(BIN)/python -c "import furo, myst_parser, numpydoc, sphinx, sphinx_gallery" 2>/dev/null || $(BIN)/python -m pip install --quiet --editable ".[docs]"
	$(BIN)/python -m sphinx -W --keep-going -q docs docs/_build/html

notebook: $(READY)
	$(BIN)/python docs/run_notebook.py

# Every direct dependency at the lower bound of pyproject.toml, what these need as new as it comes. About ten minutes.
lowest:
	$(PYTHON) -m venv --clear .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet uv
	.venv-lowest/bin/uv pip install --quiet --python .venv-lowest/bin/python --resolution lowest-direct --editable ".[test]"
	.venv-lowest/bin/python verification/quick_recipes.py .venv-lowest/bin/neurosim
	.venv-lowest/bin/python -m pytest -q $(LOWEST_TESTS)

# What a user gets: built in isolation, installed in environments of their own, tried in a folder of its own.
package:
	rm -rf dist .venv-package
	$(PYTHON) -m venv .venv-package
	.venv-package/bin/python -m pip install --quiet build
	.venv-package/bin/python -m build --quiet
	.venv-package/bin/python verification/package.py dist

# All arguments of `python -m benchmarks` by name: make bench ARGS="--quick" or ARGS="--only encoding".
bench: $(READY)
	$(BIN)/python -c "import spams" 2>/dev/null || $(BIN)/python -m pip install --quiet --editable ".[bench]"
	$(BIN)/python -m benchmarks --picture docs/pictures/speed_curves.png $(ARGS)

verify-lca: $(READY)
	$(BIN)/python verification/lca.py

verify-mapped-fields: $(READY)
	$(BIN)/python verification/mapped_fields.py $(ARGS)

# A browser, and what drives it: tests/report/test_browser.py skips without them.
browser: $(READY)
	$(BIN)/python -m pip install --quiet --editable ".[page]"
	command -v chromium > /dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core > /dev/null)

verify-page: browser
	$(BIN)/python verification/page.py $(ARGS)

verify-same: $(READY)
	$(BIN)/python verification/same_numbers.py $(OTHER) $(ARGS)

verify-coverage: $(READY)
	$(BIN)/python verification/interval_coverage.py $(ARGS)

verify-settling: $(READY)
	$(BIN)/python verification/settling.py $(ARGS)

verify-defaults: $(READY)
	$(BIN)/python verification/defaults.py $(ARGS)

# A quarter of an hour.
verify-backends: $(READY)
	$(BIN)/python verification/backend_choice.py $(ARGS)

verify-spiking: $(READY)
	$(BIN)/python verification/spiking_networks.py

verify-spiking-lca: $(READY)
	$(BIN)/python verification/spiking_lca.py

verify-threads: $(READY)
	$(BIN)/python verification/threads.py $(ARGS)

verify-homeostasis: $(READY)
	$(BIN)/python verification/homeostasis.py

# A few minutes.
verify-hidden-pixels: $(READY)
	$(BIN)/python verification/hidden_pixels.py

# MNIST is looked for in $$NEUROSIM_DATA.
verify-linked: $(READY)
	$(BIN)/python verification/linked.py $(ARGS)

# MNIST is looked for in $$NEUROSIM_DATA.
verify-linked-recall: $(READY)
	$(BIN)/python verification/linked_recall.py $(ARGS)

verify-linked-three: $(READY)
	$(BIN)/python verification/linked_three.py $(ARGS)

# MNIST is looked for in $$NEUROSIM_DATA by these and the following.
verify-linked-adaptation: $(READY)
	$(BIN)/python verification/linked_adaptation.py $(ARGS)

verify-linked-thresholds: $(READY)
	$(BIN)/python verification/linked_thresholds.py $(ARGS)

verify-linked-figures: $(READY)
	$(BIN)/python verification/linked_figures.py $(ARGS)

verify-linked-kernel: $(READY)
	$(BIN)/python verification/linked_kernel.py $(ARGS)

verify-ordinal-front: $(READY)
	$(BIN)/python verification/ordinal_front.py $(ARGS)

# Kodak's photographs are looked for in $$NEUROSIM_DATA; about half an hour.
verify-wlsc: $(READY)
	$(BIN)/python -c "import jax, optax" 2>/dev/null || $(BIN)/python -m pip install --quiet --editable ".[backprop]"
	$(BIN)/python verification/wlsc.py $(ARGS)

# MNIST (Kodak's photographs with --patches) is looked for in $$NEUROSIM_DATA; about an hour.
verify-clusters: $(READY)
	$(BIN)/python verification/clusters.py $(ARGS)

verify-topographic: $(READY)
	$(BIN)/python verification/topographic.py $(ARGS)

verify-streams: $(READY)
	$(BIN)/python verification/streams.py $(ARGS)

# Kodak's photographs and MNIST are looked for in $$NEUROSIM_DATA; about an hour.
verify-svae: $(READY)
	$(BIN)/python -c "import jax, optax" 2>/dev/null || $(BIN)/python -m pip install --quiet --editable ".[svae]"
	$(BIN)/python verification/svae.py $(ARGS)

verify-svae-posterior: $(READY)
	$(BIN)/python -c "import jax, optax" 2>/dev/null || $(BIN)/python -m pip install --quiet --editable ".[svae]"
	$(BIN)/python verification/svae_posterior.py $(ARGS)

verify-files: $(READY)
	$(BIN)/python verification/image_files.py
# About an hour: every try is a process of its own. ARGS="--only discs" for a part; discs are mounted where this is allowed.
verify-resume: $(READY)
	$(BIN)/python verification/resume.py $(ARGS)

verify-folders: $(READY)
	$(BIN)/python verification/run_folders.py $(ARGS)
	$(BIN)/python verification/damaged_runs.py

# A quarter of an hour on two quiet processors.
verify-sweeps: $(READY)
	$(BIN)/python verification/sweeps.py $(ARGS)

# Some minutes.
verify-exchange: $(READY)
	$(BIN)/python -m pip install --quiet nwbinspector pynapple
	$(BIN)/python verification/exchange.py $(ARGS)

# Some minutes.
verify-laboratory-controls: $(READY)
	$(BIN)/python verification/laboratory_controls.py

verify-laboratory-tiled: $(READY)
	$(BIN)/python verification/laboratory_tiled.py $(ARGS)

verify-laboratory-pools: $(READY)
	$(BIN)/python verification/laboratory_pools.py $(ARGS)

# Trains three networks first; about ten minutes.
verify-complex-cells: $(READY)
	$(BIN)/python verification/complex_cells.py $(ARGS)

# Kodak's photographs can be held out: ARGS="--pictures $$NEUROSIM_DATA/kodak/kodak24_gray_uint8.npz"; half an hour.
verify-convolutional: $(READY)
	$(BIN)/python verification/convolutional.py $(ARGS)
	$(BIN)/python verification/convolutional_sizes.py
	$(BIN)/python verification/convolutional_rings.py
	$(BIN)/python verification/convolutional_several.py
	$(BIN)/python verification/convolutional_recall.py

# Trains two networks for each seed; a few minutes. ARGS="--film city.mpg" for a video beside the made film.
verify-films: $(READY)
	$(BIN)/python verification/films.py $(ARGS)

# Trains a network for each seed; some minutes.
verify-streaming: $(READY)
	$(BIN)/python verification/streaming.py $(ARGS)

# On a quiet machine.
verify-times: $(READY)
	$(BIN)/python verification/recipe_times.py $(ARGS)

# Trains every recipe on photographs first.
verify-laboratory-scoreboards: $(READY)
	$(BIN)/python verification/laboratory_scoreboards.py $(ARGS)

# Kodak's photographs and the per-cell table are looked for in $$NEUROSIM_DATA; some minutes for each row.
verify-v1: $(READY)
	$(BIN)/python verification/v1.py $(ARGS)

# The per-cell table is looked for in $$NEUROSIM_DATA; about ten minutes, most of them for the coverage.
verify-laboratory: $(READY)
	$(BIN)/python verification/v1_ceilings.py $(ARGS)

clean:
	rm -rf $(VENV) .venv-lowest .venv-package build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
