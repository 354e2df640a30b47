"""`make lint`: style, translations, and the linters of OCA and of Odoo itself."""

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

from . import addons, source_checks
from .console import ToolError, run
from .environment import Environment
from .odoo_log import LogReader
from .paths import BUILD, REPOSITORY, TOOLS, addons_folder
from .server import free_port

PRETTIER = ("prettier@3.9.7", "@prettier/plugin-xml@3.4.2")
_PRETTIER_SUFFIXES = (".css", ".js", ".json", ".scss", ".xml", ".yaml", ".yml")
# All of Odoo's lint but this: pylint runs below on our addons only, eslint is not
# ours, and the docstrings are those of Odoo's module base.
_TEST_LINT = (
    "/test_lint",
    "-/test_lint:TestPyLint",
    "-/test_lint:TestESLint",
    "-/test_lint:TestDocstring",
)
# What Odoo's test_pylint enables; run here on our addons only.
_ODOO_PYLINT = (
    "eval-used",
    "function-redefined",
    "gettext-placeholders",
    "gettext-repr",
    "gettext-variable",
    "missing-gettext",
    "raise-unlink-override",
    "sql-injection",
    "undefined-variable",
    "unreachable",
    "used-before-assignment",
)
_EXPORT_SCRIPT = """
from pathlib import Path
from odoo.tools.translate import trans_export

for addon in {addons!r}:
    with Path({folder!r}, addon + ".pot").open("wb") as output:
        found = trans_export(None, [addon], output, "po", env)
    if not found:
        Path({folder!r}, addon + ".pot").unlink()
"""


class Linter:
    """Runs the checks and remembers which complained."""

    def __init__(self, env):
        self.env = env
        self.progress = env.progress
        self.failed = []
        self.count = 0

    def check(self, title, complaints):
        """Count a check and show its complaints, a text or a list of lines."""
        self.count += 1
        if not isinstance(complaints, str):
            complaints = "\n".join(complaints)
        if not complaints.strip():
            self.progress.say(f"ok      {title}")
            return
        self.failed.append(title)
        self.progress.say(f"FAILED  {title}")
        print("    " + complaints.strip().replace("\n", "\n    "), flush=True)

    def tool(self, title, *command, **options):
        """Run a program of the virtual environment; it fails by its exit code."""
        options.setdefault("env", self.env.process_environment())
        command = [self.env.python.parent / command[0], *command[1:]]
        done = run(command, check=False, cwd=REPOSITORY, **options)
        output = done.stdout + done.stderr
        failed = output or f"exit code {done.returncode}"
        self.check(title, failed if done.returncode else "")


def run_all(progress):
    """Run every check and print the closing line.

    :return: the exit code.
    """
    env = Environment.ensure(progress)
    linter = Linter(env)
    BUILD.mkdir(exist_ok=True)
    with ThreadPoolExecutor(max_workers=1) as pool:
        # The last checks need it; made while the others read the sources.
        database = pool.submit(env.installed_db, "test") if addons.manifests() else None
        _lint_python(linter)
        _lint_sources(linter)
        if database:
            _lint_addons(linter)
            database.result()
            _lint_with_database(linter)
    print(f"lint: {linter.count} checks, {len(linter.failed)} failed", flush=True)
    return 1 if linter.failed else 0


def rewrite(progress):
    """Rewrite the sources as ruff and prettier want them."""
    env = Environment.ensure(progress)
    ruff = env.python.parent / "ruff"
    run([ruff, "check", "-q", "--fix", *_python_folders()], check=False)
    run([ruff, "format", "-q", *_python_folders()], why="ruff format")
    if shutil.which("npm"):
        command, files = _prettier_command(env)
        run([*command, "--write", *files], cwd=REPOSITORY, why="prettier")
    progress.say("sources rewritten; see git diff")
    return 0


def _python_folders():
    folders = (addons_folder(), TOOLS, REPOSITORY / "tests")
    return [folder for folder in folders if folder.is_dir()]


def _lint_python(linter):
    paths = _python_folders()
    linter.tool("ruff check", "ruff", "check", "-q", *paths)
    linter.tool("ruff format", "ruff", "format", "-q", "--check", *paths)


def _lint_sources(linter):
    linter.check("XML and JSON are well-formed", source_checks.check_xml())
    linter.check(
        "no mirror's host, no machine's path", source_checks.check_hosts_and_paths()
    )
    _lint_prettier(linter)


def _lint_prettier(linter):
    title = "prettier"
    if not shutil.which("npm"):
        text = "npm is not on this machine; on Debian: apt-get install npm"
        linter.progress.say(f"skipped {title}: {text}")
        if os.environ.get("CI"):
            linter.check(title, text)
        return
    command, files = _prettier_command(linter.env)
    if files:
        done = run([*command, "--check", *files], check=False, cwd=REPOSITORY)
        linter.check(title, done.stderr + done.stdout if done.returncode else "")


