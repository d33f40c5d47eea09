"""The command line: finds the command that is asked for, runs it, and turns errors into exit statuses.

0: done; 1: it failed; 2: it was asked for what there is not. Without a command, the app is started.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Sequence

from explorer import __version__, commands
from explorer.console import note
from explorer.spec import SpecError, nearest

APP = "serve"
GENERAL = ("-h", "--help", "--version")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or (words[0].startswith("-") and words[0] not in GENERAL):
        words = [APP, *words]
    try:
        args = _parser(words[0]).parse_args(words)
        return int(args.run(args))
    except SpecError as error:
        note(f"explorer: {error}")
        return 2
    except KeyboardInterrupt:
        note("explorer: stopped")
        return 130
    except (OSError, ValueError, RuntimeError) as error:
        note(f"explorer: {error}")
        return 1


def names() -> tuple[str, ...]:
    """Return the names of all commands."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(commands.__path__)))


def _parser(first: str) -> argparse.ArgumentParser:
    """Return a parser that knows the command asked for; all of them where help is wanted."""
    known = names()
    if first not in known and first not in GENERAL:
        raise SpecError(f"no command is called '{first}'; {nearest(first, known)}")
    parser = argparse.ArgumentParser(
        "explorer",
        description="See neural networks at their papers' scale, train them, look inside. Without a command: the app.",
    )
    parser.add_argument("--version", action="version", version=f"explorer {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for name in known if first in GENERAL else (first,):
        module = importlib.import_module(f"{commands.__name__}.{name}")
        module.add_parser(subparsers)
        subparsers.choices[name].set_defaults(run=module.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
