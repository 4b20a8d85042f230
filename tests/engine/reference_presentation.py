"""A whole presentation of one stimulus in plain loops, written from the description to be read and compared with.

It shares no code with `neurosim`. The population is `looped_network.SOFT`.
"""

from dataclasses import dataclass

# Every so many steps the membranes are asked whether they are about to rest, and each step after which nobody sent.
ASKED_EVERY = 4
# Steps begin at a fifth of the longest; a swing whose changes double goes back to the shortest.
# One as large as half of the largest change before halves the growth for good.
START, GROWTH, SHRINKAGE, DOUBLED, LARGE = 0.2, 0.2, 0.5, 2.0, 0.5


@dataclass
class Presented:
    """Where the membranes end, the seconds that took, and the work done."""

    u: list[float]
    a: list[float]
    seconds: float = 0.0
    n_steps: int = 0
    n_sent: int = 0


def activity(potential, level):
    return [max(u - level, 0.0) for u in potential]


def present(stimulus, weights, *, level, tau, pace, epsilon, tolerance=0.0):
    """Show one stimulus to membranes at rest; `pace` is the shortest and longest step and the duration, seconds."""
    shortest, longest, duration = pace
    neurons = range(len(stimulus))
    sent, last_change, received = ([0.0 for _ in neurons] for _ in range(3))
    now = Presented(u=[0.0 for _ in neurons], a=[0.0 for _ in neurons])
    length, moved_before, most_moved = max(shortest, START * longest), 0.0, 0.0
    growth = GROWTH
    while now.seconds < duration:
        changed = [j for j in neurons if abs(now.a[j] - sent[j]) > epsilon]
        now.n_sent += len(changed)
        swing = moved = 0.0
        for j in changed:
            change = now.a[j] - sent[j]
            swing += change * last_change[j]
            moved += change**2
            sent[j], last_change[j] = now.a[j], change
            received = [received[k] + change * weights[j][k] for k in neurons]
        goal = [stimulus[k] - received[k] for k in neurons]
        asked = tolerance > 0 and (not changed or now.n_steps % ASKED_EVERY == ASKED_EVERY - 1)
        if asked and all(abs(x - y) <= tolerance for x, y in zip(activity(goal, level), sent, strict=True)):
            now.u, now.a = goal, activity(goal, level)
            break
        if swing < 0:
            doubled = moved > DOUBLED**2 * moved_before
            length = shortest if doubled else max(shortest, SHRINKAGE * length)
            if doubled and moved > LARGE**2 * most_moved:
                growth /= 2
        moved_before, most_moved = moved, max(most_moved, moved)
        length = min(length, duration - now.seconds)
        now.u = [u + length / tau * (there - u) for u, there in zip(now.u, goal, strict=True)]
        now.a = activity(now.u, level)
        now.seconds += length
        now.n_steps += 1
        if swing >= 0:
            length = min(longest, (1 + growth) * length)
    return now
