"""Fully populated random OTLP requests: every field of every message is set, at every level.

Walks the descriptors, so a field that a newer opentelemetry-proto adds is covered the day it is installed. Left
out are only the indexes into the dictionary of a profile, which mean nothing in the other signals.
"""

import math
import random
import struct

from google.protobuf.descriptor import FieldDescriptor as F

from sink import MESSAGES

DEPTH_MAX = 4   # of AnyValue inside AnyValue

_IDS = {"trace_id": 16, "span_id": 8, "parent_span_id": 8}
_WORDS = ["checkout", "débit", "漢字", "🌊 weir", "a\nb", "quote\" \\", "", "x" * 300]
_DOUBLES = [0.0, -0.0, 1.5, -math.pi, 1e308, 5e-324, math.inf, -math.inf, math.nan]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def request(self, signal):
        message = MESSAGES[signal][0]()
        self.fill(message, 0)
        return message

    def fill(self, message, depth):
        oneofs = {}
        for field in message.DESCRIPTOR.fields:
            if field.name.endswith("_strindex"):
                continue
            if field.containing_oneof is not None:
                oneofs.setdefault(field.containing_oneof.name, []).append(field)
            else:
                self.set(message, field, depth)
        for fields in oneofs.values():
            self.set(message, self.pick(fields, depth), depth)

    def pick(self, fields, depth):
        """One of a oneof's fields; deep down only those that hold no messages."""
        flat = [f for f in fields if f.type != F.TYPE_MESSAGE]
        return self.random.choice(flat if flat and depth > DEPTH_MAX else fields)

    def set(self, message, field, depth):
        repeated = field.is_repeated
        target = getattr(message, field.name) if repeated or field.type == F.TYPE_MESSAGE else None
        if field.type == F.TYPE_MESSAGE:
            for part in self.parts(target, repeated, depth):
                self.fill(part, depth + (part.DESCRIPTOR.name == "AnyValue"))
        elif repeated:
            target.extend(self.scalar(field) for _ in range(self.random.randint(1, 4)))
        else:
            setattr(message, field.name, self.scalar(field))

    def parts(self, target, repeated, depth):
        if not repeated:
            target.SetInParent()
            return [target]
        return [target.add() for _ in range(self.random.randint(1, 3 if depth < 2 else 1))]

    def scalar(self, field):
        bits = self.random.getrandbits
        if field.name in _IDS:
            return bytes([1]) + self.random.randbytes(_IDS[field.name] - 1)
        if field.type == F.TYPE_ENUM:
            return self.random.choice(field.enum_type.values).number
        if field.type == F.TYPE_STRING:
            return self.random.choice(_WORDS)
        if field.type == F.TYPE_BYTES:
            return self.random.randbytes(self.random.randint(0, 40))
        if field.type == F.TYPE_BOOL:
            return bool(bits(1))
        if field.type == F.TYPE_DOUBLE:
            return self.random.choice(_DOUBLES + [struct.unpack("<d", self.random.randbytes(8))[0]])
        return self.integer(field.type, bits)

    def integer(self, kind, bits):
        size = 32 if kind in (F.TYPE_INT32, F.TYPE_SINT32, F.TYPE_UINT32, F.TYPE_FIXED32, F.TYPE_SFIXED32) else 64
        value = bits(self.random.choice([1, 7, 14, 28, size]))
        if kind in (F.TYPE_UINT32, F.TYPE_UINT64, F.TYPE_FIXED32, F.TYPE_FIXED64):
            return value
        return value - (1 << size) if value >> (size - 1) else value
