"""A pytest plugin in one file: which tests let the heap grow, measured by libleak.

Copy it beside conftest.py, write pytest_plugins = ["pytest_leak"] there, and run

    pytest --leak

(or put it anywhere in PYTHONPATH: pytest -p pytest_leak --leak). pytest then starts itself once more
under `leak run`, with PYTHONMALLOC=malloc so that Python's
small objects are blocks of malloc, too. Around the body of each test it asks `leak report` for the
live heap of this process, after a garbage collection. The difference is the test's growth: what was
allocated less what was freed meanwhile. Fixtures are outside. A test may have a limit:

    @pytest.mark.limit_leaks("1 MB")        # B, KB, MB, GB: powers of 1024

Measuring costs a part of a second for each test. Failed tests have no growth, since their tracebacks
keep what they had.

What this does not tell: a test that frees what an earlier one made grows by less, and other threads
count as well. What is kept on purpose, as caches that the first use fills, counts: call what you test
once before, or in a loop under a limit that tells 1 from 100. `leak report` on the images, kept by
--leak-images=DIR, names the places. Each test is a mark there (leak_mark).

LEAK_EXECUTABLE names the command; without it, it is `leak` of PATH.
"""

import ctypes
import functools
import gc
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

import pytest

UNITS = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}
DIRECTORY = "PYTEST_LEAK_DIRECTORY"  # of the images, from the pytest that started this one
NOISE_BYTES = 4096  # pytest's own growth in a test that does nothing is below this


def pytest_addoption(parser):
    group = parser.getgroup("leak", "growth of the heap, measured by libleak")
    group.addoption("--leak", action="store_true", help="measure the growth of the heap in each test")
    group.addoption("--leak-images", metavar="DIR", help="keep the recordings there")


def pytest_configure(config):
    config.addinivalue_line(
        "markers", 'limit_leaks("1 MB"): with --leak, fail if the heap grows by more in the test'
    )
    if config.getoption("leak") and is_recorded():
        config.pluginmanager.register(Recorder(config), "leak-recorder")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    if config.getoption("leak") and not is_recorded():
        return start_again(config)
    return None


def is_recorded():
    return hasattr(ctypes.CDLL(None), "leak_mark")


def leak_command():
    command = os.environ.get("LEAK_EXECUTABLE") or shutil.which("leak")
    if not command:
        raise pytest.UsageError("--leak: no leak in PATH, and LEAK_EXECUTABLE is not set")
    return command


def start_again(config):
    """Runs this command line under the recorder; returns its exit status."""
    if DIRECTORY in os.environ:
        raise pytest.UsageError("--leak: libleak could not be loaded into this Python")
    command = leak_command()
    kept = config.getoption("leak_images")
    if kept:
        os.makedirs(kept, exist_ok=True)
    directory = os.path.abspath(kept or tempfile.mkdtemp(prefix="pytest-leak."))
    environment = dict(os.environ, PYTHONMALLOC="malloc", **{DIRECTORY: directory})
    arguments = getattr(sys, "orig_argv", ["", "-m", "pytest", *config.invocation_params.args])
    image = os.path.join(directory, "%e.%p.leak")
    try:
        child = subprocess.Popen(
            [command, "run", "-q", "-o", image, "--", sys.executable, *arguments[1:]],
            env=environment,
        )
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the child, which has it, too
        return child.wait()
    finally:
        if not kept:
            shutil.rmtree(directory, ignore_errors=True)


def parse_size(text):
    number, _, unit = str(text).strip().partition(" ")
    try:
        return int(float(number) * UNITS[unit.strip().upper() or "B"])
    except (KeyError, ValueError):
        raise ValueError(f'limit_leaks("{text}"): not a size such as "1 MB"') from None


class Recorder:
    def __init__(self, config):
        self.command = leak_command()
        self.directory = os.environ.get(DIRECTORY)  # None: somebody else preloads the library
        self.keep = config.getoption("leak_images")
        self.growth = {}
        self.mark = ctypes.CDLL(None).leak_mark
        self.mark.argtypes = [ctypes.c_char_p]
        self.environment = dict(os.environ)
        for name in ("LD_PRELOAD", "LEAK_OPTIONS"):
            self.environment.pop(name, None)

    def live(self):
        """Bytes and blocks of the heap that are live now in this process."""
        gc.collect()
        image = glob.glob(os.path.join(glob.escape(self.directory or ""), f"*.{os.getpid()}.leak"))
        subject = image[0] if self.directory and image else str(os.getpid())
        arguments = ["report", "--json", "--no-symbolize", "--top=1", subject]
        report = subprocess.run(
            [self.command, *arguments], env=self.environment, stdout=subprocess.PIPE, check=True
        )
        process = json.loads(report.stdout)["processes"][0]
        if process["not_recorded"]["dropped_events"]:
            raise RuntimeError("libleak could not record everything: the growth is not known")
        return process["live"]["bytes"], process["live"]["blocks"]

    def pytest_collection_finish(self):
        self.live()  # what the first time leaves in Python is no test's

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item):
        item.runtest = functools.partial(self.measure, item, item.runtest)

    def measure(self, item, runtest):
        del item.runtest  # the class's again
        limits = [parse_size(marker.args[0]) for marker in item.iter_markers("limit_leaks")]
        self.mark(item.name.encode()[:15])
        before = self.live()
        runtest()
        after = self.live()
        grown, blocks = after[0] - before[0], after[1] - before[1]
        item.user_properties += [("leak_bytes", grown), ("leak_blocks", blocks)]
        if limits and grown > min(limits):
            reason = f"the heap grew by {grown:,} bytes in {blocks:,} blocks, limit {min(limits):,}"
            pytest.fail(reason, pytrace=False)

    def pytest_runtest_logreport(self, report):
        properties = dict(report.user_properties)
        if report.when == "call" and "leak_bytes" in properties:
            self.growth[report.nodeid] = properties["leak_bytes"], properties["leak_blocks"]

    def pytest_terminal_summary(self, terminalreporter):
        terminalreporter.section("growth of the heap")
        rows = sorted(((*grown, test) for test, grown in self.growth.items()), reverse=True)
        rows = [row for row in rows if row[0] > NOISE_BYTES]
        for grown, blocks, test in rows:
            terminalreporter.line(f"{grown:>14,} bytes in {blocks:>9,} blocks  {test}")
        rest = len(self.growth) - len(rows)
        terminalreporter.line(f"{rest} of {len(self.growth)} measured tests: {NOISE_BYTES:,} bytes at most")
        if self.keep:
            terminalreporter.line(f"recordings: leak report {self.directory}")
