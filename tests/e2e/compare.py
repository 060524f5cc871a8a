"""Equality of OTLP requests, down to the last field and bit (NaN payloads and the sign of zero included).

What is levelled first, on both sides, is only what the way itself is known to change:
- a request may be split, merged or reordered by a collector, so requests are compared as sets of resource entries;
- an absent resource, scope or span status and an empty one mean the same; the Collector writes the empty one;
- `through_collector`: the Collector turns -0.0 into 0 in metric points;
- `through_json`: JSON has one NaN, so its sign and payload are lost.
"""

import math
from dataclasses import dataclass

from google.protobuf.descriptor import FieldDescriptor

_ENTRY = {"traces": "resource_spans", "metrics": "resource_metrics", "logs": "resource_logs"}
_FILLED = {("ResourceSpans", "resource"), ("ResourceMetrics", "resource"), ("ResourceLogs", "resource"),
           ("ScopeSpans", "scope"), ("ScopeMetrics", "scope"), ("ScopeLogs", "scope"), ("Span", "status")}
_POINTS = {"NumberDataPoint", "HistogramDataPoint", "ExponentialHistogramDataPoint", "SummaryDataPoint",
           "ValueAtQuantile", "Exemplar"}


@dataclass(frozen=True)
class Way:
    through_collector: bool = False
    through_json: bool = False


def entries(signal, messages, way):
    """The resource entries of `messages`, levelled, as sorted bytes."""
    out = []
    for message in messages:
        for entry in getattr(message, _ENTRY[signal]):
            copy = type(entry)()
            copy.CopyFrom(entry)
            level(copy, way)
            out.append(copy.SerializeToString(deterministic=True))
    return sorted(out)


def level(message, way):
    name = message.DESCRIPTOR.name
    for field in message.DESCRIPTOR.fields:
        if (name, field.name) in _FILLED:
            getattr(message, field.name).SetInParent()
    for field, value in message.ListFields():
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            for part in value if field.is_repeated else [value]:
                level(part, way)
        elif field.type == FieldDescriptor.TYPE_DOUBLE:
            if way.through_collector and name in _POINTS:
                _drop_negative_zero(message, field, value)
            if way.through_json:
                _level_nan(message, field, value)


def _drop_negative_zero(message, field, value):
    if field.is_repeated:
        for i, number in enumerate(value):
            if number == 0:
                value[i] = 0.0
    elif value == 0 and field.containing_oneof is None:
        message.ClearField(field.name)
    elif value == 0:
        setattr(message, field.name, 0.0)


def _level_nan(message, field, value):
    if field.is_repeated:
        for i, number in enumerate(value):
            if math.isnan(number):
                value[i] = math.nan
    elif math.isnan(value):
        setattr(message, field.name, math.nan)


def assert_same(signal, sent, arrived, way=Way()):
    want, have = entries(signal, sent, way), entries(signal, arrived, way)
    if want == have:
        return
    assert len(want) == len(have), f"{len(want)} resource entries sent, {len(have)} arrived"
    index = next(i for i, pair in enumerate(zip(want, have)) if pair[0] != pair[1])
    raise AssertionError(first_difference(signal, want[index], have[index]))


def first_difference(signal, want, have):
    """Both entries as text, from the first line that differs."""
    from sink import MESSAGES
    kind = getattr(MESSAGES[signal][0](), _ENTRY[signal]).add().__class__
    left, right = (str(kind.FromString(b)).splitlines() for b in (want, have))
    for number, (a, b) in enumerate(zip(left, right)):
        if a != b:
            around = lambda lines: " / ".join(line.strip() for line in lines[max(0, number - 4):number + 4])
            return f"differs at line {number}: sent «{around(left)}» arrived «{around(right)}»"
    return f"differs in bytes only, or at the end ({len(want)} and {len(have)} bytes)"
