"""All peers on one problem: first whether they agree lane by lane, then how long they take.

The rounds alternate between the peers, so that a change in the machine's speed meets all of them;
a ratio of two peers is the median of the rounds' ratios.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers import CYCLING, MAX_ITER, AbsentError, Answer, Peer
from benchmarks.peers.known import PEERS, known
from benchmarks.problems import Problem, drawn
from benchmarks.worker import Worker

REFERENCE = "core"
PROBE = 10_000
"""Lanes on which a peer is checked first, and by which its time on all of them is foreseen."""
CONTRACTED = 1e-3
"""Share of lanes that may differ where a compiler fuses products and sums."""

Say = Callable[[str], None]


class DisagreementError(Exception):
    """A peer and gdlab do not say the same of a lane."""


@dataclass
class Measured:
    """One peer's times. ready : seconds to import and compile, apart. differ : share of lanes.

    processor : seconds of its own process alone, not of those that it starts.
    """

    peer: Peer
    lanes: int
    lane_steps: int
    ready: float
    differ: float
    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @property
    def nanoseconds(self) -> list[float]:
        """Nanoseconds per lane-step, round by round; a lane's steps are those to its verdict."""
        return [seconds / self.lane_steps * 1e9 for seconds in self.seconds]

    @property
    def worked(self) -> list[float]:
        """The same, of the processor's time: other work on the machine disturbs that less."""
        return [seconds / self.lane_steps * 1e9 for seconds in self.processor]

    def as_json(self) -> dict[str, Any]:
        return {
            "key": self.peer.key,
            "name": self.peer.name,
            "lanes": self.lanes,
            "lane_steps": self.lane_steps,
            "ready_seconds": self.ready,
            "share_of_lanes_that_differ": self.differ,
            "seconds": self.seconds,
            "processor_seconds": self.processor,
            "median_seconds": median(self.seconds),
            "median_nanoseconds_per_lane_step": median(self.nanoseconds),
            "lanes_per_second": self.lanes / median(self.seconds),
        }


@dataclass
class Comparison:
    """What was measured on one problem, and who was left out, with the reason."""

    problem: Problem
    lanes: int
    mean: float
    longest: int
    measured: dict[str, Measured]
    skipped: dict[str, str]

    def ratio(self, of: str, to: str, *, worked: bool = False) -> list[float]:
        """How many times longer a lane-step takes with the one than with the other, by round.

        worked : in the processor's time.
        """
        pair = [
            one.worked if worked else one.nanoseconds
            for one in (self.measured[of], self.measured[to])
        ]
        return [slow / fast for slow, fast in zip(*pair, strict=True)]

    def as_json(self) -> dict[str, Any]:
        return {
            "problem": self.problem.name,
            "title": self.problem.title,
            "tol": self.problem.tol,
            "max_iter": self.problem.max_iter,
            "lanes": self.lanes,
            "mean_steps": self.mean,
            "longest_steps": self.longest,
            "peers": [one.as_json() for one in self.measured.values()],
            "skipped": self.skipped,
            "slower": {key: self.ratio(key, one.peer.like) for key, one in self.measured.items()},
        }


