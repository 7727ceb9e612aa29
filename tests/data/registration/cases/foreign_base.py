from pydantic import BaseModel


class MineConfig(BaseModel):
    controller_name: str = "mine"


class MineController:
    pass
