//! The guard guarded: what it must refuse, and what it must let pass.

use std::collections::BTreeSet;

use super::FLOORS;
use super::MACHINES;
use super::PLANNED;
use super::REGISTRIES;
use super::code;
use super::domain;
use super::manifest;
use super::places;
use super::source;
use super::standing;
use super::table;
use super::unfinished;

#[track_caller]
fn check(problems: &[String], expected: &[&str]) {
    assert_eq!(problems, expected);
}

/// Checks the body of a file under `src/` whose first line is in order.
#[track_caller]
fn check_source(file: &str, body: &str, expected: &[&str]) {
    check(&source(file, &format!("//! Which question?\n{body}")), expected);
}

#[test]
fn imports_go_down() {
    check_source("src/engine/replay.rs", "use crate::controller::Action;\nuse crate::engine::Profile;", &[]);
    check_source("src/cli/mod.rs", "fn main() { crate::workflow::test::test(); }", &[]);
    check_source("src/main.rs", "fn main() { hive::cli::main() }", &[]);
    check_source("src/io/mod.rs", "use crate::{recipe::lock::Lock, market::{Candles, Side as Direction}};", &[]);
}

#[test]
fn uphill_imports_are_refused() {
    let refusal = |line: usize| format!("src/market/side.rs:{line}: floor `market` may not import `engine`");
    for body in [
        "use crate::engine::Replay;",
        "pub use crate::engine;",
        "use crate::{engine::Replay};",
        "use crate::{market::{Side, candles}, engine::{self}};",
        "fn f(replay: &crate::engine::Replay) {}",
        "fn f() { let quote = '\"'; crate :: engine :: run(); }",
        "type T = Vec<<crate::engine::Replay as Iterator>::Item>;",
        "use super::super::engine::Replay;",
        "use self::super::super::engine::Replay;",
        "use super::{super::engine::Replay};",
        "macro_rules! m { () => { $crate::engine::run() } }",
        "/* a /* nested */ comment */ use crate::engine::Replay;",
        "fn f<'a>(text: &'a str) -> char { crate::engine::first('\\'', text) }",
    ] {
        check_source("src/market/side.rs", body, &[&refusal(2)]);
    }
    check_source(
        "src/market/side.rs",
        "const TEXT: &str = r#\"a \" quote\nin two lines\"#;\nuse crate::engine::Replay;",
        &[&refusal(4)],
    );
}

#[test]
fn a_face_imports_use_cases_alone() {
    check_source(
        "src/cli/test.rs",
        "use crate::golden::Metric;",
        &["src/cli/test.rs:2: floor `cli` may not import `golden`"],
    );
    check_source(
        "src/main.rs",
        "fn main() { hive::workflow::run() }",
        &["src/main.rs:2: floor `main` may not import `workflow`"],
    );
    check_source(
        "src/workflow/test.rs",
        "use crate::cli::print::Printer;",
        &["src/workflow/test.rs:2: floor `workflow` may not import `cli`"],
    );
}

#[test]
fn everything_at_once_is_no_import() {
    check_source("src/market/mod.rs", "use crate::*;", &["src/market/mod.rs:2: floor `market` may not import `*`"]);
    check_source(
        "src/market/mod.rs",
        "use super::engine::Replay;",
        &["src/market/mod.rs:2: floor `market` may not import `engine`"],
    );
}

#[test]
fn talk_is_no_import() {
    check_source(
        "src/market/decimal/mod.rs",
        "//! See [`crate::engine`].\n// use crate::engine;\n/* crate::engine */\nconst TEXT: &str = \"crate::engine \\\" std::fs\";\n\
         const RAW: &[u8] = br##\"crate::engine \"# HashMap\"##;\nuse super::super::market::Side;\nuse super::Side;",
        &[],
    );
}

#[test]
fn the_domain_is_pure() {
    for (body, name, why) in [
        ("let now = std::time::Instant::now();", "Instant::now", "time is an argument"),
        ("let now = SystemTime::now();", "SystemTime::now", "time is an argument"),
        ("let now = jiff::Timestamp::now();", "Timestamp::now", "time is an argument"),
        ("use std::fs;", "std::fs", "files belong to `io`"),
        ("use std::{fmt, fs::File};", "std::fs", "files belong to `io`"),
        ("use ::std::net::TcpStream;", "std::net", "the network belongs to `io`"),
        ("std::process::exit(1);", "std::process", "processes belong to `io`"),
        ("let home = std::env::var(\"HOME\");", "std::env", "the environment is an argument"),
        (
            "let map: HashMap<u8, u8> = f();",
            "HashMap",
            "its order differs from run to run; take `BTreeMap` or `IndexMap`",
        ),
        (
            "use std::collections::{BTreeMap, HashSet};",
            "HashSet",
            "its order differs from run to run; take `BTreeSet` or `IndexSet`",
        ),
        ("let dice = rand::random();", "rand", "a seed is an argument"),
    ] {
        check_source("src/golden/mod.rs", body, &[&format!("src/golden/mod.rs:2: `{name}` in the domain: {why}")]);
        check_source("src/io/mod.rs", body, &[]);
        check_source("src/workflow/doctor.rs", body, &[]);
    }
    check_source(
        "src/golden/mod.rs",
        "const VERSION: &str = env!(\"CARGO_PKG_VERSION\");\nconst OTHER: &str = std::env!(\"A\");",
        &[],
    );
}

