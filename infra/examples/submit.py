"""Submits one job to the queue and prints what became of it. Needs nats-py and nkeys.

    OWNER=... SEED=SU... INBOX=_INBOX_U... python submit.py "Say hello"

The contract is in docs/queue.md.
"""

import asyncio
import hashlib
import json
import os
import sys

import nats


async def main() -> None:
    owner, group, name = os.environ["OWNER"], "examples", "hello-1"
    nc = await nats.connect(
        os.environ.get("NATS_URL", "nats://127.0.0.1:4222"),
        nkeys_seed_str=os.environ["SEED"],
        inbox_prefix=os.environ["INBOX"].encode(),
    )
    body = {"model": os.environ.get("MODEL", "sandbox/echo"), "messages": [{"role": "user", "content": sys.argv[1]}]}
    await nc.jetstream().publish(f"submit.v1.{owner}.batch.{group}.{name}", json.dumps(body).encode())

    job = "job_" + hashlib.sha256(f"{owner}\n{group}\n{name}".encode()).hexdigest()[:32]
    while True:
        end = await nc.request(f"HR.API.DIRECT.GET.RUNS.runs.{owner}.{group}.{job}.end", b"", timeout=5)
        if end.headers and end.headers.get("Nats-Subject"):
            break
        await asyncio.sleep(0.5)
    facts, _, answer = end.data.partition(b"\n")
    print(json.loads(facts)["state"], answer.decode())
    await nc.close()


asyncio.run(main())
