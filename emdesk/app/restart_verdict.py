"""What the starts of a fit say of its result, in a sentence with number, definition and doubt."""

from __future__ import annotations

from enum import StrEnum

from emdesk.em.diversity import Diversity
from emdesk.em.optima import SAME_OBJECTIVE, SAME_PARAMETER, Optima, Optimum
from emdesk.texts import say, say_count
from emdesk.texts.numbers import criterion, fixed, short, whole


class Trust(StrEnum):
    """How far the best optimum can be trusted, in a word."""

    REPLICATED = "replicated"
    FOUND_ONCE = "found-once"
    AT_LIMIT = "limit"
    NOTHING_SOUND = "nothing-sound"
    SINGLE = "single"
    NONE_ENDED = "none-ended"


def trust(optima: Optima) -> Trust:
    """The word for these optima."""
    best = optima.best
    if best is None:
        return Trust.NOTHING_SOUND if optima.found else Trust.NONE_ENDED
    if not best.converged:
        return Trust.AT_LIMIT
    if best.is_replicated:
        return Trust.REPLICATED
    return Trust.SINGLE if optima.starts == 1 else Trust.FOUND_ONCE


def headline(optima: Optima) -> str:
    """The sentence for these optima."""
    best, starts = optima.best, whole(optima.starts)
    match trust(optima):
        case Trust.NONE_ENDED:
            return say("starts.none_ended")
        case Trust.NOTHING_SOUND:
            return say("starts.nothing_sound")
    assert best is not None
    objective = criterion(best.objective)
    match trust(optima):
        case Trust.REPLICATED:
            return say(
                "starts.replicated", count=whole(best.count), starts=starts, objective=objective
            )
        case Trust.AT_LIMIT:
            return say("starts.at_limit", starts=starts, objective=objective)
        case Trust.SINGLE:
            return say("starts.single", objective=objective)
    if best.count > 1:
        return say("starts.same_start", count=whole(best.count), starts=starts, objective=objective)
    return say(
        "starts.found_once", start=whole(best.starts[0] + 1), starts=starts, objective=objective
    )


def details(optima: Optima) -> str:
    """How many optima there are, since when none was better, and what one more start may bring."""
    told = []
    if len(optima.sound):
        once = whole(optima.found_once)
        told.append(say_count("starts.distinct", len(optima.sound), once=once))
    if optima.rivals:
        told.append(say_count("starts.rivals", len(optima.rivals)))
    if optima.last_improvement is not None and optima.ended > 1:
        told.append(say("starts.last_better", start=whole(optima.last_improvement + 1)))
    if optima.unseen_chance is not None and optima.best is not None:
        key = "starts.unseen" if optima.ended == optima.starts else "starts.unseen_of_ended"
        told.append(say(key, chance=_chance(optima)))
    aside = sum(o.count for o in optima.set_aside)
    if aside and optima.best is not None:
        told.append(say_count("starts.set_aside", aside))
    if optima.ended < optima.starts:
        told.append(say_count("starts.given_up", optima.starts - optima.ended))
    return " ".join(told)


def verdict_of(optima: Optima, optimum: Optimum) -> str:
    """What is said of one optimum in a few words."""
    if not optimum.is_sound:
        return say("starts.verdict.set_aside", sentence=optimum.sentence)
    best = "best" if optimum is optima.best else ""
    key = {
        ("best", True): "starts.verdict.best",
        ("best", False): "starts.verdict.best_once",
        ("", True): "starts.verdict.replicated",
        ("", False): "starts.verdict.once",
    }[best, optimum.is_replicated]
    words = say(key)
    return words if optimum.converged else say("starts.verdict.limit", verdict=words)


def sameness(optima: Optima | None) -> str:
    """The rule by which two starts ended at the same optimum; before a fit, the least of its tolerances."""
    within = optima.same_objective if optima is not None else SAME_OBJECTIVE
    return say("starts.sameness", objective=short(within), parameter=short(SAME_PARAMETER))


def diversity_sentence(diversity: Diversity) -> str:
    """How different the starts were, and what that means."""
    key = "alike" if diversity.is_alike else "spread" if diversity.is_well_spread else "some"
    return say(
        f"starts.diversity.{key}",
        distance=fixed(diversity.distance, 2),
        compared=whole(diversity.compared),
    )


def _chance(optima: Optima) -> str:
    """The chance of a new optimum in percent. None found once is not a chance of nothing: it is below one start's."""
    if not optima.found_once:
        return say("starts.chance.below", percent=whole(max(1.0, 100 / optima.ended)))
    chance = optima.unseen_chance or 0.0
    if chance < 0.01:
        return say("starts.chance.below", percent=whole(1))
    return say("starts.chance.about", percent=whole(100 * chance))
