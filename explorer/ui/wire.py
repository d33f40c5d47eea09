"""Packs numpy arrays for our components; kit.js unpacks them."""

from __future__ import annotations

import base64

import numpy as np

_TYPES = {"uint8": "u1", "int8": "i1", "int32": "i4", "float16": "f2", "float32": "f4", "float64": "f8"}


def pack(array: np.ndarray) -> dict[str, str | list[int]]:
    """Return `{type, shape, data}` with the bytes in base64; int64 and bool are narrowed to int32 and uint8."""
    if array.dtype == np.int64:
        array = array.astype(np.int32)
    if array.dtype == np.bool_:
        array = array.astype(np.uint8)
    data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
    return {"type": _TYPES[array.dtype.name], "shape": list(array.shape), "data": data}
