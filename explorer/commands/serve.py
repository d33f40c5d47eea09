"""`explorer`: starts the app and opens the browser."""

from __future__ import annotations

import argparse
import os
import socket
import threading
import time
import webbrowser

from explorer import paths
from explorer.console import note
from explorer.spec import SpecError, nearest

FIRST_PORT = 8501
PORTS_TRIED = 50
ENGINES = ("local",)
PORT_CHECKS, PORT_CHECK_SECONDS = 300, 0.2


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("serve", help="start the app (the same as `explorer` alone)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 lets a whole class in")
    parser.add_argument("--port", type=int, default=0, help=f"a free one from {FIRST_PORT} on, if not given")
    parser.add_argument("--device", default="", help="cpu, cuda, mps or auto")
    parser.add_argument(
        "--workers", type=int, default=0, metavar="N", help="training processes; one per core, if not given"
    )
    parser.add_argument("--engine", default="local", help="where runs train: local")
    parser.add_argument("--no-browser", action="store_true", help="do not open the browser")


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted; raises SpecError for what cannot be asked for, OSError where the port is taken."""
    if args.engine not in ENGINES:
        raise SpecError(f"there is no engine '{args.engine}'; {nearest(args.engine, ENGINES)}")
    if args.workers < 0:
        raise SpecError(f"--workers {args.workers} is not a number from 1 on (0: one per core)")
    port = choose_port(args.host, args.port)
    os.environ.update(EXPLORER_DEVICE=args.device, EXPLORER_WORKERS=str(args.workers), EXPLORER_ENGINE=args.engine)
    url = f"http://{'localhost' if args.host in ('127.0.0.1', '0.0.0.0') else args.host}:{port}"
    note(f"Explorer is at {url}")
    if not args.no_browser:
        threading.Thread(target=_open_browser, args=(url, args.host, port), daemon=True).start()
    _serve(args.host, port)
    return 0


def choose_port(host: str, asked: int) -> int:
    """Return the port asked for, or the first free one; raises OSError with what to do where there is none."""
    if asked and not 1 <= asked <= 65535:
        raise SpecError(f"--port {asked} is not a number from 1 to 65535")
    if asked and not _free(host, asked):
        raise OSError(
            f"port {asked} on {host} is taken or not allowed. Choose another with --port, or leave --port out."
        )
    wanted = (asked,) if asked else range(FIRST_PORT, FIRST_PORT + PORTS_TRIED)
    found = next((port for port in wanted if _free(host, port)), None)
    if found is None:
        raise OSError(
            f"no port from {FIRST_PORT} to {FIRST_PORT + PORTS_TRIED - 1} is free on {host}; choose one with --port"
        )
    return found


def _free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError:
            return False
    return True


def options(host: str, port: int) -> list[str]:
    """Return the command-line options for Streamlit; all others stand in explorer/.streamlit/config.toml."""
    return [f"--server.address={host}", f"--server.port={port}"]


def _open_browser(url: str, host: str, port: int) -> None:
    """Open the page once the server listens. Streamlit would do it, too, but then offers developers' tools on it."""
    for _ in range(PORT_CHECKS):
        time.sleep(PORT_CHECK_SECONDS)
        if not _free(host, port):
            webbrowser.open(url)
            return


def _serve(host: str, port: int) -> None:
    from streamlit.web import cli  # takes a second, which the other commands need not wait for

    cli.main(["run", str(paths.PACKAGE / "app.py"), *options(host, port)], standalone_mode=False)
