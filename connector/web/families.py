"""How a number for Prometheus is put together; labels are few and never name tickets, clients or people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

Sample = tuple[tuple[str, ...], float]
Make = Callable[[str, str, Sequence[str], Sequence[Sample]], Metric]


def by_name(make: Make, name: str, words: str, values: Mapping[str, float]) -> Metric:
    """One value a connection."""
    return make(
        name, words, ("connection",), [((connection,), value) for connection, value in values.items()]
    )


def gauge(name: str, words: str, labels: Sequence[str], samples: Sequence[Sample]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family


def counter(name: str, words: str, labels: Sequence[str], samples: Sequence[Sample]) -> Metric:
    family = CounterMetricFamily(name, words, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family
