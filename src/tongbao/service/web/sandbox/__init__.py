"""The sandbox of a test network: play money, an example mall, and every role for a newcomer to try.

`tongbao up` opens it beside the network that it has made, from the keys in the data directory. On any other network
there is none: `Sandbox.open` refuses, and its operations answer `NO_SANDBOX`.
"""

from tongbao.service.web.sandbox.app import create_sandbox_app
from tongbao.service.web.sandbox.sandbox import Sandbox, has_sandbox, opened_sandbox

__all__ = ["Sandbox", "create_sandbox_app", "has_sandbox", "opened_sandbox"]
