"""`explorer bench`: measures Explorer's promises on this machine, beside references measured in the same run."""

from __future__ import annotations

import argparse

from explorer import bench
from explorer.bench.report import FULL, SMALL
from explorer.console import note, say, say_json


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("bench", help="measure what Explorer promises, beside references")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(bench.NAMES)} (all, if none)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="a few seconds of each: shows that it works, not how fast it is"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(args: argparse.Namespace) -> int:
    reports = []
    for report in bench.run(args.names, SMALL if args.quick else FULL):
        reports.append(report)
        (note if args.json else say)(report.text())
    if args.json:
        say_json({"benchmarks": [report.json() for report in reports]})
    return 0
