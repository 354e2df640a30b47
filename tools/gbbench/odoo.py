# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Running a function of this package inside of Odoo."""

import json

from gbtools.paths import TOOLS

_SCRIPT = """
import json, sys
sys.path.insert(0, {tools!r})
from gbbench import {module}
print("RESULT " + json.dumps({module}.{function}(env, **{arguments!r})))
"""


def call(env, db, module, function, options=(), **arguments):
    """Call a function with Odoo's environment, in a process of its own.

    :param Environment env: of the tools.
    :param str db: the database.
    :param str module: a module of this package.
    :param str function: its function; it gets Odoo's environment and the arguments.
    :param options: further options of Odoo.
    :return: what the function returned, through JSON.
    :raises ToolError: when it raises.
    """
    script = _SCRIPT.format(
        tools=str(TOOLS), module=module, function=function, arguments=arguments
    )
    printed = env.shell(db, script, *options)
    line = next(x for x in printed.splitlines() if x.startswith("RESULT "))
    return json.loads(line.removeprefix("RESULT "))
