"""The models that the battery is run over: every law as it stands, and what its settings change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emdesk.app.catalogue import catalogue


@dataclass(frozen=True)
class Model:
    """A law with settings; `name` is what the table of expected ends calls it."""

    name: str
    law: str
    settings: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        return self.name


STRUCTURES = (
    "EII",
    "VII",
    "EEI",
    "VEI",
    "EVI",
    "VVI",
    "EEE",
    "VEE",
    "EVE",
    "VVE",
    "EEV",
    "VEV",
    "EVV",
)
ROUND = ("EII", "VII")
ALONG = ("EEI", "VEI", "EVI", "VVI")


def laws() -> tuple[Model, ...]:
    """Every law of the catalogue with its default settings."""
    return tuple(Model(law.id, law.id) for law in catalogue().laws)


def structures() -> tuple[Model, ...]:
    """The covariance structures of the Gaussian law but its default, and some of the t law."""
    gaussian = [Model(f"gaussian-{s}", "gaussian", (("covariance", s),)) for s in STRUCTURES]
    student = [
        Model(f"student-t-{s}", "student-t", (("covariance", s),)) for s in ("EII", "VVI", "EEE")
    ]
    return (*gaussian, *student)


NARROWING = ("log-normal", "gamma", "weibull", "inverse-gaussian", "beta")
PRIORS = (
    Model("gaussian-prior", "gaussian", (("prior", "conjugate"),)),
    Model("student-t-prior", "student-t", (("prior", "conjugate"), ("tails_prior", "gamma"))),
    Model("poisson-prior", "poisson", (("prior", 1.0),)),
    Model("exponential-prior", "exponential", (("prior", 1.0),)),
    *(Model(f"{law}-prior", law, (("prior", 1.0),)) for law in NARROWING),
    Model("von-mises-prior", "von-mises", (("prior", 1.0),)),
    Model("gaussian-regression-prior", "gaussian-regression", (("prior", 1.0),)),
    Model("bernoulli-prior", "bernoulli", (("prior", 1.0),)),
    Model("categorical-prior", "categorical", (("prior", 1.0),)),
    Model("negative-binomial-prior", "negative-binomial", (("prior", 1.0),)),
)
"""Laws with a prior: none of their parameters reaches an edge."""

LEANING_TOGETHER = Model("skew-normal-joint", "skew-normal", (("columns_are", "joint"),))
OTHERS = (
    Model("gaussian-noise", "gaussian", (("noise", "uniform"),)),
    Model("gaussian-hard", "gaussian", (("assignment", "hard"),)),
    Model("gaussian-stochastic", "gaussian", (("assignment", "stochastic"),)),
    Model("poisson-hard", "poisson", (("assignment", "hard"),)),
    Model("poisson-stochastic", "poisson", (("assignment", "stochastic"),)),
    Model("student-t-fixed", "student-t", (("tails", "fixed"), ("degrees", 4.0))),
    Model("student-t-common", "student-t", (("tails", "common"),)),
    LEANING_TOGETHER,
    Model("gaussian-regression-common", "gaussian-regression", (("sd", "common"),)),
    Model("bernoulli-E", "bernoulli", (("dispersion", "E"),)),
    Model("categorical-Ek", "categorical", (("dispersion", "Ek"),)),
    Model("gaussian-squarem", "gaussian", (("accelerate", "squarem"),)),
    Model("poisson-anderson", "poisson", (("accelerate", "anderson"),)),
    Model("gaussian-newton", "gaussian", (("finish_with", "newton"),)),
)
"""Ways to assign rows, to climb, and settings that tie parameters together."""
