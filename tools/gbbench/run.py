# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the subjects of the benchmark share: databases and their sizes."""

from contextlib import contextmanager


class Bench:
    """One run of the benchmark.

    :param Environment env: of the tools.
    :param Progress progress: where to report.
    :param float scale: share of the full number of orders and repetitions.
    """

    def __init__(self, env, progress, scale=1.0):
        self.env = env
        self.progress = progress
        self.scale = scale

    def scaled(self, count, least=1):
        """Return a number of orders or repetitions, in proportion to the scale."""
        return max(least, round(count * self.scale))

    @contextmanager
    def database(self, name, kind, profile="test"):
        """Yield a fresh database that is dropped at the end.

        :param str name: what it is for.
        :param str kind: "installed" with our addons, "stock" without, or the name of a
            database to copy.
        :param str profile: of the template.
        """
        template = {
            "installed": self.env.installed_db,
            "stock": self.env.template_db,
        }.get(kind, lambda _profile: kind)(profile)
        with self.env.claimed_db(f"groupbuy_bench_{name}") as db:
            self.env.create_db(db, template)
            try:
                yield db
            finally:
                self.env.drop_db(db)