#[test]
fn files_say_what_they_answer() {
    let refusal = "src/market/side.rs:1: the first line does not say, after `//! `, what the file answers";
    check(&source("src/market/side.rs", "use std::fmt;\n//! Late.\n"), &[refusal]);
    check(&source("src/market/side.rs", ""), &[refusal]);
}

#[test]
fn long_files_are_refused() {
    check_source("src/market/side.rs", &"\n".repeat(699), &[]);
    check_source("src/market/side.rs", &"\n".repeat(700), &["src/market/side.rs: 701 lines, and 700 are the most"]);
}

#[test]
fn floors_without_a_row_are_refused() {
    check_source("src/utils/mod.rs", "", &["src/utils/mod.rs: `utils` has no row in the table of floors"]);
    let all = || FLOORS.iter().map(|floor| floor.name.to_owned());
    let built: BTreeSet<String> = all().filter(|name| !PLANNED.contains(&name.as_str())).collect();
    check(&standing(&all().collect()), &[]);
    check(&standing(&built), &[]);
    check(&standing(&all().chain(["utils".to_owned()]).collect()), &["`src/utils` has no row in the table of floors"]);
    check(
        &standing(&all().filter(|name| name != "golden").collect()),
        &["floor `golden` is not there; remove its row"],
    );
}

#[test]
fn tables_that_go_up_are_refused() {
    check(
        &table(&[domain("a", "one", &["b"]), domain("b", "two", &["a"])]),
        &["floor `b` may import `a`, which is not below it"],
    );
    check(&table(&[domain("a", "", &[])]), &["floor `a`: its row does not say what it is"]);
    check(&table(&[domain("a", "one", &[]), domain("a", "one", &[])]), &["floor `a` has two rows"]);
    check(&table(&[domain("a", "one", &["c"])]), &["floor `a` may import `c`, which is not below it"]);
}

#[test]
fn unfinished_work_is_refused() {
    check(&unfinished("a.rs", "fn f() { todo!() }"), &["a.rs:1: `todo!` is not finished"]);
    check(&unfinished("a.rs", "fn f() { std::unimplemented!(\"x\") }"), &["a.rs:1: `unimplemented!` is not finished"]);
    check(
        &unfinished("a.rs", "#[test]\n# [ ignore = \"slow\"]\nfn f() {}"),
        &["a.rs:2: an ignored test; assert what is so today instead"],
    );
    check(&unfinished("a.rs", "// todo!()\nlet text = \"#[ignore]\"; let todo = 1; if todo != 2 {}"), &[]);
}

#[test]
fn machines_and_registries_are_refused() {
    for registry in REGISTRIES.map(|parts| parts.join(".")) {
        let line = format!("see https://{registry}/simple");
        check(&places("README.md", &line), &[&format!("README.md:1: names the registry `{registry}`")]);
        check(&places("Cargo.lock", &line), &[&format!("Cargo.lock:1: names the registry `{registry}`")]);
        check(&places("Cargo.lock", &format!("source = \"registry+{registry}\"")), &[]);
    }
    for machine in MACHINES.map(|parts| parts.concat()) {
        let expected = format!("src/lib.rs:2: names a folder of one machine, `{machine}`");
        check(&places("src/lib.rs", &format!("//! A\n// {machine}x")), &[&expected]);
    }
    check(&places("src/lib.rs", "network/graph, /tmp/hive"), &[]);
}

#[test]
fn dependencies_without_a_reason_are_refused() {
    check(&manifest("[dependencies]\n# Why.\nclap = \"4\"\nclap_complete = \"4\"\n[features]\ndefault = []"), &[]);
    check(&manifest("[dependencies]\nclap = \"4\""), &["Cargo.toml:2: `clap` has no reason"]);
    check(&manifest("[dependencies]\n# Why.\nclap = \"4\"\n\nurl = \"2\""), &["Cargo.toml:5: `url` has no reason"]);
    check(&manifest("# Why.\n[dev-dependencies]\nclap = \"4\""), &["Cargo.toml:3: `clap` has no reason"]);
    check(&manifest("[target.'cfg(unix)'.dependencies]\nlibc = \"0.2\""), &["Cargo.toml:2: `libc` has no reason"]);
    check(&manifest("[dependencies.clap]\nversion = \"4\""), &["Cargo.toml:1: `dependencies.clap` has no reason"]);
    check(&manifest("# Why.\n[dependencies.clap]\nversion = \"4\""), &[]);
}

#[test]
fn groups_are_spelled_out() {
    let paths = code::paths("use a::{self, b::{C, d::*} , e as f};\nx = g::<T>(h!(i));");
    let written: Vec<String> = paths.iter().map(|path| format!("{} {}", path.line, path.names.join("::"))).collect();
    assert_eq!(
        written,
        ["1 use", "1 a::self", "1 a::b::C", "1 a::b::d::*", "1 a::e", "2 x", "2 g", "2 T", "2 h!", "2 i"]
    );
}
