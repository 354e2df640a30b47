"""Set-up, launch and checks of community group buying.

Everything the commands need (Odoo, a virtual environment, a private PostgreSQL
server, template databases) is made in one cache folder. Scripts use it so::

    from gbtools import Environment

    env = Environment.ensure()
    env.create_db("trial", env.installed_db("demo"))
    with env.start_server("trial", port=8170) as server:
        server.wait_ready()

Only the standard library is imported here: the modules have to run before there is
a virtual environment.
"""

from .console import Progress, ToolError
from .environment import Environment
from .server import Server, free_port

__all__ = ["Environment", "Progress", "Server", "ToolError", "free_port"]
