"""What the experiments measure on a trained Network in Network beyond loss and accuracy."""

from explorer.architectures.alexnet.probes import generalisation

__all__ = ["generalisation"]
