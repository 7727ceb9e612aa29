from controllers.market_making import pmm_dynamic

Config = pmm_dynamic.PMMDynamicControllerConfig


class MineConfig(Config):
    controller_name: str = "mine"


class MineController(pmm_dynamic.PMMDynamicController):
    pass
