"""The first lines of the child: run as a file, isolated (-I), so it finds its package itself."""

import os
import sys

sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from intake.limited.child import main  # noqa: E402  the path comes first

main()
