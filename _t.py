import sys, time

sys.path.insert(0, "tests/laboratory")
from test_reverse_correlation import *
import warnings

warnings.simplefilter("ignore")
t = time.time()
c = time.process_time()


def lap(n):
    global t, c
    print(n, round(time.time() - t, 2), round(time.process_time() - c, 2))
    t = time.time()
    c = time.process_time()


stimuli = natural(10000)
lap("natural")
p = pink_noise(10000, field=FIELD, rms=0.15, rng=0)
[None for _ in p.chunks()]
lap("pink")
p = white_noise(10000, field=FIELD, rms=0.15, rng=0)
[None for _ in p.chunks()]
lap("white")
r0 = answers(feed_forward(planted(), threshold=0.0), stimuli)
lap("ans")
r = with_noise(r0)
for m in ("average", "ridge", "power"):
    f = map_fields(stimuli, r, method=m)
    lap(m)
    print(m, likeness(f.field.values, planted()), f.prediction_r2.values, f.strength.values)
