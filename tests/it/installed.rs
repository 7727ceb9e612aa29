//! The real Hummingbot, installed: from its wheels, compiled from its sdist, with a patch in what is compiled.
//!
//! Runs only where `HIVE_REQUIRE_UPSTREAM=1` is set, and fails there without a network, Python 3.12 or a compiler. Archives are
//! kept in the repository's own `.hive/cache`.

#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use hive::io::progress::NoProgress;
use hive::workflow::Options;
use hive::workflow::Project;
use hive::workflow::build::Refusal;
use hive::workflow::install;
use hive::workflow::install::Installed;
use hive::workflow::install::Variant;
use hive::workflow::wheel::Origin;
use tempfile::TempDir;

/// A setup as upstream's: what Cython generates stands beside its source, and is taken when it looks newer.
const SETUP: &str = "\
from Cython.Build import cythonize
from setuptools import find_packages, setup

setup(
    name='hummingbot',
    version='1',
    packages=find_packages(include=['hummingbot', 'hummingbot.*']),
    ext_modules=cythonize(['hummingbot/**/*.pyx'], language='c++', language_level=3),
)
";

const PYPROJECT: &str = "[build-system]\nrequires = [\"setuptools==80.8.0\", \"wheel\", \"cython==3.3.1\"]\n";

const SMALL_RECIPE: &str = r#"schema = 1
[recipe]
name = "small"
description = "a patch in a Cython source"
[upstream.path]
path = "upstream"
[python]
version = "3.12"
cut-off = 2026-11-15T00:00:00Z
[[patch]]
file = "patches/01_answer.patch"
why = "the answer is 42"
touches = ["hummingbot/small.pyx"]
[[patch]]
file = "patches/02_name.patch"
why = "a name that says it"
touches = ["hummingbot/plain.py"]
"#;

const ANSWER_PATCH: &str = "\
--- a/hummingbot/small.pyx
+++ b/hummingbot/small.pyx
@@ -1,4 +1,4 @@
 # A small module.
 def answer():
-    cdef int value = 41
+    cdef int value = 42
     return value
";

const NAME_PATCH: &str = "\
--- a/hummingbot/plain.py
+++ b/hummingbot/plain.py
@@ -1 +1 @@
-NAME = \"pristine\"
+NAME = \"patched\"
";

const HEADER: &str = r#"[[patch]]
file = "patches/03_header.patch"
why = "a header is compiled, too"
touches = ["hummingbot/small.h"]
"#;

const HEADER_PATCH: &str = "--- /dev/null\n+++ b/hummingbot/small.h\n@@ -0,0 +1 @@\n+#define SMALL 1\n";

/// A project in a temporary folder that shares the repository's downloads.
struct Place {
    folder: TempDir,
}

fn place() -> Option<Place> {
    if std::env::var_os("HIVE_REQUIRE_UPSTREAM").is_none_or(|value| value != "1") {
        eprintln!("skipped: the real Hummingbot is installed where HIVE_REQUIRE_UPSTREAM=1 is set");
        return None;
    }
    let folder = TempDir::new().expect("a temporary folder");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::create_dir_all(root.join(".hive/cache")).expect("the repository can be written");
    fs::create_dir(folder.path().join(".hive")).expect("the folder is ours");
    #[cfg(unix)]
    std::os::unix::fs::symlink(root.join(".hive/cache"), folder.path().join(".hive/cache"))
        .expect("the folder is ours");
    for name in ["recipes", "patches"] {
        copy(&root.join(name), &folder.path().join(name));
    }
    fs::copy(root.join("hive.lock"), folder.path().join("hive.lock")).expect("the lock is there");
    Some(Place { folder })
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.expect("a folder of ours can be listed");
        let place = to.join(entry.path().strip_prefix(from).expect("it is below"));
        if entry.file_type().is_dir() {
            fs::create_dir_all(place).expect("the folder is ours");
        } else {
            fs::copy(entry.path(), place).expect("the folder is ours");
        }
    }
}

impl Place {
    fn project(&self) -> Project {
        Project::at(self.folder.path())
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("the folder is ours");
        fs::write(path, text).expect("the folder is ours");
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect("the file is there")
    }

