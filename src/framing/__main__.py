"""``python -m framing`` is the command ``framing``."""

import sys

from framing.cli import main

sys.exit(main())
