"""Drives the stand-in for Slack with Slack's own SDKs; ends with 1 at the first difference.

    python3 tests/stand_in/slack/judge/judge.py target/debug/examples/stand_in

Needs slack_sdk and slack_bolt.
"""

import json
import logging
import subprocess
import sys
import time
import warnings

import town
from bolt import bolt_by_http, bolt_by_socket
from later import later
from sockets import sockets
from web import web_api


def main():
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    program = subprocess.Popen([sys.argv[1], "slack", "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        place = town.Town(json.loads(program.stdout.readline()))
        for part in (web_api, sockets, bolt_by_socket, bolt_by_http, later):
            began = time.monotonic()
            part(place)
            print(f"{part.__name__}: as Slack's own SDKs want it ({time.monotonic() - began:.1f} s)", flush=True)
        print(f"{town.counted} checks")
    finally:
        program.terminate()
        program.wait()


if __name__ == "__main__":
    main()
