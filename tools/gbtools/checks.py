"""`make test`: the addons' tests in Odoo's runner, and beside them tests/ in pytest."""

import itertools
import signal
import subprocess
import threading
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from . import addons, browser, test_selection
from .console import ToolError
from .environment import Environment
from .odoo_log import LogReader
from .paths import BUILD, REPOSITORY, TOOLS, addons_folder
from .server import free_port


class TestRun:
    """Counts tests, and checks around them that can only fail."""

    def __init__(self, progress):
        self.progress = progress
        self.passed = 0
        self.failures = []
        self._lock = threading.Lock()

    @property
    def failed(self):
        """How many failures were counted."""
        return len(self.failures)

    def fail(self, text, detail=""):
        """Count a failure and show it."""
        self.failures.append(text)
        self.progress.say(f"FAILED: {text}")
        if detail:
            print("    " + detail.replace("\n", "\n    "), flush=True)

    def read(self, log, title):
        """Take over the results of a run of Odoo, and what else its log shows.

        :return: whether anything failed.
        """
        with self._lock:
            return self._read(log, title)

    def _read(self, log, title):
        before = self.failed
        self.passed += log.passed
        for name, record in log.failed.items():
            self.fail(name, record.text)
        for name, record in log.skipped.items():
            self.fail(f"{name} was skipped, which is no success", record.text)
        if unexpected := log.warnings():
            texts = "\n".join(f"{item.logger}: {item.text}" for item in unexpected)
            self.fail(
                f"{title}: {len(unexpected)} warnings or errors in the log", texts
            )
        return self.failed > before


def run(progress, pattern=None):
    """Run the tests and print the closing line.

    :param str pattern: as for pytest's `-k`.
    :return: the exit code.
    """
    result = TestRun(progress)
    try:
        env = Environment.ensure(progress)
        browser.ensure(env.cache, progress)
        BUILD.mkdir(exist_ok=True)
        browser.check_start()
        # All copy it; none has to wait for another to make it.
        env.installed_db("test")
        with _pytest_beside(env, result, pattern) as system_tests:
            found_any = _run_odoo_tests(env, result, pattern)
            found_any |= system_tests.finish()
        if not found_any:
            result.fail(f"no test matches {pattern!r}" if pattern else "no test found")
    except ToolError as error:
        result.fail(str(error))
    if result.failures:
        print("\n".join(["", "Failed:", *(f"  {text}" for text in result.failures)]))
    print(f"{result.passed} passed, {result.failed} failed", flush=True)
    return 1 if result.failed or not result.passed else 0


def _run_odoo_tests(env, result, pattern):
    """Install, test, upgrade, uninstall; tell whether there was a test to run.

    All tests are `post_install`: the addons are installed once, and copied.
    """
    chosen = test_selection.matching(test_selection.find(), pattern)
    if not chosen:
        return False
    standard = [test for test in chosen if not test.on_demand]
    on_demand = [test for test in chosen if test.on_demand]
    _read_installation(env, result)
    printer = _test_printer(env.progress, len(standard))
    parts = [(standard, [test.tag for test in standard])]
    if not pattern:
        parts = _halve(standard)
    with ThreadPoolExecutor(max_workers=2) as pool:
        running = [
            pool.submit(_test, env, result, tests, tags, number, printer)
            for number, (tests, tags) in enumerate(parts, 1)
            if tests
        ]
        if on_demand:
            running.append(pool.submit(_test_on_demand, env, result, on_demand))
        if not pattern:
            running.append(pool.submit(_test_upgrade, env, result))
        for part in running:
            part.result()
    return True


def _read_installation(env, result):
    """Take over what was logged when our addons were installed."""
    path = env.install_log(env.installed_db("test"))
    if not path.is_file():
        raise ToolError(f"{path} is gone; remove the cache, so that it is made again")
    log = LogReader()
    for line in path.read_text("utf-8").splitlines():
        log(line)
    result.read(log, f"installation of our addons, see {path}")


def _halve(tests):
    """Share tests out to two processes, all of a class to the same one.

    They take about as long each: a class goes where there are fewer tests so far, the
    largest classes first.

    :return: for each process its tests, and the specifications that make Odoo run them.
        The second one runs all of our addons but the classes of the first, so no test
        is left out that we have not found in the sources.
    """
    by_class = {}
    for test in tests:
        by_class.setdefault(f"/{test.addon}:{test.class_name}", []).append(test)
    halves = ({}, {})
    for tag, of_class in sorted(by_class.items(), key=lambda pair: -len(pair[1])):
        smaller = min(halves, key=lambda half: sum(map(len, half.values())))
        smaller[tag] = of_class
    first, second = (sum(half.values(), []) for half in halves)
    others = [f"/{addon}" for addon in sorted({test.addon for test in tests})]
    return [
        (first, list(halves[0])),
        (second, [*others, *(f"-{tag}" for tag in halves[0])]),
    ]


def _test(env, result, tests, tags, number, printer):
    """Run some of the tests in a database of its own with all our addons."""
    title = f"{len(tests)} tests, part {number}"
    with env.claimed_db("groupbuy_test") as db:
        env.create_db(db, env.installed_db("test"))
        arguments = ["-d", db, "--test-tags", ",".join(tags)]
        log_name = f"test-addons-{number}.log"
        _run_odoo(env, result, title, arguments, log_name, tests, printer)


