"""Reading what Odoo logs: tests, and warnings that nobody expects."""

import re
from dataclasses import dataclass, field

from .paths import TOOLS

_RECORD = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ "
    r"(?P<level>[A-Z]+) (?P<db>\S+) (?P<logger>[\w.]+): (?P<message>.*)$"
)
_STARTING = re.compile(r"Starting ([\w.]+) \.\.\.")
_FAILED = re.compile(r"(?:FAIL|ERROR): (?:Subtest )?([\w.]+(?: \([\w.]+\))?)")
_SKIPPED = re.compile(r"skipped (.+?) : (.*)")
# What Odoo says about failed tests beside the failure itself.
_SUMMARIES = re.compile(
    r"Module \w+: \d+ failures, \d+ errors of \d+ tests"
    r"|\d+ failed, \d+ error\(s\) of \d+ tests"
    r"|At least one test failed when loading the modules"
)
_LONGEST_REPORT = 60


@dataclass
class Record:
    """One log record with the lines that follow it."""

    level: str
    logger: str
    lines: list

    @property
    def text(self):
        """The record as the log has it, shortened."""
        shown = self.lines[:_LONGEST_REPORT]
        if len(self.lines) > len(shown):
            shown = [*shown, f"… {len(self.lines) - len(shown)} more lines"]
        return "\n".join(shown)


@dataclass
class LogReader:
    """Collects tests and unexpected records from the lines of a log.

    :param on_start: called with the name of each test that begins.
    """

    on_start: object = None
    started: dict = field(default_factory=dict)
    failed: dict = field(default_factory=dict)
    skipped: dict = field(default_factory=dict)
    unexpected: list = field(default_factory=list)
    _open: Record | None = None
    _allowed: list | None = None

    def __call__(self, line):
        """Take the next line."""
        line = line.rstrip("\n")
        found = _RECORD.match(line)
        if not found:
            if self._open:
                self._open.lines.append(line)
            return
        self._open = Record(found["level"], found["logger"], [found["message"]])
        self._read_record(self._open, found["message"])

    def _read_record(self, record, message):
        if begins := _STARTING.match(message):
            name = f"{record.logger}:{begins[1]}"
            self.started[name] = record
            if self.on_start:
                self.on_start(begins[1])
        elif skips := _SKIPPED.match(message):
            self.skipped[f"{record.logger}:{skips[1]}"] = record
        elif record.level in ("WARNING", "ERROR", "CRITICAL"):
            if fails := _FAILED.match(message):
                self.failed.setdefault(f"{record.logger}:{fails[1]}", record)
            elif not _SUMMARIES.search(message):
                self.unexpected.append(record)

    @property
    def passed(self):
        """How many tests began and neither failed nor were skipped."""
        return len(self.started.keys() - self.failed.keys() - self.skipped.keys())

    def warnings(self):
        """Return the records of warning level and above that are not allowed.

        To be asked at the end: the allow-list looks at a record's further lines too.
        """
        allowed = allowed_patterns()
        return [
            record
            for record in self.unexpected
            if not any(
                pattern.search(f"{record.logger}: " + "\n".join(record.lines))
                for pattern in allowed
            )
        ]


def allowed_patterns():
    """Return the patterns of tools/log_allowlist.txt."""
    lines = (TOOLS / "log_allowlist.txt").read_text("utf-8").splitlines()
    return [re.compile(line) for line in lines if line and not line.startswith("#")]
