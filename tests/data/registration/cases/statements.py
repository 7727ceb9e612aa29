"""Names come and go by every kind of statement; what is left at the end is what counts."""
import contextlib

from controllers.market_making import pmm_dynamic
from controllers.market_making.pmm_dynamic import PMMDynamicControllerConfig as A
from controllers.market_making.pmm_dynamic import PMMDynamicControllerConfig as B
from controllers.market_making.pmm_dynamic import PMMDynamicControllerConfig as C
from controllers.market_making.pmm_dynamic import PMMDynamicControllerConfig as D
from controllers.market_making.pmm_dynamic import PMMDynamicControllerConfig as E
from controllers.market_making.pmm_dynamic import PMMDynamicControllerConfig as F
from controllers.market_making.pmm_dynamic import PMMDynamicControllerConfig as G
from controllers.market_making.pmm_dynamic import PMMDynamicControllerConfig as H
from controllers.market_making.pmm_dynamic import PMMDynamicControllerConfig as I
from controllers.market_making.pmm_dynamic import PMMDynamicControllerConfig as J

for A in range(1):
    pass
with contextlib.nullcontext() as B, contextlib.nullcontext((1, [2])) as (C, [*D]):
    del E
if not False:
    del F
else:
    G = None
(G, *H), I = (1, 2), 3


def J():
    pass


class ZConfig(pmm_dynamic.PMMDynamicControllerConfig):
    controller_name: str = "mine"

    class Config(pmm_dynamic.PMMDynamicControllerConfig):
        pass


class ZController(pmm_dynamic.PMMDynamicController):
    AController = pmm_dynamic.PMMDynamicController
    pmm_dynamic.A = AController


ZConfig.A = pmm_dynamic.PMMDynamicControllerConfig
Twice = ZConfig if ZController else None
