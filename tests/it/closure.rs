//! The Python closure without uv: what is read of its answers, what the lock keeps, when that is taken over.

use hive::io::index::wheel::Os;
use hive::io::index::wheel::Platform;
use hive::io::python;
use hive::io::uv;
use hive::io::uv::pylock;
use hive::recipe::closure;
use hive::recipe::closure::Closure;
use hive::recipe::closure::Pin;
use hive::recipe::closure::Source;
use hive::recipe::lock::Lock;
use hive::recipe::resolve;
use hive::recipe::resolve::Recipe;
use hive::workflow::closure::carried_over;
use hive::workflow::install::at_release;
use hive::workflow::project::Loaded;

const RECIPE: &str = r#"schema = 1
[recipe]
name = "demo"
description = "a closure"
[upstream.pypi]
package = "hummingbot"
version = "20250609"
[python]
version = "3.12"
cut-off = 2025-09-25T00:00:00Z
requires = ["pandas-ta==0.4.71b0"]
override = ["numpy==2.2.6"]
"#;

struct Nothing;

impl resolve::Project for Nothing {
    fn exists(&self, _path: &str) -> bool {
        false
    }

    fn read(&self, _path: &str) -> Option<String> {
        None
    }
}

fn recipe(text: &str) -> Recipe {
    resolve::resolve("recipes/demo.toml", text, &Nothing).expect("the recipe is sound")
}

fn linux() -> Platform {
    Platform { os: Os::Linux, arch: "x86_64".to_owned(), glibc: Some((2, 28)), python: (3, 12) }
}

/// Returns a file of a package as uv writes it.
fn file(name: &str, digit: char) -> String {
    let digest = digit.to_string().repeat(64);
    format!("{{ url = \"https://index.test/packages/{name}\", size = 1, hashes = {{ sha256 = \"{digest}\" }} }}")
}

#[track_caller]
fn check(package: &str, expected: &str) {
    let found = match pylock::pins(&format!("lock-version = \"1.0\"\n{package}"), &linux()) {
        Ok(pins) => {
            let lines = pins.iter().map(|pin| format!("{} {} {}", pin.name, pin.version, &pin.sha256[..1]));
            lines.collect::<Vec<_>>().join("\n")
        }
        Err(error) => format!("{error}"),
    };
    assert_eq!(found, expected);
}

#[test]
fn one_file_a_package() {
    let package = |name: &str, version: &str, rest: &str| {
        format!("[[packages]]\nname = \"{name}\"\nversion = \"{version}\"\n{rest}\n")
    };
    let pure = file("wrapt-2.5.2-py3-none-any.whl", 'a');
    let old = file("wrapt-2.5.2-cp312-cp312-manylinux1_x86_64.manylinux_2_5_x86_64.whl", 'b');
    let new = file("wrapt-2.5.2-cp312-cp312-manylinux_2_39_x86_64.whl", 'c');
    let arm = file("wrapt-2.5.2-cp312-cp312-manylinux_2_17_aarch64.whl", 'd');
    let sdist = format!("sdist = {}", file("wrapt-2.5.2.tar.gz", 'e'));
    let wheels = |wheels: &[&String]| {
        let list: Vec<&str> = wheels.iter().map(|wheel| wheel.as_str()).collect();
        format!("{sdist}\nwheels = [{}]", list.join(", "))
    };
    let wrapt = |rest: &str| package("Wrapt", "2.5.2", rest);
    check(&wrapt(&wheels(&[&pure, &old, &new, &arm])), "wrapt 2.5.2 b");
    check(&wrapt(&wheels(&[&new, &pure])), "wrapt 2.5.2 a");
    check(&wrapt(&wheels(&[&new, &arm])), "wrapt 2.5.2 e");
    check(&wrapt(&sdist), "wrapt 2.5.2 e");
    check(
        &wrapt(&format!("wheels = [{new}]")),
        "`wrapt` 2.5.2 has no file for CPython 3.12 on linux x86_64 with glibc 2.28",
    );
    let unhashed = "sdist = { url = \"https://index.test/wrapt-2.5.2.tar.gz\", hashes = {} }";
    check(
        &wrapt(unhashed),
        "`wrapt` 2.5.2 has no file for CPython 3.12 on linux x86_64 with glibc 2.28 whose sha256 the index publishes",
    );
    // A tree that was asked for its requirements is no package; names stand in order whatever uv's.
    let tree = package("hummingbot", "1", "directory = { path = \"tree\" }");
    check(&(wrapt(&sdist) + &package("attrs", "1", &sdist) + &tree), "attrs 1 e\nwrapt 2.5.2 e");
    check("", "");
    check("packages = 3", "uv's `pylock.toml` cannot be read");
}

