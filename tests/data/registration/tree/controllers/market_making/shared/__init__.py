"""A package that hands on what its modules define, by relative imports."""
from . import parts
from .parts import *
from ..pmm_dynamic import PMMDynamicController as _Hidden

__all__ = ["AlphaConfig", "parts"]
__all__ += ["AlphaController"]
