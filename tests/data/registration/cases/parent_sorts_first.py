from controllers.market_making.pmm_dynamic import PMMDynamicController, PMMDynamicControllerConfig


class PMMDynamicTwoConfig(PMMDynamicControllerConfig):
    controller_name: str = "mine"


class PMMDynamic2Controller(PMMDynamicController):
    pass
