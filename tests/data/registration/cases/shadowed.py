from controllers.market_making.pmm_dynamic import PMMDynamicController, PMMDynamicControllerConfig


class PMMDynamicControllerConfig(PMMDynamicControllerConfig):
    controller_name: str = "mine"


class PMMDynamicController(PMMDynamicController):
    pass
