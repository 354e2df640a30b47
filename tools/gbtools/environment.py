"""Odoo, Python, PostgreSQL and databases as one object for scripts and tests."""

import configparser
import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from . import addons, odoo_source, postgres, python_env
from .console import Progress, ToolError, clean_environment, last_line
from .locks import lock
from .paths import CONFIG_TEMPLATE, addons_folder, cache_folder
from .profiles import LANGUAGES, PROFILES
from .server import Server, end_group, free_port, log_reason

_KEPT_TEMPLATES = 3
_LAUNCHER = '''\
"""Start Odoo from its folder, whichever way it came here."""

import sys

sys.path[0] = {root!r}

import odoo.cli  # noqa: E402

odoo.cli.main()
'''


class Environment:
    """All that is needed to run our addons, made by :meth:`ensure`."""

    def __init__(self, cache, odoo, python, cluster, progress):
        self.cache = cache
        self.odoo_source = odoo
        self.python = python
        self.cluster = cluster
        self.progress = progress
        self.config = cache / "odoo.conf"
        self.data_folder = cache / "data"
        self.launcher = cache / "bin" / "odoo"

    # ------------------------------------------------------------------ set-up

    @classmethod
    def ensure(cls, progress=None):
        """Set up whatever is missing and return the environment.

        :param Progress progress: where to report; by default nothing is printed.
        :raises ToolError: with one line that says what is missing.
        """
        progress = progress or Progress(quiet=True)
        cache = cache_folder()
        try:
            (cache / "log").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ToolError(
                f"cannot write to {cache}; name another folder: GROUPBUY_CACHE=…"
            ) from error
        with lock(cache, "setup"), ThreadPoolExecutor() as pool:
            fetching = pool.submit(odoo_source.ensure, cache, progress)
            python = python_env.ensure(cache, progress)
            cluster = postgres.ensure(cache, python, progress)
            env = cls(cache, fetching.result(), python, cluster, progress)
            env._write_launcher()
            env._write_config()
        return env

    def _write_launcher(self):
        self.launcher.parent.mkdir(exist_ok=True)
        text = _LAUNCHER.format(root=str(self.odoo_source.root))
        _write_if_changed(self.launcher, text)

    def _write_config(self):
        """Derive the local configuration from the production template."""
        parser = configparser.RawConfigParser()
        parser.read(CONFIG_TEMPLATE, "utf-8")
        paths = [*self.odoo_source.addons_paths]
        if addons.manifests():
            paths.append(addons_folder())
        parser["options"].update(
            {
                "addons_path": ",".join(str(path) for path in paths),
                "data_dir": str(self.data_folder),
                "db_host": str(self.cluster.socket_folder),
                "db_port": str(postgres.PORT),
                "db_user": postgres.USER,
                "http_interface": "127.0.0.1",
                "proxy_mode": "False",
                # One process has all the threads of a test.
                "db_maxconn": "64",
                "workers": "0",
                "max_cron_threads": "0",
                "pg_path": str(self.cluster.binaries),
                # One developer's machine: a slow debugger is no reason to be ended.
                "limit_time_real": "1200",
                "limit_time_cpu": "600",
            }
        )
        for name in ("db_name", "dbfilter", "db_replica_host", "logfile"):
            parser.remove_option("options", name)
        lines = [f"{name} = {value}\n" for name, value in parser["options"].items()]
        _write_if_changed(self.config, "[options]\n" + "".join(lines))

    # ------------------------------------------------------------------ running Odoo

    def odoo_cmd(self, *arguments):
        """Return the command line that runs Odoo with the local configuration.

        Leading words are a subcommand: `odoo_cmd("i18n", "export", "-d", db, …)`.
        """
        arguments = [str(argument) for argument in arguments]
        words = 0
        while words < len(arguments) and not arguments[words].startswith("-"):
            words += 1
        command = [str(self.python), str(self.launcher), *arguments[:words]]
        return [*command, "-c", str(self.config), *arguments[words:]]

    def process_environment(self, **extra):
        """Return the environment variables for Odoo and for the tests.

        The virtual environment comes first on PATH, and nothing of the user's own
        Odoo or PostgreSQL settings is left. Compiled Python is kept in the cache, also
        where the user's own processes keep none: Debian's package holds sources only,
        and compiling them is most of what starting Odoo takes.
        """
        own = {
            "PATH": f"{self.python.parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": self.cache / "pycache",
        }
        return clean_environment(**(own | extra))

    def odoo(self, *arguments, log=None, on_line=None, check=True, env=None):
        """Run Odoo to its end, reading its log line by line.

        :param Path log: a file that receives the log.
        :param on_line: called with each line.
        :param dict env: further environment variables.
        :return: the exit code.
        :raises ToolError: when Odoo fails and `check` is set.
        """
        log = log or self.cache / "log" / "odoo.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w", encoding="utf-8") as output:
            process = subprocess.Popen(
                self.odoo_cmd(*arguments),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                env=self.process_environment(**(env or {})),
                start_new_session=True,
            )
            try:
                for line in process.stdout:
                    output.write(line)
                    if on_line:
                        on_line(line)
                process.wait()
            finally:
                end_group(process)
        if check and process.returncode:
            raise ToolError(
                f"Odoo failed (exit code {process.returncode}), see {log}: "
                + log_reason(log)
            )
        return process.returncode

    def shell(self, db, script, *arguments):
        """Run a script in Odoo's shell and return what it printed.

        The script finds `env` and commits itself: `env.cr.commit()`.

        :param str script: the source text, or the path of a file as Path.
        :param arguments: further options of Odoo.
        :raises ToolError: when the script raises.
        """
        if isinstance(script, Path):
            script = script.read_text("utf-8")
        done = subprocess.run(
            self.odoo_cmd("shell", "-d", db, "--no-http", *arguments),
            input=script,
            capture_output=True,
            text=True,
            check=False,
            env=self.process_environment(),
        )
        if done.returncode:
            log = self.cache / "log" / "shell.log"
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(done.stderr, "utf-8")
            raise ToolError(f"shell script failed, see {log}: {last_line(done.stderr)}")
        return done.stdout

    def start_server(self, db, port=None, workers=0, cron=0, log=None, arguments=()):
        """Start a server of one database and return it; it is not ready yet.

        :param int port: HTTP port, by default a free one.
        :param int workers: processes; 0 is one process with threads.
        :param int cron: threads, or processes, that run the scheduled jobs.
        :param Path log: where the log goes; None: to a file in the cache.
        :param arguments: further options of Odoo.
        :return: Server
        :raises ToolError: when there is no such database; Odoo would make one.
        """
        if not self.db_exists(db):
            raise ToolError(f"there is no database {db}")
        port = port or free_port()
        log = Path(log) if log else self.cache / "log" / f"server-{port}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        command = self.odoo_cmd(
            *("-d", db, "--db-filter", f"^{re.escape(db)}$"),
            *("--http-port", port, "--gevent-port", free_port()),
            *("--workers", workers, "--max-cron-threads", cron),
            *arguments,
        )
        return Server(command, self.process_environment(), port, log)

    # ------------------------------------------------------------------ databases

    def sql(self, db, statement):
        """Run SQL in a database as its owner; rows as text, columns tab-separated."""
        return self.cluster.psql(statement, db, user=postgres.USER)

    def pg_dsn(self, db):
        """Return the connection string of a database, for psycopg2 or pgbench."""
        return self.cluster.dsn(db)

    def db_exists(self, name):
        """Tell whether a database of that name exists."""
        found = self.cluster.psql(
            f"SELECT 1 FROM pg_database WHERE datname = '{_checked(name)}'"
        )
        return found == "1"

    def create_db(self, name, template=None):
        """Make a database, as a copy of another one with its attachments.

        A database of that name is dropped first. The template may have no
        connections.

        :param str template: a database; None makes an empty one.
        """
        self.drop_db(name)
        owner = postgres.USER
        if template:
            self.cluster.psql(
                f'CREATE DATABASE "{name}" TEMPLATE "{_checked(template)}" '
                f"OWNER {owner}{self._copy_strategy()}"
            )
            attachments = self.filestore(template)
            if attachments.is_dir():
                # Odoo never changes an attachment's file: a link does for a copy.
                shutil.copytree(
                    attachments, self.filestore(name), copy_function=os.link
                )
            return
        self.cluster.psql(f'CREATE DATABASE "{name}" TEMPLATE template0 OWNER {owner}')
        for extension in ("pg_trgm", "unaccent"):
            available = self.cluster.psql(
                f"SELECT 1 FROM pg_available_extensions WHERE name = '{extension}'"
            )
            if available == "1":
                self.cluster.psql(f"CREATE EXTENSION {extension}", name)
                if extension == "unaccent":
                    # As Odoo does itself: an index needs an immutable function.
                    self.cluster.psql("ALTER FUNCTION unaccent(text) IMMUTABLE", name)

    def _copy_strategy(self):
        # Files copied instead of written through the log: what is right for a
        # template of 100 MB and a copy that nobody has to recover.
        is_new = postgres.major_version(self.cluster.binaries) >= 15
        return " STRATEGY file_copy" if is_new else ""

    def drop_db(self, name):
        """Drop a database, its connections and its attachments, if there is one."""
        self.cluster.psql(f'DROP DATABASE IF EXISTS "{_checked(name)}" WITH (FORCE)')
        shutil.rmtree(self.filestore(name), ignore_errors=True)

    @contextmanager
    def claimed_db(self, prefix):
        """Yield a name for a database that no other process uses meanwhile.

        The same name again and again, so that what a run leaves behind is there to
        look at and replaced by the next run; another one while a run is going on.
        """
        for number in itertools.count(1):
            name = prefix if number == 1 else f"{prefix}_{number}"
            with ExitStack() as stack:
                try:
                    stack.enter_context(lock(self.cache, name, blocking=False))
                except BlockingIOError:
                    continue
                yield name
                return

    def filestore(self, name):
        """Return the folder of a database's attachments."""
        return self.data_folder / "filestore" / _checked(name)

    def template_db(self, profile):
        """Return the name of the template of a profile, made when need be.

        It holds Odoo's modules that our addons depend on and those of the profile,
        in English and Chinese, and no addon of ours.

        :param str profile: "test" or "demo", see profiles.py.
        """
        modules = self._stock_modules(profile)
        name = f"gb_{profile}_{self._template_key(profile)}"
        with self._building(name) as missing:
            if missing:
                self._build_template(name, profile, modules)
                self._finish(name, {})
        return name

    def installed_db(self, profile):
        """Return the name of a database with all our addons, made when need be.

        Made from the profile's template, with our demo data in profile "demo". Like a
        template it is only to be copied: `create_db(name, installed_db("demo"))`.
        """
        key = _digest(self._template_key(profile), addons.content_hash())
        name = f"gb_{profile}_full_{key}"
        with self._building(name) as missing:
            if missing:
                self.create_db(name, self.template_db(profile))
                self.install_addons(name, with_demo=PROFILES[profile].with_demo)
                if not PROFILES[profile].with_demo:
                    self._bundle_assets(name)
                self._finish(name, {})
        return name

    def _bundle_assets(self, db):
        """Make the scripts and styles of all pages, for the tests on copies of it.

        Odoo would make them at the start of each run of tests, and each server anew in
        each copy when the first page asks for them.
        """
        with self.progress.step(f"Database {db}: scripts and styles of the pages"):
            self.shell(
                db, 'env["ir.qweb"]._pregenerate_assets_bundles(); env.cr.commit()'
            )

    def install_log(self, db):
        """Return the path of what was logged when our addons were installed there."""
        return self.cache / "log" / f"install-{db}.log"

    def install_addons(self, db, with_demo=False, names=None):
        """Install our addons, or some of them, in a database.

        Odoo loads an addon's demo data only where the modules it depends on have
        theirs; so they are marked as if they had for as long as ours install.
        """
        names = names or addons.names()
        if with_demo:
            marked = "UPDATE ir_module_module SET demo = true WHERE state = 'installed'"
            self.sql(db, f"{marked} AND NOT demo")
        log = self.install_log(db)
        text = "demo data" if with_demo else "no demo data"
        with self.progress.step(f"Database {db}: installing our addons, {text}"):
            self.odoo(
                *("-d", db, "-i", ",".join(names)),
                *("--stop-after-init", "--no-http"),
                log=log,
                on_line=self._module_counter(db),
            )
        if with_demo:
            ours = ", ".join(f"'{name}'" for name in addons.manifests())
            self.sql(
                db,
                f"UPDATE ir_module_module SET demo = false WHERE name NOT IN ({ours})",
            )
            if "demo data failed to install" in log.read_text("utf-8"):
                raise ToolError(f"demo data of our addons do not install, see {log}")

    def update_addons(self, db, log=None):
        """Upgrade our addons in a database, and install those that are new there."""
        states = self.sql(
            db, "SELECT name FROM ir_module_module WHERE state = 'installed'"
        )
        present = [name for name in addons.names() if name in states.split()]
        absent = [name for name in addons.names() if name not in present]
        log = log or self.cache / "log" / f"update-{db}.log"
        if present:
            with self.progress.step(f"Database {db}: upgrading our addons"):
                self.odoo(
                    *("-d", db, "-u", ",".join(present)),
                    *("--stop-after-init", "--no-http"),
                    log=log,
                )
        if absent:
            # Where the others came with demo data, the new ones do too.
            with_demo = (
                not present
                or self.sql(
                    db, f"SELECT demo FROM ir_module_module WHERE name = '{present[0]}'"
                )
                == "t"
            )
            self.install_addons(db, with_demo=with_demo, names=absent)

    def get_mark(self, db):
        """Return what :meth:`set_mark` noted on a database, {} if nothing."""
        text = self.cluster.psql(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database "
            f"WHERE datname = '{_checked(db)}'"
        )
        return json.loads(text) if text else {}

    def set_mark(self, db, values):
        """Note a small dictionary on a database, as its comment."""
        text = json.dumps(values).replace("'", "''")
        self.cluster.psql(f"COMMENT ON DATABASE \"{_checked(db)}\" IS '{text}'")

    def _stock_modules(self, profile):
        wanted = {*addons.stock_dependencies(), *PROFILES[profile].modules}
        unknown = [name for name in wanted if not self.odoo_source.module_folder(name)]
        if unknown:
            raise ToolError(
                f"depends on {', '.join(sorted(unknown))}: no module of this Odoo"
            )
        return sorted(wanted)

    def _template_key(self, profile):
        base = PROFILES[profile].base
        script = PROFILES[profile].script
        parts = [self._template_key(base)] if base else []
        parts += [self.odoo_source.key, *LANGUAGES, *self._stock_modules(profile)]
        if script:
            parts.append((Path(__file__).parent / script).read_text("utf-8"))
        return _digest(*parts)

    def _build_template(self, name, profile, modules):
        base = PROFILES[profile].base
        script = PROFILES[profile].script
        self.create_db(name, self.template_db(base) if base else None)
        arguments = ["--load-language", ",".join(LANGUAGES)] if not base else []
        title = f"Template database {profile}: Odoo's {len(modules)} modules"
        with self.progress.step(f"{title} and what they need"):
            self.odoo(
                *("-d", name, "-i", ",".join(modules), *arguments),
                *("--stop-after-init", "--no-http"),
                log=self.cache / "log" / f"template-{profile}.log",
                on_line=self._module_counter(profile),
                # A template is made again when the machine fails meanwhile.
                env={"PGOPTIONS": "-c synchronous_commit=off"},
            )
            if script:
                self.shell(name, Path(__file__).parent / script)

    def _module_counter(self, title):
        """Return a reader of log lines that reports the modules every few seconds."""
        last = time.monotonic()

        def read(line):
            nonlocal last
            found = re.search(r"Loading module (\w+) \((\d+)/(\d+)\)", line)
            if found and time.monotonic() - last > 10:
                last = time.monotonic()
                module, number, total = found.groups()
                self.progress.say(f"  {title}: module {number} of {total}, {module}")

        return read

    @contextmanager
    def _building(self, name):
        """Hold the lock of a template's name; yields whether it has to be made."""
        with lock(self.cache, name):
            missing = not self.get_mark(name).get("complete")
            if missing:
                self._remove_old_templates(name)
            yield missing

    def _finish(self, name, values):
        # Closed to connections, so that a copy never has to wait for one to end.
        self.cluster.psql(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        self.set_mark(name, values | {"complete": True, "made": int(time.time())})

    def _remove_old_templates(self, name):
        """Keep the newest few templates of a kind; each takes some 200 MB."""
        kind = name.rsplit("_", 1)[0]
        listed = self.cluster.psql(
            "SELECT datname FROM pg_database WHERE datname ~ '^"
            f"{kind}_[0-9a-f]+$' AND datname <> '{name}'"
        )
        made = {other: self.get_mark(other).get("made", 0) for other in listed.split()}
        for other in sorted(made, key=made.get, reverse=True)[_KEPT_TEMPLATES - 1 :]:
            self.drop_db(other)


def _checked(name):
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", name):
        raise ToolError(f"{name!r} is no name for a database")
    return name


def _digest(*parts):
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:10]


def _write_if_changed(path, text):
    if not path.is_file() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")
