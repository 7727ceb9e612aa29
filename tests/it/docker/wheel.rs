//! A wheel that is compiled in a builder container, from a patched tree to what is imported.
//!
//! What it is built with comes from the package index, so that this runs where `HIVE_REQUIRE_UPSTREAM=1` says that there is
//! one.

use std::env;
use std::fs;

use hive::io::docker::Engine;
use hive::io::progress::NoProgress;
use hive::io::script::Ended;
use hive::io::script::Script;
use hive::recipe::resolve::Limits;
use hive::workflow::Options;
use hive::workflow::Project;
use hive::workflow::builder::Builder;
use hive::workflow::install;
use hive::workflow::install::Variant;
use hive::workflow::wheel::Origin;
use tempfile::TempDir;

use crate::docker::base;
use crate::docker::engine;

const RECIPE: &str = r#"schema = 1
[recipe]
name = "small"
description = "one module that is compiled"
[upstream.path]
path = "tree"
[python]
version = "3.12"
cut-off = 2026-11-15T00:00:00Z
build-requires = ["setuptools==80.8.0", "wheel==0.48.0", "cython==3.3.1"]
[[patch]]
file = "patches/small/01_answer.patch"
why = "the answer is another one"
touches = ["hummingbot/fast.pyx"]
"#;

const PATCH: &str = "--- a/hummingbot/fast.pyx\n+++ b/hummingbot/fast.pyx\n@@ -1,2 +1,2 @@\n def answer():\n-    return 41\n+    return 42\n";

const SETUP: &str = "from Cython.Build import cythonize\nfrom setuptools import Extension, setup\n\
    setup(name=\"hummingbot\", version=\"1\", packages=[\"hummingbot\"],\n\
    \x20     ext_modules=cythonize([Extension(\"hummingbot.fast\", [\"hummingbot/fast.pyx\"], language=\"c++\")]))\n";

/// A project whose tree holds what an earlier translation has left, which must not be compiled.
fn project() -> (TempDir, Project) {
    let folder = TempDir::new().expect("a temporary folder");
    let files = [
        ("recipes/small.toml", RECIPE),
        ("patches/small/01_answer.patch", PATCH),
        ("tree/setup.py", SETUP),
        ("tree/pyproject.toml", "[build-system]\nrequires = [\"setuptools\", \"cython\"]\n"),
        ("tree/hummingbot/__init__.py", ""),
        ("tree/hummingbot/VERSION", "20260922\n"),
        ("tree/hummingbot/fast.pyx", "def answer():\n    return 41\n"),
        ("tree/hummingbot/fast.cpp", "#error what was generated before the patch\n"),
    ];
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("it is below")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    let project = Project::discover(folder.path());
    (folder, project)
}

/// Compiles, and returns the module with its name.
fn compiled(engine: &Engine, image: &str, project: &Project) -> (String, Vec<u8>) {
    let loaded = project.load("recipes/small.toml").expect("it is a recipe");
    let builder = Builder::new(engine, image).expect("it is there");
    let (variant, options) = (Variant::Patched, Options::default());
    let files = install::hummingbot_tree_in(project, &loaded, variant, &builder, options, &NoProgress);
    let files = files.unwrap_or_else(|refusal| panic!("{refusal:?}"));
    assert!(matches!(files.origin, Origin::Built { from_cache: false, .. }), "{:?}", files.origin);
    let found = files.tree.files().expect("it can be read");
    let module = found.iter().find(|file| file.path.contains(".cpython-312-")).unwrap_or_else(|| panic!("{found:?}"));
    (module.path.clone(), files.tree.read(&module.path).expect("it can be read").expect("it is there"))
}

#[test]
fn a_patched_module_is_translated_and_compiled_in_a_container() {
    if env::var("HIVE_REQUIRE_UPSTREAM").is_ok_and(|value| value == "1") {
        let Some(engine) = engine() else { return };
        let image =
            base::builder(&engine).expect("HIVE_REQUIRE_UPSTREAM=1 says that Python 3.12 is there, and so is g++");
        let (_folder, project) = project();
        let (path, bytes) = compiled(&engine, &image, &project);
        let sign = b"hive-source hummingbot/fast.pyx sha256:";
        assert!(bytes.windows(sign.len()).any(|window| window == sign), "the module says what it is made of");
        let name = path.rsplit('/').next().expect("a name").to_owned();
        let script = Script {
            files: [(name, bytes.clone()), ("main.py".to_owned(), b"import fast; print(fast.answer())".to_vec())]
                .into(),
            entry: "main.py".to_owned(),
            arguments: Vec::new(),
            limits: Limits { timeout_s: 60, memory_mb: 256 },
        };
        let output = engine.run_script(&image, &["python3.12".to_owned()], &script, &mut |_| {}).expect("it runs");
        assert_eq!((output.ended, output.stdout.as_slice()), (Ended::Exit(0), b"42\n".as_slice()), "{}", output.talk);
        fs::remove_dir_all(project.path(".hive/cache/built")).expect("it was built");
        assert!(compiled(&engine, &image, &project).1 == bytes, "the same bytes each time");
    } else {
        skip_upstream();
    }
}

#[expect(clippy::print_stderr, reason = "a test has no other way to say that it proves nothing")]
fn skip_upstream() {
    eprintln!("skipped: HIVE_REQUIRE_UPSTREAM is not 1");
}
