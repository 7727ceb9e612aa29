import sys

from controllers.market_making import pmm_dynamic

if sys.version_info >= (3, 8):
    from controllers.market_making.pmm_dynamic import PMMDynamicControllerConfig


class ZConfig(pmm_dynamic.PMMDynamicControllerConfig):
    controller_name: str = "mine"


class ZController(pmm_dynamic.PMMDynamicController):
    pass
