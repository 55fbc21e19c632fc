"""A block of parts as a GLB, the same bytes every time, and a site that shows it.

Each part is a node with a name, a mesh of its own and one of eight materials: plates, angles, pins, nuts and rings, no two
of the same measures, as they come out of a CAD system. Standard library only.

    python3 block.py PARTS DIRECTORY
"""

import json
import math
import struct
import sys
import time
from array import array
from pathlib import Path
from random import Random

PITCH_M = 1.0
# Warm colours only: `run` tells by them that the model is on the screen.
MATERIALS = {
    "primer": (0.55, 0.12, 0.03),
    "copper": (0.60, 0.20, 0.08),
    "brass": (0.62, 0.32, 0.06),
    "signal orange": (0.80, 0.18, 0.01),
    "rust": (0.36, 0.09, 0.03),
    "ochre": (0.58, 0.27, 0.04),
    "red oxide": (0.45, 0.05, 0.02),
    "bronze": (0.42, 0.19, 0.05),
}


class Part:
    """Vertices and triangles. Hard edges have a vertex for each face."""

    def __init__(self):
        self.positions, self.normals, self.indices = [], [], []

    def face(self, normal, corners):
        """A convex face, its corners counter-clockwise seen from outside."""
        first = len(self.positions)
        self.positions += corners
        self.normals += [normal] * len(corners)
        for i in range(1, len(corners) - 1):
            self.indices += [first, first + i, first + i + 1]

    def prism(self, outline, height, smooth=False):
        """An outline (x, z), counter-clockwise seen from above, from -height/2 to height/2, without its ends."""
        low, high, n = -height / 2, height / 2, len(outline)
        if not smooth:
            for (ax, az), (bx, bz) in zip(outline, outline[1:] + outline[:1]):
                length = math.hypot(bx - ax, bz - az)
                # Counter-clockwise seen from above, with z to the south: outside is to the right of the way.
                normal = ((az - bz) / length, 0.0, (bx - ax) / length)
                self.face(normal, [(ax, low, az), (bx, low, bz), (bx, high, bz), (ax, high, az)])
            return
        first = len(self.positions)
        for x, z in outline:
            length = math.hypot(x, z)
            self.positions += [(x, low, z), (x, high, z)]
            self.normals += [(x / length, 0.0, z / length)] * 2
        for i in range(n):
            a, b = first + 2 * i, first + 2 * ((i + 1) % n)
            self.indices += [a, b, b + 1, a, b + 1, a + 1]

    def ends(self, polygons, height):
        """Convex polygons (x, z) as upper and lower ends."""
        for polygon in polygons:
            self.face((0.0, 1.0, 0.0), [(x, height / 2, z) for x, z in polygon])
            self.face((0.0, -1.0, 0.0), [(x, -height / 2, z) for x, z in reversed(polygon)])


def circle(n, radius):
    """Seen from above counter-clockwise: x to the east, z to the south."""
    return [(radius * math.cos(a), -radius * math.sin(a)) for a in (math.tau * i / n for i in range(n))]


def plate(rng):
    part, (w, d, h) = Part(), [rng.uniform(0.3, 0.9) for _ in range(3)]
    outline = [(-w / 2, d / 2), (w / 2, d / 2), (w / 2, -d / 2), (-w / 2, -d / 2)]
    part.prism(outline, h * 0.6)
    part.ends([outline], h * 0.6)
    return part


def angle(rng):
    part, (w, d, h) = Part(), [rng.uniform(0.5, 0.9) for _ in range(3)]
    t = rng.uniform(0.1, 0.25)
    x, z, xi, zi = -w / 2, d / 2, -w / 2 + t, d / 2 - t
    part.prism([(x, z), (w / 2, z), (w / 2, zi), (xi, zi), (xi, -d / 2), (x, -d / 2)], h)
    part.ends([[(x, z), (w / 2, z), (w / 2, zi), (xi, zi)], [(x, z), (xi, zi), (xi, -d / 2), (x, -d / 2)]], h)
    return part


def pin(rng):
    part, height = Part(), rng.uniform(0.4, 0.9)
    outline = circle(rng.randint(9, 12), rng.uniform(0.15, 0.42))
    part.prism(outline, height, smooth=True)
    part.ends([outline], height)
    return part


def nut(rng):
    part, height = Part(), rng.uniform(0.25, 0.7)
    outline = circle(6, rng.uniform(0.25, 0.45))
    part.prism(outline, height)
    part.ends([outline], height)
    return part


def ring(rng):
    part, height, n = Part(), rng.uniform(0.15, 0.5), 6
    outer = rng.uniform(0.3, 0.45)
    inner = outer * rng.uniform(0.5, 0.8)
    part.prism(circle(n, outer), height, smooth=True)
    hole = Part()
    hole.prism(circle(n, inner), height, smooth=True)
    first = len(part.positions)
    part.positions += hole.positions
    part.normals += [(-x, y, -z) for x, y, z in hole.normals]
    part.indices += [first + i for i in reversed(hole.indices)]
    for top in (True, False):
        y, first = (height / 2 if top else -height / 2), len(part.positions)
        for (ox, oz), (ix, iz) in zip(circle(n, outer), circle(n, inner)):
            part.positions += [(ox, y, oz), (ix, y, iz)]
            part.normals += [(0.0, 1.0 if top else -1.0, 0.0)] * 2
        for i in range(n):
            a, b = first + 2 * i, first + 2 * ((i + 1) % n)
            quad = [a, b, b + 1, a, b + 1, a + 1]
            part.indices += quad if top else quad[::-1]
    return part


