"""The subcommands of `explorer`, one module each, found by name.

A module has `add_parser(subparsers) -> None` and `run(args) -> int` (the exit status). Only the command asked
for is imported, and it imports torch inside `run`, if it needs it at all.
"""
