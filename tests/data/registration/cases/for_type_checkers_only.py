import typing
from typing import TYPE_CHECKING

from controllers.market_making import pmm_dynamic

if TYPE_CHECKING:
    from controllers.market_making.pmm_dynamic import PMMDynamicControllerConfig as A
elif not typing.TYPE_CHECKING:
    AParent = pmm_dynamic
else:
    from controllers.market_making.pmm_dynamic import PMMDynamicControllerConfig as B


class ZConfig(pmm_dynamic.PMMDynamicControllerConfig):
    controller_name: str = "mine"


class ZController(pmm_dynamic.PMMDynamicController):
    pass


if __name__ == "__main__":
    from controllers.market_making.pmm_dynamic import PMMDynamicControllerConfig as C
