"""Runs a probe: passes where it ends by itself with 0, fails where it does not, and knows nothing where it cannot import.

Started as `probe.py PROBE`. A probe that fails has its reason on the last line of standard error.
"""
import runpy
import sys

# What `hive` takes for a probe that could not ask; no probe uses it.
UNDECIDED = 251


def main():
    probe = sys.argv[1]
    sys.argv = [probe]
    try:
        import hummingbot

        # Settings and logs of Hummingbot's belong into this folder, not into the environment.
        hummingbot.set_prefix_path(sys.path[0])
    except (ImportError, AttributeError):
        pass
    try:
        runpy.run_path(probe, run_name="__main__")
    except (ImportError, SyntaxError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        sys.exit(UNDECIDED)


main()
