"""Builds Hummingbot's wheel for hive: upstream's own `setup.py`, with a say in which modules are compiled.

Started in the folder of the sources as `python compile.py JOBS INPUTS OUT MODULE...`; all modules without any.
Into each module goes a line of text that says which source it was generated from, so that the product can prove it.
"""

import glob
import hashlib
import os
import runpy
import sys

JOBS, INPUTS, OUT, WANTED = int(sys.argv[1]), sys.argv[2], sys.argv[3], set(sys.argv[4:])

# Everything is talk: the wheel is the answer.
os.dup2(2, 1)
sys.path.insert(0, os.getcwd())

import Cython.Build  # noqa: E402
import setuptools  # noqa: E402

cythonize, setup = Cython.Build.cythonize, setuptools.setup


def module_of(path):
    return os.path.splitext(os.path.normpath(path))[0].replace(os.sep, ".")


def only_wanted(sources):
    chosen = []
    for source in [sources] if isinstance(sources, str) else list(sources):
        if not isinstance(source, str):
            if not WANTED or source.name in WANTED:
                chosen.append(source)
            continue
        for path in sorted(glob.glob(source, recursive=True)):
            if not WANTED or module_of(path) in WANTED:
                chosen.append(path)
    return chosen


def sign(extension):
    """Appends to what Cython generated which source it was generated from."""
    for generated in extension.sources:
        stem, ending = os.path.splitext(generated)
        source = stem + ".pyx"
        if ending not in (".c", ".cpp") or not os.path.exists(source):
            continue
        with open(source, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        path = os.path.normpath(source).replace(os.sep, "/")
        text = f"hive-source {path} sha256:{digest} inputs:{INPUTS}"
        with open(generated, "a") as file:
            file.write(f'\n__attribute__((used)) static const char hive_source[] = "{text}";\n')
    extension.extra_compile_args = [*(extension.extra_compile_args or []), "-g0"]


def our_cythonize(module_list, *arguments, **options):
    options["force"] = True
    options["nthreads"] = JOBS
    chosen = only_wanted(module_list)
    print(f"hive: {len(chosen)} modules", flush=True)
    if not chosen:
        return []
    return cythonize(chosen, *arguments, **options)


def our_setup(*arguments, **options):
    for extension in options.get("ext_modules") or []:
        sign(extension)
    options.setdefault("options", {}).setdefault("build_ext", {})["parallel"] = JOBS
    return setup(*arguments, **options)


Cython.Build.cythonize = our_cythonize
setuptools.setup = our_setup
sys.argv = ["setup.py", "bdist_wheel", "--dist-dir", OUT]
runpy.run_path("setup.py", run_name="__main__")
