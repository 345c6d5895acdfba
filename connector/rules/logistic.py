"""Logistic regression by Newton's method: a page of arithmetic instead of a scientific library.

A daemon learns from some ten thousand rows of some ten numbers once a day. That takes seconds in plain
Python and gives the same coefficients as the libraries do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul

Vector = list[float]

STEPS = 30
CLOSE = 1e-8


def probability(score: float) -> float:
    """The logistic function, without overflow."""
    if score >= 0:
        return 1 / (1 + math.exp(-score))
    grown = math.exp(score)
    return grown / (1 + grown)


def fit(rows: Sequence[Sequence[float]], outcomes: Sequence[bool], ridge: float = 1.0) -> tuple[float, ...]:
    """Coefficients, the intercept first, that make the outcomes likeliest.

    Columns are brought to one scale for the fitting and back afterwards; `ridge` pulls all but the
    intercept towards zero as strongly as so many rows would. ValueError without rows or with only one
    kind of outcome.
    """
    if not rows or len(set(map(bool, outcomes))) < 2:
        raise ValueError("to learn, both outcomes are needed")
    means, scales = _scales(rows)
    scaled = [[1.0, *((x - m) / s for x, m, s in zip(row, means, scales, strict=True))] for row in rows]
    beta = [0.0] * len(scaled[0])
    for _ in range(STEPS):
        step = _newton(scaled, outcomes, beta, ridge)
        beta = [b + s for b, s in zip(beta, step, strict=True)]
        if max(map(abs, step)) < CLOSE:
            break
    slopes = [b / s for b, s in zip(beta[1:], scales, strict=True)]
    return (beta[0] - sum(map(mul, slopes, means)), *slopes)


def _scales(rows: Sequence[Sequence[float]]) -> tuple[Vector, Vector]:
    means, scales = [], []
    for column in zip(*rows, strict=True):
        mean = sum(column) / len(column)
        spread = math.sqrt(sum((x - mean) ** 2 for x in column) / len(column))
        means.append(mean)
        scales.append(spread if spread > 1e-9 else 1.0)
    return means, scales


def _newton(rows: list[Vector], outcomes: Sequence[bool], beta: Vector, ridge: float) -> Vector:
    """One step: the curvature of the likelihood divided into its slope."""
    width = len(beta)
    slope = [0.0, *(-ridge * b for b in beta[1:])]
    curve = [[ridge if i == j and i else 0.0 for j in range(width)] for i in range(width)]
    for row, outcome in zip(rows, outcomes, strict=True):
        expected = probability(sum(map(mul, row, beta)))
        off, weight = outcome - expected, expected * (1 - expected)
        for i, x in enumerate(row):
            slope[i] += off * x
            weighted, line = weight * x, curve[i]
            for j in range(i + 1):
                line[j] += weighted * row[j]
    return _solved(curve, slope)


def _solved(lower: list[Vector], right: Vector) -> Vector:
    """x of A·x = right for a positive definite A of which the lower half is given (Cholesky)."""
    size = len(right)
    root = [[0.0] * size for _ in right]
    for i in range(size):
        for j in range(i + 1):
            rest = lower[i][j] - sum(map(mul, root[i][:j], root[j][:j]))
            root[i][j] = math.sqrt(max(rest, 1e-12)) if i == j else rest / root[j][j]
    half: Vector = []
    for i in range(size):
        half.append((right[i] - sum(map(mul, root[i][:i], half))) / root[i][i])
    found = [0.0] * size
    for i in reversed(range(size)):
        rest = half[i] - sum(root[k][i] * found[k] for k in range(i + 1, size))
        found[i] = rest / root[i][i]
    return found
