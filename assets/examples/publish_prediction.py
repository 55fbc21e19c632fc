#!/usr/bin/python3
"""Publishes one prediction of remaining useful life: a part's hours to failure, with their spread.

    assets/examples/publish_prediction.py --url mqtt://127.0.0.1:1883

Any program can do this: a retained JSON message on

    twinscope/v1/{site}/{asset}/{part}/prediction/{quantity}/{model}/{scenario}

Needs paho-mqtt (Debian, Ubuntu: python3-paho-mqtt, which is why the first line names the system's Python;
elsewhere: pip install paho-mqtt, and run this file with that Python).
"""

import argparse
import json
import math
import signal
import sys
import time
from statistics import NormalDist
from urllib.parse import urlsplit

HOUR_MS = 3_600_000


def remaining_life(median_h, spread, now_ms):
    """A lognormal remaining life. `spread` is the standard deviation of its logarithm."""
    life = NormalDist(math.log(median_h), spread)
    levels = (0.05, 0.1, 0.5, 0.9, 0.95)
    return {
        "issued_at": now_ms,
        "data_until": now_ms,
        "valid_until": now_ms + 24 * HOUR_MS,
        "version": "1.0.0",
        "provenance": "predicted",
        "prior": "generic",
        "in_range": True,
        "failure_mode": "spalling of the raceway",
        "unit": "h",
        # The value with a 10 % chance of failing earlier is the quantile 0.1.
        "quantiles": {str(p): round(math.exp(life.inv_cdf(p)), 1) for p in levels},
        "pof": [{"in_h": h, "p": round(life.cdf(math.log(h)), 4)} for h in (168, 720, 2160)],
    }


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", help="broker, e.g. mqtt://127.0.0.1:1883 (the demo prints its own when it starts)")
    parser.add_argument("--host", default="127.0.0.1", help="broker, without --url (default: %(default)s)")
    parser.add_argument("--port", type=int, default=1883, help="its port, without --url (default: %(default)s)")
    parser.add_argument("--site", default="demo", help="default: %(default)s")
    parser.add_argument("--asset", default="wt-01", help="default: %(default)s")
    parser.add_argument("--part", default="high_speed_bearing", help="default: %(default)s")
    parser.add_argument("--model", default="example-lognormal", help="default: %(default)s")
    parser.add_argument("--scenario", default="baseline", help="default: %(default)s")
    parser.add_argument("--median", type=float, default=1240.0, metavar="HOURS", help="default: %(default)s")
    parser.add_argument("--spread", type=float, default=0.5, help="of the logarithm (default: %(default)s)")
    args = parser.parse_args()
    if args.url:
        try:
            url = urlsplit(args.url)
            host, port = url.hostname, url.port or 1883
        except ValueError as error:
            parser.error(f"--url {args.url}: {error}")
        if url.scheme != "mqtt" or not host:
            parser.error(f"--url {args.url}: expected mqtt://HOST:PORT")
        args.host, args.port = host, port
    if not (args.median > 0 and args.spread > 0):
        parser.error("--median and --spread must be above 0")
    for name in ("site", "asset", "part", "model", "scenario"):
        value = getattr(args, name)
        if not value or set(value) & set("/+#"):
            parser.error(f"--{name} {value!r}: one topic level, without / + #")
    return args


def fail(args, reason):
    sys.exit(
        f"No prediction was published to {args.host}:{args.port}: {reason}. "
        "Is it a broker, and running? The demo prints its broker's URL when it starts."
    )


def main():
    args = arguments()
    try:
        from paho.mqtt import MQTTException, publish
    except ImportError:
        sys.exit(
            f"paho-mqtt is missing for {sys.executable}. Debian, Ubuntu: sudo apt-get install python3-paho-mqtt. "
            "Elsewhere: pip install paho-mqtt"
        )
    topic = f"twinscope/v1/{args.site}/{args.asset}/{args.part}/prediction/rul/{args.model}/{args.scenario}"
    prediction = remaining_life(args.median, args.spread, time.time_ns() // 1_000_000)
    # paho would wait without end for something that listens but is not a broker.
    signal.signal(signal.SIGALRM, lambda *_: fail(args, "no answer within 10 s"))
    signal.alarm(10)
    try:
        # Retained: a viewer that connects later sees it too.
        publish.single(topic, json.dumps(prediction), qos=1, retain=True, hostname=args.host, port=args.port)
    except (OSError, MQTTException) as error:
        fail(args, error)
    quantiles = prediction["quantiles"]
    print(f"{topic}\n{quantiles['0.5']:.0f} h (5-95 %: {quantiles['0.05']:.0f} to {quantiles['0.95']:.0f})")


if __name__ == "__main__":
    main()
