"""Looks into an installed Hummingbot for hive: what is in its files, and what its own loader takes for a controller.

Reads `expected.json` beside it, writes one JSON object to standard output. It judges nothing: hive does.
"""

import hashlib
import importlib
import importlib.util
import json
import os
import sys
import traceback

# What libraries print is talk: the answer is the only thing on standard output.
answer_to = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

LINES = 12


def words_of(error):
    """The useful end of an exception: its last frames, and what it says."""
    lines = "".join(traceback.format_exception(error)).rstrip().splitlines()
    return "\n".join(lines[-LINES:])


def root():
    package = importlib.import_module("hummingbot")
    return os.path.dirname(os.path.abspath(list(package.__path__)[0]))


def digest_of(place):
    try:
        with open(place, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except FileNotFoundError:
        return None


def signatures_of(module):
    """What hive's build wrote into a compiled module."""
    try:
        found = importlib.util.find_spec(module)
    except ImportError:
        found = None
    if found is None or not found.origin or found.origin.endswith(".py"):
        return None
    with open(found.origin, "rb") as file:
        parts = file.read().split(b"hive-source ")[1:]
    return [part.split(b"\0", 1)[0].decode("ascii", "replace") for part in parts]


def path_of(kind):
    return f"{kind.__module__}.{kind.__qualname__}"


def loaded(loader, controller, config):
    """What Hummingbot's loader makes of one configuration."""
    data = {"controller_name": controller["name"], "controller_type": controller["type"], **(config or {})}
    try:
        instance = loader(data)
    except Exception as error:
        if config is not None or type(error).__name__ != "ValidationError":
            return {"error": words_of(error), "says": str(error), "kind": type(error).__name__}
        # Nobody has configured it; the refusal still says which class was asked.
        module = importlib.import_module(f"controllers.{controller['type']}.{controller['name']}")
        taken = getattr(module, error.title, None)
        if taken is None:
            return {"error": words_of(error), "says": str(error), "kind": type(error).__name__}
        instance = taken.model_construct()
    try:
        return {"config_class": path_of(type(instance)), "class": path_of(instance.get_controller_class())}
    except Exception as error:
        return {"config_class": path_of(type(instance)), "error": words_of(error), "says": str(error), "kind": "class"}


def main():
    with open("expected.json") as file:
        expected = json.load(file)
    answer = {"files": {}, "modules": {}, "engine": None, "controllers": []}
    folder = root()
    for path in expected["files"]:
        answer["files"][path] = digest_of(os.path.join(folder, path))
    for module in expected["modules"]:
        answer["modules"][module] = signatures_of(module)
    loader = None
    if expected["engine"]:
        try:
            base = importlib.import_module("hummingbot.strategy_v2.backtesting.backtesting_engine_base")
            loader = base.BacktestingEngineBase.get_controller_config_instance_from_dict
        except Exception as error:
            answer["engine"] = words_of(error)
    if loader is not None:
        for controller in expected["controllers"]:
            configs = controller["configs"] or [{"scenario": None, "config": None}]
            for config in configs:
                told = loaded(loader, controller, config["config"])
                answer["controllers"].append({"name": controller["name"], "scenario": config["scenario"], **told})
    json.dump(answer, answer_to)
    answer_to.flush()


main()
# Threads of libraries are not waited for.
os._exit(0)
