"""The bundled samples: what they are, their data, their model, and a picture of their fit.

`resources/samples/samples.json` describes each. A sample without a file is simulated on demand from
the numbers written there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as made_by
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.app.catalogue import Catalogue
from emdesk.app.model_spec import ModelSpec, new_spec
from emdesk.app.session import FitSession
from emdesk.em.control import RunControl
from emdesk.errors import Cancelled, UsageProblem
from emdesk.io.readers import read
from emdesk.model.dataset import Dataset, Kind, from_arrays
from emdesk.model.marks import Picture, Place, View
from emdesk.model.needs import Role
from emdesk.resources import resource
from emdesk.texts import say

F64 = NDArray[np.float64]
CHUNK_ROWS = 65_536
PICTURE_ROWS = 20_000


@dataclass(frozen=True)
class Simulation:
    """Gaussian components to draw rows from.

    `weights` (K,), `means` and `spreads` (K, d), and in `correlations` (K,) the one correlation
    between all pairs of columns of a component.
    """

    rows: int
    seed: int
    weights: tuple[float, ...]
    means: tuple[tuple[float, ...], ...]
    spreads: tuple[tuple[float, ...], ...]
    correlations: tuple[float, ...]


@dataclass(frozen=True)
class Sample:
    """One sample: what its card says, where its data are from, and the model that opens with it."""

    id: str
    title: str
    facts: str
    model: str
    field: str
    family: str
    law: str | None
    columns: tuple[str, ...]
    source: str
    file: str = ""
    units: Mapping[str, str] = made_by(default_factory=dict)
    roles: Mapping[Role, tuple[str, ...]] = made_by(default_factory=dict)
    settings: Mapping[str, Any] = made_by(default_factory=dict)
    seed: int = 0
    simulation: Simulation | None = None


@lru_cache(maxsize=1)
def samples() -> tuple[Sample, ...]:
    """Every bundled sample, in the order of the start page."""
    entries = json.loads(resource("samples/samples.json").read_text("utf-8"))["samples"]
    return tuple(_sample(entry) for entry in entries)


def sample(name: str) -> Sample:
    """The sample with this id; a UsageProblem that lists those there are, if there is none."""
    for entry in samples():
        if entry.id == name:
            return entry
    raise UsageProblem(
        say("sample.none_such", name=name),
        remedy=say("sample.there_are", names=", ".join(entry.id for entry in samples())),
    )


def sample_dataset(chosen: Sample, cancelled: Callable[[], bool] | None = None) -> Dataset:
    """The data of a sample, read or simulated; Cancelled when `cancelled` says so."""
    if chosen.simulation is not None:
        made = simulated(chosen.simulation, chosen.columns, cancelled)
    else:
        made = read(resource(f"samples/{chosen.file}")).dataset
    columns = tuple(replace(c, unit=chosen.units.get(c.name, "")) for c in made.columns)
    return replace(made, columns=columns, name=chosen.title, source=chosen.source)


def sample_spec(chosen: Sample, catalogue: Catalogue) -> ModelSpec:
    """The model that opens with a sample."""
    spec = new_spec(catalogue, chosen.family, chosen.law)
    spec = replace(spec, columns=chosen.columns, roles=dict(chosen.roles))
    for name, value in {**chosen.settings, "seed": chosen.seed}.items():
        spec = spec.with_setting(name, value)
    return spec


def sample_picture(
    chosen: Sample, catalogue: Catalogue, width: int, height: int, control: RunControl
) -> Picture:
    """The picture of a real fit of the sample, of its first rows where it is large.

    Raises Cancelled once `control` is stopped.
    """
    if chosen.simulation is not None:
        few = replace(chosen.simulation, rows=min(chosen.simulation.rows, PICTURE_ROWS))
        chosen = replace(chosen, simulation=few)
    dataset = sample_dataset(chosen, lambda: control.is_stopped)
    session = FitSession(dataset, sample_spec(chosen, catalogue), catalogue, control, threads=1)
    for _ in session.run():
        pass
    result = session.result
    if result is None or control.is_stopped:
        raise Cancelled(say("sample.cancelled"))
    # Of several columns the last two: where the groups of the bundled samples part best.
    x, y = chosen.columns[-2:] if len(chosen.columns) > 2 else ("", "")
    view = View(
        Place.PICTURE, x=x, y=y, levels=(0.95,), width=width, height=height, raster_above=2_000
    )
    return result.family.picture(result.data, result.params, view)


def simulated(
    simulation: Simulation,
    columns: tuple[str, ...],
    cancelled: Callable[[], bool] | None = None,
) -> Dataset:
    """Rows drawn from Gaussian components; the same numbers for the same seed."""
    generator = np.random.Generator(np.random.PCG64(simulation.seed))
    values = np.empty((len(columns), simulation.rows))
    edges = np.cumsum(simulation.weights)[:-1]
    means = np.array(simulation.means)
    factors = _factors(simulation)
    for start in range(0, simulation.rows, CHUNK_ROWS):
        if cancelled is not None and cancelled():
            raise Cancelled(say("sample.cancelled"))
        size = min(CHUNK_ROWS, simulation.rows - start)
        component = np.searchsorted(edges, generator.random(size), side="right")
        noise = generator.standard_normal((size, len(columns)))
        chunk = values[:, start : start + size]
        for k in range(len(means)):
            mine = component == k
            chunk[:, mine] = (noise[mine] @ factors[k].T + means[k]).T
    return from_arrays("", tuple(zip(columns, values, strict=True)), Kind.CONTINUOUS)


def _factors(simulation: Simulation) -> F64:
    """(K, d, d) lower Cholesky factors of the components' covariances."""
    spreads = np.array(simulation.spreads)
    correlation = np.array(simulation.correlations)[:, None, None]
    unit = np.eye(spreads.shape[1])
    covariance = spreads[:, :, None] * (correlation + (1 - correlation) * unit) * spreads[:, None]
    return np.asarray(np.linalg.cholesky(covariance))


def _sample(entry: Mapping[str, Any]) -> Sample:
    told = dict(entry)
    simulate = told.pop("simulate", None)
    told["columns"] = tuple(told["columns"])
    told["roles"] = {Role(role): tuple(names) for role, names in told["roles"].items()}
    return Sample(**told, simulation=_simulation(simulate) if simulate else None)


def _simulation(told: Mapping[str, Any]) -> Simulation:
    return Simulation(
        rows=told["rows"],
        seed=told["seed"],
        weights=tuple(told["weights"]),
        means=tuple(map(tuple, told["means"])),
        spreads=tuple(map(tuple, told["spreads"])),
        correlations=tuple(told["correlations"]),
    )
