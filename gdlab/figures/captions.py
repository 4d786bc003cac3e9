"""What a picture says above its panels, of one run or of several."""

from __future__ import annotations

from collections.abc import Sequence

from gdlab.figures import words
from gdlab.figures.facets import Facets
from gdlab.figures.subject import Subject


def title(subjects: Sequence[Subject], facets: Facets) -> list[str]:
    """The objective by its name and its formula; where there are several, what was swept."""
    titles = [words.title(subject) for subject in subjects]
    return titles[0] if titles.count(titles[0]) == len(titles) else [facets.said()]


def runs(subjects: Sequence[Subject], facets: Facets) -> list[str]:
    """The method, and which runs there are, unless the title says so."""
    methods = {subject.method for subject in subjects}
    method = methods.pop() if len(methods) == 1 else ""
    same_title = title(subjects, facets) != [facets.said()]
    said = [method, facets.said() if same_title else ""]
    return [": ".join(filter(None, said))] if any(said) else []


def criterion(subjects: Sequence[Subject]) -> list[str]:
    """When lanes count as converged, and are given up, as far as it is the same in all runs."""
    criteria = {subject.criterion for subject in subjects}
    if len(criteria) > 1:
        return []
    measures = {words.measure(subject) for subject in subjects}
    measured = measures.pop() if len(measures) == 1 else f"the {criteria.pop()}"
    tolerances = {subject.tightest for subject in subjects}
    below = words.number(tolerances.pop()) if len(tolerances) == 1 else "tol"
    counts = {len(subject.tol) for subject in subjects} - {1}
    tightest = f" (the tightest of {counts.pop()} tolerances)" if len(counts) == 1 else ""
    limits = {subject.max_iter for subject in subjects}
    most = f", in at most {words.plural(max(limits), 'iteration')}" if len(limits) == 1 else ""
    return [f"converged once {measured} < {below}{tightest}{most}"]


def tolerance(subject: Subject, subjects: Sequence[Subject], facets: Facets) -> list[str]:
    """The tolerance of a panel, where panels differ in it and the headings do not tell."""
    same = len({other.tightest for other in subjects}) == 1
    return [] if same or "tol" in facets.names else [f"tol = {words.number(subject.tightest)}"]