def compare(
    problem: Problem,
    n: int,
    *,
    keys: Sequence[str] = tuple(PEERS),
    rounds: int = 5,
    patience: float = 10.0,
    say: Say = lambda text: None,
) -> Comparison:
    """Check and measure the peers of these keys, and what they are held against, on about n lanes.

    A peer that would need more than `patience` seconds for all lanes is given fewer, spread evenly.
    Raises DisagreementError before anything is timed.
    """
    peers = [known()[key] for key in needed(keys)]
    skipped: dict[str, str] = {}
    workers: dict[str, Worker] = {}
    measured: dict[str, Measured] = {}
    with ExitStack() as stack:
        ready: dict[str, float] = {}
        for peer in peers:
            say(f"{problem.name}: making {peer.name} ready")
            worker = stack.enter_context(Worker(peer, problem))
            try:
                ready[peer.key] = worker.prepare()
            except AbsentError as error:
                skipped[peer.key] = str(error)
                continue
            workers[peer.key] = worker

        n_lanes = problem.n_lanes(n)
        said: dict[str, Answer] = {}
        for key in dict.fromkeys(worker.peer.like for worker in workers.values()):
            ready[key] += workers[key].take(n)
            said[key] = answered(workers[key])
        for key, worker in workers.items():
            say(f"{problem.name}: checking {worker.peer.name}")
            expected = said[worker.peer.like]
            chosen = chosen_for(worker, problem, n, expected, patience)
            ready[key] += worker.take(n, chosen)
            differ = check(worker.peer, answered(worker), of_lanes(expected, chosen), problem)
            measured[key] = Measured(
                worker.peer,
                n_lanes if chosen is None else chosen.size,
                int(of_lanes(expected, chosen).steps.sum(dtype=np.int64)),
                ready[key],
                differ,
            )
        for number in range(1, rounds + 1):
            for key, worker in workers.items():
                say(f"{problem.name}: round {number} of {rounds}, {worker.peer.name}")
                timed = worker.run()
                measured[key].seconds.append(timed.seconds)
                measured[key].processor.append(timed.processor)
    steps = np.concatenate([answer.steps for answer in said.values()])
    return Comparison(problem, n_lanes, float(steps.mean()), int(steps.max()), measured, skipped)


def needed(keys: Sequence[str]) -> list[str]:
    """These keys and those of what they are held against, in the order in which they are shown."""
    peers = known()
    wanted = {*keys, *(peers[key].like for key in keys)}
    return [key for key in peers if key in wanted]


def chosen_for(
    worker: Worker, problem: Problem, n: int, expected: Answer, patience: float
) -> NDArray[np.int64] | None:
    """The lanes that this peer can descend within `patience` seconds; None for all of them."""
    if worker.peer.whole:
        return None
    n_lanes = expected.steps.size
    few = drawn(n_lanes, PROBE)
    worker.take(n, few)
    check(worker.peer, answered(worker), of_lanes(expected, few), problem)
    foreseen = worker.run().seconds * n_lanes / few.size
    most = min(int(n_lanes * patience / foreseen), worker.peer.compared)
    return None if most >= n_lanes else drawn(n_lanes, max(most, few.size))


def answered(worker: Worker) -> Answer:
    answer = worker.run(answer=True).answer
    assert answer is not None
    return answer


def of_lanes(answer: Answer, chosen: NDArray[np.int64] | None) -> Answer:
    if chosen is None:
        return answer
    period = None if answer.period is None else answer.period[chosen]
    return Answer(answer.steps[chosen], answer.status[chosen], answer.x[:, chosen], period)


def check(peer: Peer, answer: Answer, expected: Answer, problem: Problem) -> float:
    """Give the share of lanes on which the peer and gdlab differ.

    Steps, status, period and the bits of the last iterate must be the same. Of a peer whose
    compiler fuses products and sums the iterate is not asked, and a share `CONTRACTED` of the
    lanes may differ. One that stops by a rule of its own has to end where gdlab does.
    Raises DisagreementError.
    """
    status = expected.status
    if not peer.cycles:
        status = np.where(status == CYCLING, MAX_ITER, status)
    same = answer.status == status
    if peer.within is None:
        same &= answer.steps == expected.steps
    if answer.period is not None:
        same &= answer.period == expected.period
    if peer.within is not None:
        same &= (np.abs(answer.x - expected.x) <= peer.within).all(axis=0)
    elif not peer.contracts:
        x, x_expected = answer.x, expected.x
        same &= ((x == x_expected) | (np.isnan(x) & np.isnan(x_expected))).all(axis=0)
    wrong = np.flatnonzero(~same)
    share = wrong.size / same.size
    if share > (CONTRACTED if peer.contracts else 0):
        lane = wrong[0]
        raise DisagreementError(
            f"{peer.name} and gdlab do not agree on {wrong.size:,} of {same.size:,} lanes of the "
            f"problem {problem.name}, first after {answer.steps[lane]} and "
            f"{expected.steps[lane]} steps, at x = {answer.x[:, lane].tolist()} and "
            f"{expected.x[:, lane].tolist()}; nothing was timed"
        )
    return float(share)
