"""Whether a process grows: its private memory against the clock, over the second half of a run.

Rule of the module: flat is a bound and an interval, not an impression. The slope is fitted to means of blocks (neighbouring
samples are no independent witnesses); a part is flat when even the upper end of the slope's 95 % interval is under the
bound.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from time import monotonic

BLOCKS = 10
STUDENT = 2.306
"""Two-sided 95 % point of Student's t with BLOCKS - 2 degrees of freedom."""


@dataclass(frozen=True)
class Sample:
    at: float
    private: int
    """Bytes of anonymous memory, a shared page in proportion (Pss_Anon): shared buffers of PostgreSQL are not in it."""
    whole: int
    """Bytes of all memory, likewise (Pss)."""


@dataclass(frozen=True)
class Slope:
    """Bytes a second, with the ends of its 95 % interval."""

    middle: float
    low: float
    high: float


def family(root: int) -> list[int]:
    """The process and all below it."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(folder.name))
    found, wave = [], [root]
    while wave:
        found += wave
        wave = [child for one in wave for child in children.get(one, [])]
    return found


def measure(root: int, at: float) -> Sample:
    """The memory of a process and all below it."""
    totals = {"Pss_Anon:": 0, "Pss:": 0}
    for one in family(root):
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue  # it ended meanwhile
        for line in lines:
            name, _, rest = line.partition(" ")
            if name in totals:
                totals[name] += 1024 * int(rest.split()[0])
    return Sample(at, totals["Pss_Anon:"], totals["Pss:"])


def course(samples: Sequence[Sample]) -> str:
    """Private memory as means of tenths of the whole run, in MB: whether it rises to a level, or rises."""
    size = len(samples) / BLOCKS
    blocks = [samples[round(n * size) : round((n + 1) * size)] for n in range(BLOCKS)]
    return " ".join(f"{mean(one.private for one in block) / 1e6:.1f}" for block in blocks)


def slope(samples: Sequence[Sample]) -> Slope:
    """Growth of private memory over the second half of `samples`."""
    half = samples[len(samples) // 2 :]
    size = len(half) / BLOCKS
    blocks = [half[round(n * size) : round((n + 1) * size)] for n in range(BLOCKS)]
    points = [(mean(one.at for one in block), mean(one.private for one in block)) for block in blocks]
    x0, y0 = mean(x for x, _ in points), mean(y for _, y in points)
    spread = sum((x - x0) ** 2 for x, _ in points)
    middle = sum((x - x0) * (y - y0) for x, y in points) / spread
    rest = sum((y - y0 - middle * (x - x0)) ** 2 for x, y in points)
    half_width = STUDENT * (rest / (BLOCKS - 2) / spread) ** 0.5
    return Slope(middle, middle - half_width, middle + half_width)


@dataclass
class Watch:
    """Samples the parts of a service every `every` seconds until it is stopped; `pids` says who each part is at that moment."""

    pids: Callable[[], dict[str, int]]
    every: float = 2.0
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    _end: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Watch":
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def _run(self) -> None:
        while not self._end.wait(self.every):
            for name, pid in self.pids().items():
                self.samples.setdefault(name, []).append(measure(pid, monotonic()))

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()
