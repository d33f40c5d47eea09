"""`explorer replay RUN_DIR`: runs a run again from seed and journal, and says whether every bit is the same."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

from explorer.console import say, say_json


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("replay", help="run a kept run again and compare the bytes")
    parser.add_argument("directory", type=Path, metavar="RUN_DIR", help="as kept by `explorer train --out`")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="threads of the CPU, as in the first run")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(args: argparse.Namespace) -> int:
    from explorer import device
    from explorer.training import records
    from explorer.training.replay import replay

    device.prepare(device.choose(records.read(args.directory).device), args.threads)
    report = replay(args.directory)
    if args.json:
        say_json(dataclasses.asdict(report))
        return int(not report.bit_exact)
    if report.bit_exact:
        say(f"Bit-exact: {report.tensors} tensors are the same to the last bit after step {report.step:,}.")
        return 0
    say(f"Not bit-exact: {len(report.differing)} of {report.tensors} tensors differ after step {report.step:,}.")
    for name, then in report.made_with.items():
        if report.replayed_with.get(name) != then:
            say(f"  {name} was {then}, is {report.replayed_with.get(name)}")
    for name in report.differing:
        say(f"  {name}")
    return 1