def _prettier_command(env):
    """Return the command line of prettier, and the files that it looks after."""
    folder = env.cache / "node"
    _ensure_prettier(folder, env.progress)
    files = [
        path.relative_to(REPOSITORY)
        for path in source_checks.tracked_files()
        if path.suffix in _PRETTIER_SUFFIXES
    ]
    plugin = folder / "node_modules/@prettier/plugin-xml/src/plugin.js"
    prettier = folder / "node_modules/.bin/prettier"
    return [prettier, "--log-level=warn", f"--plugin={plugin}"], files


def _ensure_prettier(folder, progress):
    stamp = folder / "installed"
    wanted = " ".join(PRETTIER)
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return
    folder.mkdir(exist_ok=True)
    with progress.step("npm: fetching prettier"):
        (folder / "package.json").write_text("{}", "utf-8")
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"]
        run([*command, *PRETTIER], cwd=folder, why="npm install")
    stamp.write_text(wanted, "utf-8")


def _lint_addons(linter):
    folders = [addons_folder() / name for name in addons.names()]
    linter.check(
        "licences, and leaves that stay apart",
        source_checks.check_dependencies(linter.env.odoo_source),
    )
    linter.tool(
        "pylint-odoo",
        "pylint",
        "--rcfile=.pylintrc",
        # A model's website side lies in a file of its own.
        "--disable=consider-merging-classes-inherited",
        "-j2",
        *folders,
    )
    _lint_with_odoo_pylint(linter, folders)
    linter.tool("oca-checks-odoo-module", "oca-checks-odoo-module", *folders)
    catalogues = [path for folder in folders for path in folder.glob("i18n/*.po*")]
    if catalogues:
        linter.tool(
            "oca-checks-po", "oca-checks-po", "--disable=po-pretty-format", *catalogues
        )


def _lint_with_odoo_pylint(linter, folders):
    """Run pylint with the checkers that Odoo has for itself."""
    plugins = linter.env.odoo_source.module_folder("test_lint") / "tests"
    paths = [*linter.env.odoo_source.addons_paths, addons_folder()]
    python_path = os.pathsep.join([str(plugins), str(linter.env.odoo_source.root)])
    linter.tool(
        "Odoo's pylint: SQL injection, translated texts, overrides",
        "pylint",
        f"--rcfile={os.devnull}",
        "--disable=all,useless-option-value",
        f"--enable={','.join(_ODOO_PYLINT)}",
        "--reports=n",
        "--score=n",
        "--load-plugins=_pylint_path_setup,_odoo_checker_sql_injection,"
        "_odoo_checker_gettext,_odoo_checker_unlink_override",
        *folders,
        env=linter.env.process_environment(
            PYTHONPATH=python_path,
            ADDONS_PATH=os.pathsep.join(str(path) for path in paths),
        ),
    )


def _lint_with_database(linter):
    env = linter.env
    with env.claimed_db("groupbuy_lint") as db:
        env.create_db(db, env.installed_db("test"))
        complaints = _translations(env, "check", export_terms(env, db))
        linter.check("translations are complete", complaints)
        _run_test_lint(linter, db)
        env.drop_db(db)


def _run_test_lint(linter, db):
    env = linter.env
    log = LogReader()
    path = BUILD / "test-lint.log"
    tags = ",".join(_TEST_LINT)
    with env.progress.step("Odoo's test_lint"):
        code = env.odoo(
            *("-d", db, "-i", "test_lint", "--test-tags", tags, "--stop-after-init"),
            *("--workers=0", f"--http-port={free_port()}"),
            log=path,
            on_line=log,
            check=False,
        )
    complaints = [record.text for record in [*log.failed.values(), *log.warnings()]]
    complaints += [record.text for record in log.skipped.values()]
    if (code or not log.passed) and not complaints:
        complaints.append(f"exit code {code}, {log.passed} tests passed, see {path}")
    linter.check("Odoo's test_lint", complaints)


def export_terms(env, db):
    """Write a fresh <addon>.pot for each of our addons; return the folder."""
    folder = BUILD / "i18n"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    script = _EXPORT_SCRIPT.format(addons=addons.names(), folder=str(folder))
    env.shell(db, script)
    return folder


def _translations(env, action, folder):
    done = subprocess.run(
        [env.python, "-m", "gbtools.translations", action, folder],
        capture_output=True,
        text=True,
        env=env.process_environment(PYTHONPATH=TOOLS, GROUPBUY_ADDONS=addons_folder()),
        check=False,
    )
    if done.stderr:
        raise ToolError(f"translations: {done.stderr.strip()}")
    return done.stdout


def update_translations(progress):
    """Export the terms of our addons and add the new ones to the Chinese files."""
    env = Environment.ensure(progress)
    with env.claimed_db("groupbuy_lint") as db:
        env.create_db(db, env.installed_db("test"))
        print(_translations(env, "merge", export_terms(env, db)).strip())
        env.drop_db(db)
    return 0
