"""Runs a Python program of hive's inside an environment: without a network, with a bound on memory, and not longer than hive.

Started as `python -s guard.py MEMORY_MB ENTRY ARGUMENT...` in a folder of its own. Nothing outside the standard library is
imported before the program is.
"""

import os
import runpy
import sys

# What `hive` takes for the end of memory; no program of ours uses it.
OUT_OF_MEMORY = 250


def die_with_parent():
    try:
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(1, 9, 0, 0, 0)
        return libc
    except Exception:
        return None


def leave_the_network(libc):
    """Moves into a network without anything in it, where the kernel lets us."""
    new_user, new_network = 0x10000000, 0x40000000
    user, group = os.getuid(), os.getgid()

    def unshare(flags):
        return libc is not None and hasattr(libc, "unshare") and libc.unshare(flags) == 0

    if unshare(new_network):
        return
    if not unshare(new_user | new_network):
        return
    try:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    except OSError:
        # Without a map the program has no name, and what it may do is the same.
        pass


def refuse_the_network():
    """Refuses names and connections in Python's own words, which say why."""
    import socket

    refused = {
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
        "socket.sendto",
        "socket.sendmsg",
    }
    local = getattr(socket, "AF_UNIX", None)

    def hook(event, arguments):
        if event in refused:
            if arguments and getattr(arguments[0], "family", None) == local and local is not None:
                return
            raise ConnectionRefusedError(f"there is no network in here: {event} {arguments[1:] or arguments}")

    sys.addaudithook(hook)


def bound_the_memory(megabytes):
    try:
        import resource

        # hive counts what is resident and stops the program; this stops an allocation that is faster than that.
        most = 2 * megabytes * 1024 * 1024
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):
        pass


def main():
    megabytes, entry = int(sys.argv[1]), sys.argv[2]
    libc = die_with_parent()
    leave_the_network(libc)
    bound_the_memory(megabytes)
    refuse_the_network()
    sys.argv = sys.argv[2:]
    folder = os.path.dirname(os.path.abspath(entry))
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        runpy.run_path(entry, run_name="__main__")
    except MemoryError:
        sys.stderr.write("hive: the program asked for more memory than it may have\n")
        sys.stderr.flush()
        os._exit(OUT_OF_MEMORY)


main()
