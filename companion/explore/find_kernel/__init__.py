"""The explorer that hides a kernel behind its feature map."""

from companion.explore.find_kernel.find_kernel import FindKernel

__all__ = ["FindKernel"]