#[test]
fn which_uv_will_do() {
    assert_eq!(uv::version_of("uv 0.13.9 (x86_64-unknown-linux-gnu)\n").as_deref(), Some("0.13.9"));
    assert_eq!(uv::version_of("uv 1.0.0").as_deref(), Some("1.0.0"));
    for other in ["uv 0.6.17", "pip 25.0", "uv", "", "uv x.y"] {
        assert_eq!(uv::version_of(other), None, "{other}");
    }
}

fn closure() -> Closure {
    let pin =
        |name: &str, version: &str| Pin { name: name.to_owned(), version: version.to_owned(), sha256: "0f".repeat(32) };
    Closure {
        run: vec![pin("numpy", "2.2.6"), pin("ta-lib", "0.6.8")],
        build: vec![pin("cython", "3.3.1")],
        source: Source::Wheel("ab".repeat(32)),
    }
}

#[test]
fn facts_are_read_back() {
    for closure in [
        closure(),
        Closure { source: Source::Tree, build: Vec::new(), ..closure() },
        Closure { run: closure().run[..1].to_vec(), ..closure() },
    ] {
        let mut lock = Lock::default();
        lock.recipes.insert("demo".to_owned(), closure.facts("sha256:1"));
        let read = Lock::parse("hive.lock", &lock.render()).expect("a lock that was written");
        let facts = &read.recipes["demo"];
        assert_eq!(Closure::from_facts(facts, "sha256:1"), Some(closure));
        assert_eq!(Closure::from_facts(facts, "sha256:2"), None, "asked for otherwise");
    }
    assert_eq!(closure().ta_lib(), Some("0.6.8"));
    let mut lost = closure().facts("sha256:1");
    lost.retain(|key, _| key.words() != ["python", "run", "ta-lib"]);
    assert_eq!(Closure::from_facts(&lost, "sha256:1"), None, "the lock says that TA-Lib is there");
}

/// Returns the facts of the closure that a lock of `RECIPE` gives to a recipe.
fn kept(text: &str) -> usize {
    let checksum = carried_over(&recipe(RECIPE), None);
    let (_, checksum) = checksum.first().expect("a recipe with a closure has one fact of it");
    let mut lock = Lock::default();
    lock.recipes.insert("demo".to_owned(), closure().facts(checksum));
    carried_over(&recipe(text), Some(&lock)).len()
}

#[test]
fn pins_are_taken_over_as_long_as_the_inputs_are_the_same() {
    assert_eq!(kept(RECIPE), 6);
    // What decides nothing.
    assert_eq!(kept(&RECIPE.replace("a closure", "another description")), 6);
    assert_eq!(kept(&format!("{RECIPE}extensions = \"backtesting\"\n")), 6);
    for (from, to) in [
        ("version = \"3.12\"", "version = \"3.13\""),
        ("2025-09-25", "2025-09-26"),
        ("[\"pandas-ta==0.4.71b0\"]", "[]"),
        ("numpy==2.2.6", "numpy==2.2.5"),
        ("20250609", "20250612"),
        ("override =", "exclude = [\"pysha3\"]\noverride ="),
        ("override =", "build-requires = [\"cython\"]\noverride ="),
        ("package =", "artifact = \"wheel\"\npackage ="),
    ] {
        assert_eq!(kept(&RECIPE.replacen(from, to, 1)), 1, "{from} -> {to}: only what was asked for is known");
    }
    let without = RECIPE.split("[python]").next().expect("there is a table");
    assert_eq!(kept(without), 0);
}

#[test]
fn inputs_name_no_index() {
    insta::assert_snapshot!(closure::inputs(&recipe(RECIPE)).expect("there is `[python]`"), @r"
    closure 1
    platform linux x86_64 glibc 2.28
    upstream pypi hummingbot 20250609 sdist
    python 3.12
    cut-off 1758758400
    requires pandas-ta==0.4.71b0
    override numpy==2.2.6
    ");
}

/// Checks under which cut-off another release is asked for.
#[track_caller]
fn check_release(release: &str, published: Option<i64>, expected: &str) {
    let loaded = Loaded { text: RECIPE.to_owned(), recipe: recipe(RECIPE) };
    let other = at_release(&loaded, release, published).recipe;
    assert_eq!(other.upstream.version(), Some(release));
    let cut_off = other.python.and_then(|python| python.cut_off).expect("the recipe has one");
    assert_eq!(jiff::Timestamp::from_second(cut_off).expect("it is a moment").to_string(), expected);
}

#[test]
fn another_release_is_seen_under_a_later_cut_off() {
    check_release("20250525", None, "2025-09-25T00:00:00Z");
    check_release("20251103", None, "2025-11-05T00:00:00Z");
    check_release("20251103.dev1", None, "2025-11-05T00:00:00Z");
    check_release("20251103", Some(1_762_300_800), "2025-11-06T00:00:00Z");
    check_release("2.6.0", None, "2025-09-25T00:00:00Z");
}

#[test]
fn an_interpreter_that_nobody_has() {
    let error = python::find("3.99").expect_err("nobody has it");
    assert!(error.to_string().starts_with("there is no CPython 3.99 on this machine"), "{error}");
}
