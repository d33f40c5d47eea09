"""The frame: no torch in the web process, the configuration in effect, errors kept off the page, the port."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer import paths
from explorer.commands import serve
from explorer.spec import Kind, SpecError
from explorer.ui import glyphs

NO_TORCH = """
import importlib, pkgutil, sys
import explorer.app, explorer.ui, explorer.plots, pages
for package in (explorer.ui, explorer.plots, pages):
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
explorer.app.contents()
print("torch" in sys.modules)
"""
CONFIG = """
import json, sys
from streamlit.web import cli
from streamlit import config
from streamlit.web import bootstrap
names = json.loads(sys.argv[1])
def tell(path, is_hello, args, flags, **kwargs):
    bootstrap.load_config_options(flags)
    print(json.dumps({name: config.get_option(name) for name in names}))
bootstrap.run = tell
from explorer.commands import serve
serve._serve("127.0.0.1", 8999)
"""
IN_EFFECT = {
    "runner.postScriptGC": False,
    "server.address": "127.0.0.1",
    "server.port": 8999,
    "server.headless": True,
    "server.fileWatcherType": "none",
    "server.maxUploadSize": 5,
    "server.disconnectedSessionTTL": 120,
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "browser.gatherUsageStats": False,
    "theme.light.primaryColor": "#2B3442",
    "theme.dark.backgroundColor": "#15171B",
}


def test_the_web_process_never_imports_torch() -> None:
    done = subprocess.run([sys.executable, "-c", NO_TORCH], capture_output=True, text=True, cwd=paths.pages().parent)
    assert done.stdout.strip() == "False", done.stderr


def test_the_configuration_is_in_effect_from_any_directory(tmp_path: Path) -> None:
    """A garbage collection after each run, the default, would make thirty visitors wait seconds: off everywhere."""
    command = [sys.executable, "-c", CONFIG, json.dumps(list(IN_EFFECT))]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.strip().splitlines()[-1]) == IN_EFFECT


def test_a_failing_page_shows_a_sentence_and_logs_the_traceback(caplog: pytest.LogCaptureFixture) -> None:
    def failing() -> None:
        from explorer.ui.frame import boundary

        with boundary():
            raise ZeroDivisionError("secret detail")

    with caplog.at_level(logging.ERROR, "explorer.pages"):
        test = AppTest.from_function(failing).run()
    assert not test.exception
    assert "could not be drawn" in test.error[0].value
    assert "secret" not in test.error[0].value
    assert "ZeroDivisionError" in caplog.text


def test_every_kind_has_a_glyph() -> None:
    style = glyphs.style()
    assert all(f".ex-glyph.{kind}" in style for kind in Kind)


def test_a_port_that_is_taken_is_said_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port} .* is taken.*--port"):
            serve.choose_port("127.0.0.1", port)


def test_without_a_port_a_free_one_is_found() -> None:
    port = serve.choose_port("127.0.0.1", 0)
    assert serve.FIRST_PORT <= port < serve.FIRST_PORT + serve.PORTS_TRIED


def test_a_port_that_is_none_is_refused() -> None:
    with pytest.raises(SpecError, match="70000"):
        serve.choose_port("127.0.0.1", 70000)