def _test_on_demand(env, result, tests):
    """Run the tests that commit, in a database that is thrown away."""
    with env.claimed_db("groupbuy_test_on_demand") as db:
        env.create_db(db, env.installed_db("test"))
        tags = ",".join(test.tag for test in tests)
        title = f"{len(tests)} tests that commit"
        arguments = ["-d", db, "--test-tags", tags]
        printer = _test_printer(env.progress, len(tests))
        _run_odoo(env, result, title, arguments, "test-on-demand.log", tests, printer)
        env.drop_db(db)


def _test_upgrade(env, result):
    """Upgrade our addons on a database that has them, and uninstall them."""
    with env.claimed_db("groupbuy_test_upgrade") as db:
        env.create_db(db, env.installed_db("test"))
        _run_odoo(
            env,
            result,
            "upgrade of our addons on the same database",
            ["-d", db, "-u", ",".join(addons.names())],
            "test-upgrade.log",
        )
        _check_uninstall(env, result, db)


def _run_odoo(
    env, result, title, arguments, log_name, expected=(), on_start=lambda name: None
):
    """Run Odoo once and take over its tests, its warnings and its exit code."""
    log = LogReader(on_start=on_start)
    path = BUILD / log_name
    with env.progress.step(title):
        code = env.odoo(
            *arguments,
            *("--stop-after-init", "--workers=0", f"--http-port={free_port()}"),
            *("--screenshots", BUILD / "screenshots"),
            log=path,
            on_line=log,
            check=False,
        )
    found_any = result.read(log, title)
    if code and not found_any:
        result.fail(f"{title}: Odoo ended with exit code {code}, see {path}")
    begun = {name.split(":", 1)[1] for name in log.started}
    absent = [test.label for test in expected if test.name not in begun]
    if absent:
        result.fail(f"{len(absent)} tests did not run, see {path}", "\n".join(absent))


def _test_printer(progress, total):
    numbers = itertools.count(1)

    def printer(name):
        progress.say(f"  {next(numbers)}/{total} {name}")

    return printer


def _check_uninstall(env, result, db):
    """Uninstall our addons, those first that no other one depends on."""
    remaining = addons.manifests()
    while remaining:
        needed = {
            name for manifest in remaining.values() for name in manifest["depends"]
        }
        leaves = [name for name in remaining if name not in needed]
        for leaf in leaves:
            del remaining[leaf]
            _run_odoo_command(
                env,
                result,
                f"uninstallation of {leaf}",
                ["module", "uninstall", "-d", db, leaf],
                f"test-uninstall-{leaf}.log",
            )
            state = env.sql(
                db, f"SELECT state FROM ir_module_module WHERE name = '{leaf}'"
            )
            if state != "uninstalled":
                result.fail(f"{leaf} is {state} after its uninstallation")


def _run_odoo_command(env, result, title, arguments, log_name):
    log = LogReader()
    path = BUILD / log_name
    with env.progress.step(title):
        code = env.odoo(*arguments, log=path, on_line=log, check=False)
    result.read(log, title)
    if code:
        result.fail(f"{title}: exit code {code}, see {path}")


@contextmanager
def _pytest_beside(env, result, pattern):
    """Run tests/ in pytest while Odoo's runner works, each in its own databases.

    Odoo's runner is a process that mostly waits for PostgreSQL and the browser: with
    more than one at once each processor has work.
    """
    run_ = _PytestRun(env, result, pattern)
    try:
        yield run_
    finally:
        run_.stop()


class _PytestRun:
    """tests/ in pytest, as a process in the background with a log of its own."""

    def __init__(self, env, result, pattern):
        self.env = env
        self.result = result
        self.pattern = pattern
        self.log = BUILD / "pytest.log"
        self.report = BUILD / "pytest.xml"
        self.report.unlink(missing_ok=True)
        self.process = self._start()

    def _start(self):
        if not any((REPOSITORY / "tests").rglob("test_*.py")):
            self.env.progress.say("tests/ holds no test yet")
            return None
        options = [f"--junitxml={self.report}", "--durations=15"]
        if self.pattern:
            options += ["-k", self.pattern]
        self.env.progress.say(f"tests/ in pytest, in the background, see {self.log} …")
        with self.log.open("w") as output:
            return subprocess.Popen(
                [self.env.python, "-m", "pytest", "tests", *options],
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.env.process_environment(
                    PYTHONPATH=TOOLS,
                    GROUPBUY_CACHE=self.env.cache,
                    GROUPBUY_ADDONS=addons_folder(),
                    PYTHONUNBUFFERED=1,
                ),
            )

    def finish(self):
        """Wait for its end and take over its results.

        :return: whether there was a test to run.
        """
        if not self.process:
            return False
        with self.env.progress.step("tests/ in pytest, what is left of them"):
            code = self.process.wait()
        print(self.log.read_text("utf-8"), flush=True)
        if code == 5 or (code == 4 and self.pattern):
            # No test of that name; 4: the pattern is none that pytest understands.
            return False
        if not self.report.is_file():
            self.result.fail(f"pytest ended with exit code {code} and without a report")
            return True
        _read_pytest(self.report, self.result)
        return True

    def stop(self):
        """End it when the run is broken off; pytest then ends what it has started."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait()


def _read_pytest(path, result):
    """Count pytest's results; a skipped test is no success."""
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        problem = next(
            (item for item in case if item.tag in ("failure", "error", "skipped")), None
        )
        if problem is None:
            result.passed += 1
        else:
            result.fail(f"{name}: {problem.tag}: {problem.get('message', '')[:200]}")
