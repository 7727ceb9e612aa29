"""Runs every backtesting call of the installed hummingbot-api-client against a service, and prints what came as JSON.

usage: client.py URL USER PASSWORD REQUEST.json ORACLE.json
"""

import asyncio
import json
import sys
from importlib.metadata import version

import aiohttp
from hummingbot_api_client import HummingbotAPIClient

POLLS_MAX = 600


async def refused(call):
    """Returns the status and message with which a call is refused."""
    try:
        await call
    except aiohttp.ClientResponseError as error:
        return {"status": error.status, "message": error.message}
    return None


async def newest(backtesting, request):
    """The generation with tasks."""
    said = {"run": await backtesting.run(**request)}
    said["named"] = await backtesting.run(**{**request, "config": "walk.yml"})
    task = await backtesting.submit_task(**{**request, "trade_cost": 0.0004})
    said["submitted"] = task
    for _ in range(POLLS_MAX):
        found = await backtesting.get_task(task["task_id"])
        if found["status"] not in ("pending", "running"):
            break
        await asyncio.sleep(0.1)
    said["task"] = found
    said["tasks"] = await backtesting.list_tasks()
    said["deleted"] = await backtesting.delete_task(task["task_id"])
    said["gone"] = await refused(backtesting.get_task(task["task_id"]))
    said["empty"] = await refused(backtesting.run(request["start_time"], request["end_time"]))
    said["wrong"] = await refused(backtesting.run(**{**request, "start_time": "yesterday"}))
    return said


async def older(backtesting, request):
    """The generation before."""
    return {
        "run": await backtesting.run_backtesting(**request),
        "wrong": await refused(backtesting.run_backtesting(**{**request, "start_time": "yesterday"})),
    }


async def main():
    url, user, password, *files = sys.argv[1:]
    requests = []
    for file in files:
        with open(file, encoding="utf-8") as handle:
            requests.append(json.load(handle))
    request, oracle = requests
    async with HummingbotAPIClient(url, user, password) as client:
        calls = newest if hasattr(client.backtesting, "run") else older
        said = await calls(client.backtesting, request)
        run = getattr(client.backtesting, "run", None) or client.backtesting.run_backtesting
        said["oracle"] = await run(**oracle)
    async with HummingbotAPIClient(url, user, "not the password") as client:
        calls = client.backtesting
        said["locked"] = await refused(calls.list_tasks() if hasattr(calls, "list_tasks") else calls.run_backtesting(**request))
    said["version"] = version("hummingbot-api-client")
    print(json.dumps(said, allow_nan=False))


asyncio.run(main())