    /// Makes a project of a tree with one Cython module.
    fn small(&self) {
        self.write("recipes/small.toml", SMALL_RECIPE);
        self.write("patches/01_answer.patch", ANSWER_PATCH);
        self.write("patches/02_name.patch", NAME_PATCH);
        self.write("upstream/setup.py", SETUP);
        self.write("upstream/pyproject.toml", PYPROJECT);
        self.write("upstream/hummingbot/__init__.py", "");
        self.write("upstream/hummingbot/VERSION", "2.16.0\n");
        self.write("upstream/hummingbot/plain.py", "NAME = \"pristine\"\n");
        let source = "# A small module.\ndef answer():\n    cdef int value = 41\n    return value\n";
        self.write("upstream/hummingbot/small.pyx", source);
        // As new as its source, and of no use: who takes it cannot compile.
        self.write("upstream/hummingbot/small.cpp", "/* Generated by Cython 3.0.0 */\n#error \"stale\"\n");
    }

    /// Runs hive and returns its exit code with all that it said.
    fn hive(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hive"));
        command.args(arguments).current_dir(self.folder.path()).env("COLUMNS", "100");
        let output = command.output().expect("the binary is there");
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&said).into_owned())
    }

    fn obtain(&self, recipe: &str, variant: Variant) -> Installed {
        let project = self.project();
        let loaded = project.load(&format!("recipes/{recipe}.toml")).expect("the recipe is sound");
        made(install::obtain(&project, &loaded, variant, Options::default(), &NoProgress))
    }
}

fn made(made: Result<Installed, Refusal>) -> Installed {
    match made {
        Ok(installed) => installed,
        Err(Refusal::Error(error)) => panic!("{}", hive::cli::diagnostic::draw(error.as_ref(), false, 100)),
        Err(Refusal::Findings(findings)) => panic!("{findings:?}"),
    }
}

