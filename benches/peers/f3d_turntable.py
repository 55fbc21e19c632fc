"""The model with F3D, as plain as its defaults. Prints what it measured as a line of JSON. Run by `run`.

    python3 f3d_turntable.py MODEL CAMERA.json
"""

import json
import math
import sys
import time

STARTED = time.perf_counter()

import f3d

IMPORTED = time.perf_counter()


def main():
    told = json.load(open(sys.argv[2]))
    f3d.Log.set_verbose_level(f3d.Log.QUIET)
    engine = f3d.Engine.create(False)
    engine.options.update({"ui.axis": False, "render.grid.enable": False})
    window = engine.window
    window.size = (1280, 720)
    engine.scene.add(sys.argv[1])
    camera = window.camera

    def place(turned):
        yaw, pitch = (math.radians(a) for a in (told["yaw_deg"] + turned * told["step_deg"], told["pitch_deg"]))
        out = (math.sin(yaw) * math.cos(pitch), math.sin(pitch), math.cos(yaw) * math.cos(pitch))
        camera.position = tuple(t + told["distance"] * d for t, d in zip(told["target"], out))
        camera.focal_point = tuple(told["target"])
        camera.view_up = (0.0, 1.0, 0.0)
        camera.view_angle = told["fov_deg"]

    place(0)
    window.render()
    first = time.perf_counter()

    length, times, start, turned = told["length_ms"] / 1000, [], time.perf_counter(), 0
    last = start
    while len(times) < 8 or last < start + length * 1.25:
        place(turned)
        window.render()
        now = time.perf_counter()
        if now > start + length / 4:
            times.append(1000 * (now - last))
        last, turned = now, turned + 1
    lib = f3d.Engine.get_lib_info()
    print(
        json.dumps(
            {
                "version": lib.version_full,
                "vtk": lib.vtk_version,
                "window": [window.width, window.height],
                "kind": str(window.type),
                "import_s": IMPORTED - STARTED,
                "first_s": first - IMPORTED,
                "turning": {"frames": len(times), "mean": sum(times) / len(times)},
            }
        )
    )


main()
