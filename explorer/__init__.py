"""Explorer: understand neural-network architectures by seeing, training and taking them apart."""

__version__ = "0.2.0"