SHAPES = {"plate": plate, "angle": angle, "pin": pin, "nut": nut, "ring": ring}


def names(parts):
    """Name of each part's node."""
    kinds = list(SHAPES)
    return [f"{kinds[i % len(kinds)]}_{i:05}" for i in range(parts)]


def glb(parts):
    """The bytes of the model."""
    rng = Random(parts)
    side = math.ceil(round(parts ** (1 / 3), 6))
    positions, normals, indices = array("f"), array("f"), array("H")
    accessors, meshes, nodes = [], [], []
    for i, name in enumerate(names(parts)):
        part = SHAPES[name.split("_")[0]](rng)
        at, count = len(positions) * 4, len(part.positions)
        index_at = len(indices) * 2
        # In steps of a millimetre or so that f32 and decimals hold exactly: the bounds are those of what is in the buffer.
        positions.extend(round(v * 1_024) / 1_024 for p in part.positions for v in p)
        normals.extend(v for p in part.normals for v in p)
        indices.extend(part.indices)
        held = positions[at // 4 :]
        low = [min(held[k::3]) for k in range(3)]
        high = [max(held[k::3]) for k in range(3)]
        first = len(accessors)
        accessors += [
            {"bufferView": 0, "byteOffset": at, "componentType": 5126, "count": count, "type": "VEC3", "min": low, "max": high},
            {"bufferView": 1, "byteOffset": at, "componentType": 5126, "count": count, "type": "VEC3"},
            {"bufferView": 2, "byteOffset": index_at, "componentType": 5123, "count": len(part.indices), "type": "SCALAR"},
        ]
        primitive = {"attributes": {"POSITION": first, "NORMAL": first + 1}, "indices": first + 2, "material": i % len(MATERIALS)}
        meshes.append({"primitives": [primitive]})
        x, y, z = i % side, i // (side * side), i // side % side
        middle = (side - 1) / 2
        place = [(x - middle) * PITCH_M, (y + 1) * PITCH_M, (z - middle) * PITCH_M]
        nodes.append({"name": name, "mesh": i, "translation": place})
    if len(indices) % 2:
        indices.append(0)
    for values in (positions, normals, indices):
        if sys.byteorder == "big":
            values.byteswap()
    views, binary = [], b""
    for values, target in ((positions, 34962), (normals, 34962), (indices, 34963)):
        view = {"buffer": 0, "byteOffset": len(binary), "byteLength": len(values) * values.itemsize, "target": target}
        if target == 34962:
            view["byteStride"] = 12
        views.append(view)
        binary += values.tobytes()
    materials = [
        {"name": name, "pbrMetallicRoughness": {"baseColorFactor": [*rgb, 1.0], "metallicFactor": 0.0, "roughnessFactor": 0.6}}
        for name, rgb in MATERIALS.items()
    ]
    model = {
        "asset": {"version": "2.0", "generator": "twinscope benches/peers/block.py"},
        "scene": 0,
        "scenes": [{"nodes": list(range(parts))}],
        "nodes": nodes,
        "meshes": meshes,
        "materials": materials,
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": len(binary)}],
    }
    text = json.dumps(model, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def type_file(parts):
    """Each node a part with one signal; all hear the same topic."""
    lines = ["schema = 1", 'id = "block"', 'name = "Block"', 'model = "../block.glb"']
    for name in names(parts):
        lines += ["[[part]]", f'id = "{name}"', f'name = "{name}"', f'node = "{name}"']
        lines += ["[[part.signal]]", 'id = "load"', 'name = "Load"', f'topic = "{TOPIC}"', 'path = "/load"', 'unit = "%"']
        lines += ['time = { path = "/t", unit = "ms" }', 'stale_after = "1h"']
    return "\n".join(lines) + "\n"


TOPIC = "peers/block"


def message():
    """What all parts hear: a value of now, so that they look normal."""
    return json.dumps({"t": round(time.time() * 1000), "load": 42})


def write(parts, directory, broker="mqtt://127.0.0.1:1883"):
    """block.glb, site.toml and types/block.toml."""
    directory = Path(directory)
    (directory / "types").mkdir(parents=True, exist_ok=True)
    (directory / "block.glb").write_bytes(glb(parts))
    (directory / "types/block.toml").write_text(type_file(parts))
    (directory / "site.toml").write_text(
        f'schema = 1\n[site]\nid = "peers"\nname = "Peers"\n[[source]]\nid = "broker"\nurl = "{broker}"\n'
        '[[asset]]\nid = "block"\nname = "Block"\ntype = "block"\n'
    )


if __name__ == "__main__":
    if len(sys.argv) != 3 or not sys.argv[1].isdigit() or not 1 <= int(sys.argv[1]) <= 100_000:
        sys.exit(__doc__)
    write(int(sys.argv[1]), sys.argv[2])
