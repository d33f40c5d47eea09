"""One folder per architecture: its card, its network, and what is its own in training and measuring.

Folders named in EXPLORER_ARCHITECTURES (separated like PATH) are searched as well, so that an architecture of one's own
need not be put inside the installed package.
"""

import os

__path__ += [place for place in os.environ.get("EXPLORER_ARCHITECTURES", "").split(os.pathsep) if place]