/// Runs a line of Python in an environment.
fn answer(python: &Path, line: &str) -> String {
    let output = Command::new(python).args(["-c", line]).current_dir("/").output().expect("there is a Python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

const ENGINE: &str = "from hummingbot.strategy_v2.backtesting.backtesting_engine_base import BacktestingEngineBase as B; \
                      print(B.__name__)";

#[test]
fn a_patched_cython_source_is_in_the_compiled_module() {
    let Some(place) = place() else { return };
    place.small();
    let pristine = place.obtain("small", Variant::Pristine);
    let patched = place.obtain("small", Variant::Patched);
    let line = "import hummingbot.small as s, hummingbot.plain as p; print(s.__file__[-3:], s.answer(), p.NAME)";
    assert_eq!(answer(&pristine.python, line), ".so 41 pristine");
    assert_eq!(answer(&patched.python, line), ".so 42 patched");
    let seen = &patched.proofs[0].seen;
    assert_eq!(seen, "`hummingbot.small` was generated from the patched `hummingbot/small.pyx`");
    assert!(place.obtain("small", Variant::Patched).from_cache);
    // Python alone is laid over what was compiled before.
    place.write("patches/02_name.patch", &NAME_PATCH.replace("\"patched\"", "\"other\""));
    let other = place.obtain("small", Variant::Patched);
    assert_eq!(answer(&other.python, line), ".so 42 other");
    let (Origin::Built { inputs: before, .. }, Origin::Built { inputs, from_cache }) = (&patched.origin, &other.origin)
    else {
        panic!("both are compiled: {:?}, {:?}", patched.origin, other.origin);
    };
    assert_eq!((inputs, from_cache), (before, &true));
    // A header is proven by every module that was compiled with it.
    let recipe = place.read("recipes/small.toml") + HEADER;
    place.write("recipes/small.toml", &recipe);
    place.write("patches/03_header.patch", HEADER_PATCH);
    let other = place.obtain("small", Variant::Patched);
    assert!(other.proofs[2].seen.starts_with("every module was compiled with the patched `hummingbot/small.h`"));
    // The tree was not written to.
    assert!(place.read("upstream/hummingbot/small.cpp").contains("stale"));
    assert!(!place.path("upstream/hummingbot.egg-info").exists());
}

#[test]
fn a_source_that_does_not_compile() {
    let Some(place) = place() else { return };
    place.small();
    place.write(
        "patches/01_answer.patch",
        &ANSWER_PATCH.replace("+    cdef int value = 42", "+    cdef int value = =42"),
    );
    let (code, said) = place.hive(&["build", "small", "--into", "env", "--install"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("HV0370") && said.contains("hummingbot/small.pyx:3"), "{said}");
    assert!(!place.path("env").exists());
}

#[test]
fn wheels_are_patched_in_place() {
    let Some(place) = place() else { return };
    let build = ["build", "backtesting-api", "--install", "--into"];
    let (code, said) = place.hive(&[&build[..], &["env"]].concat());
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("119 packages as locked, Hummingbot from the published wheel"), "{said}");
    assert!(said.contains("configuration of scenario `pmm-dynamic-2` accepted"), "{said}");
    assert_eq!(answer(&place.path("env/bin/python"), ENGINE), "BacktestingEngineBase");
    // Once more elsewhere, with nothing but what is there.
    let (code, said) = place.hive(&[&build[..], &["again", "--frozen"]].concat());
    assert_eq!(code, 0, "{said}");
    assert_eq!(answer(&place.path("again/bin/python"), ENGINE), "BacktestingEngineBase");
    // What uv keeps in its cache is not what was patched.
    let patched = "lib/python3.12/site-packages/hummingbot/strategy_v2/backtesting/backtesting_engine_base.py";
    let digest = hive::io::files::sha256_of_file(&place.path("env").join(patched)).expect("the file is there");
    assert!(digest.starts_with("fd3fa59589fd0275"), "{digest}");
}

#[test]
fn another_release_is_installed_under_its_own_date() {
    let Some(place) = place() else { return };
    let project = place.project();
    let loaded = project.load("recipes/backtesting-api.toml").expect("the recipe is sound");
    let other = install::at_release(&loaded, "20251103", None);
    let installed = made(install::obtain(&project, &other, Variant::Pristine, Options::default(), &NoProgress));
    assert!(matches!(installed.origin, Origin::Wheel { .. }), "{:?}", installed.origin);
    assert!(!installed.is_locked);
    assert_eq!(answer(&installed.python, ENGINE), "BacktestingEngineBase");
    let offline = Options { offline: true, ..Options::default() };
    assert!(made(install::obtain(&project, &other, Variant::Pristine, offline, &NoProgress)).from_cache);
}

#[test]
fn the_newest_release_is_compiled_from_its_sdist() {
    let Some(place) = place() else { return };
    let installed = place.obtain("latest", Variant::Patched);
    assert!(matches!(installed.origin, Origin::Built { .. }), "{:?}", installed.origin);
    assert!(installed.is_locked);
    assert_eq!(answer(&installed.python, ENGINE), "BacktestingEngineBase");
    let compiled = answer(
        &installed.python,
        "import hummingbot, pathlib; print(len(list(pathlib.Path(hummingbot.__path__[0]).rglob('*.so'))))",
    );
    assert_eq!(compiled, "24");
}

#[test]
fn a_conflict_is_explained() {
    let Some(place) = place() else { return };
    let recipe = place.read("recipes/backtesting-api.toml");
    let recipe = recipe.replace("override = [\"numpy==2.2.6\", \"pandas-ta==0.4.71b0\"]\n", "");
    place.write("recipes/backtesting-api.toml", &recipe);
    let (code, said) = place.hive(&["lock", "backtesting-api"]);
    assert_eq!(code, 2, "{said}");
    for words in ["HV0376", "pandas-ta", "numpy>=2.2.6", "`override` wins"] {
        assert!(said.contains(words), "{words} in\n{said}");
    }
    assert_eq!(place.read("hive.lock"), fs::read_to_string(lock()).expect("the lock is there"), "nothing was written");
}

fn lock() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("hive.lock")
}

/// A class that no reader of the source can see.
const SHADOW: &str = "

def _made():
    class AConfig(PMMDynamic2ControllerConfig):
        pass

    return AConfig


globals().update(AConfig=_made())
";

#[test]
fn the_loader_has_the_last_word() {
    let Some(place) = place() else { return };
    let controller = "recipes/controllers/market_making/pmm_dynamic_2.py";
    let (recipe, source) = (place.read("recipes/backtesting-api.toml"), place.read(controller));
    let build = ["build", "backtesting-api", "--install", "--into", "env"];
    place.write(controller, &(source.clone() + SHADOW));
    let (code, said) = place.hive(&build);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("HV0385") && said.contains("AConfig"), "{said}");
    place.write(controller, &source);
    let wrong = recipe.replace("executor_refresh_time = 600", "executor_refresh_time = 600\nnonsense = 3");
    place.write("recipes/backtesting-api.toml", &wrong);
    let (code, said) = place.hive(&build);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("HV0386") && said.contains("nonsense"), "{said}");
    assert!(!place.path("env").exists());
}
