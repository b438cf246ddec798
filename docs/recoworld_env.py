"""RecoWorld as a Gymnasium-style environment: reset(seed, options) -> (obs, info), step(slate) -> 5-tuple."""

import json
import subprocess


class RecoWorldEnv:
    def __init__(self, scenario="recoworld/CommuteFeed-v0", program="recoworld", **settings):
        sets = [part for field, value in settings.items() for part in ("--set", f"{field}={value}")]
        command = [program, "env", "--scenario", scenario, *sets]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        hello = self._read()
        if hello.get("protocol") != "recoworld/env-v1":
            raise RuntimeError(f"another protocol: {hello}")
        self.space = hello["space"]

    def _read(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the environment has ended; what it said is on standard error")
        return json.loads(line)

    def _ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        reply = self._read()
        if "error" in reply:
            raise ValueError(reply["error"]["message"])
        return reply

    def reset(self, *, seed=None, options=None):
        reply = self._ask(op="reset", seed=seed, options=options)
        return reply["observation"], reply["info"]

    def step(self, slate):
        reply = self._ask(op="step", slate=[int(item) for item in slate])
        return reply["observation"], reply["reward"], reply["terminated"], reply["truncated"], reply["info"]

    def items(self):
        return self._ask(op="items")["items"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()
