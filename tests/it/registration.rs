//! Tests of registration.
//!
//! What the loader takes from each file of `tests/data/registration/cases` was measured: Hummingbot 2.6.0's own lines
//! ran over the same files, on its own bases. `…/tree` holds stand-ins of those bases and a few controllers.

mod refusals;
mod warnings;

use std::fs;
use std::path::{Path, PathBuf};

use hive::registration::{self, Declaration, Error, Fate, Member, Registered, Role};

/// Reads a file under `tests/data/registration`.
fn data(path: &str) -> String {
    let path = Path::new("tests/data/registration").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Answers for the stand-in of an environment's tree, as a workflow does for a real one.
fn tree(module: &str) -> Option<String> {
    let path: PathBuf = ["tests/data/registration/tree"].into_iter().chain(module.split('.')).collect();
    fs::read_to_string(path.with_extension("py")).or_else(|_| fs::read_to_string(path.join("__init__.py"))).ok()
}

fn declare(config_class: &str, class: &str) -> Declaration {
    Declaration {
        name: "mine".to_owned(),
        controller_type: "market_making".to_owned(),
        config_class: config_class.to_owned(),
        class: class.to_owned(),
    }
}

/// Registers a case under the name `mine`.
fn register(case: &str, config_class: &str, class: &str) -> Result<Registered, Error> {
    let text = data(&format!("cases/{case}.py"));
    registration::check(&declare(config_class, class), &text, &format!("{case}.py"), &tree)
}

/// Draws an error or a warning as a terminal of 100 columns without colour shows it.
fn draw(diagnostic: &dyn miette::Diagnostic) -> String {
    let mut drawn = String::new();
    miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor())
        .with_width(100)
        .render_report(&mut drawn, diagnostic)
        .expect("writing to a string cannot fail");
    drawn
}

/// Checks that the loader takes the declared classes, and which classes those are.
fn check(case: &str, config_class: &str, class: &str, expected: [&str; 2]) {
    match register(case, config_class, class) {
        Ok(registered) => {
            let prefix = "controllers.market_making.";
            let taken = [&registered.config_class, &registered.class].map(|path| path.trim_start_matches(prefix));
            assert_eq!(taken, expected, "{case}");
        }
        Err(error) => panic!("{case}: {}", draw(&error)),
    }
}

#[test]
fn the_loader_takes_the_declared_classes() {
    check("own_classes", "MineConfig", "MineController", ["mine.MineConfig", "mine.MineController"]);
    check(
        "digit_sorts_before_parent",
        "PMMDynamic2ControllerConfig",
        "PMMDynamic2Controller",
        ["mine.PMMDynamic2ControllerConfig", "mine.PMMDynamic2Controller"],
    );
    check("module_imported", "ZConfig", "Last", ["mine.ZConfig", "mine.Last"]);
    check("underscore_sorts_last", "ZConfig", "ZController", ["mine.ZConfig", "mine.ZController"]);
    check("star_honours_all", "ZConfig", "ZController", ["mine.ZConfig", "mine.ZController"]);
    check("re_exported", "MineConfig", "MineController", ["mine.MineConfig", "mine.MineController"]);
    check("deleted", "ZConfig", "ZController", ["mine.ZConfig", "mine.ZController"]);
    check("for_type_checkers_only", "ZConfig", "ZController", ["mine.ZConfig", "mine.ZController"]);
    check(
        "shadowed",
        "PMMDynamicControllerConfig",
        "PMMDynamicController",
        ["mine.PMMDynamicControllerConfig", "mine.PMMDynamicController"],
    );
    check("other_name_of_the_same_class", "ZConfig", "ZController", ["mine.ZConfig", "mine.ZController"]);
    check("generic_bases", "MineConfig", "MineController", ["mine.MineConfig", "mine.MineController"]);
    check("in_a_circle", "AConfig", "AController", ["mine.AConfig", "mine.AController"]);
    check("fallback_import", "ZConfig", "ZController", ["mine.ZConfig", "mine.ZController"]);
    check(
        "both_of_another_module",
        "PMMDynamicControllerConfig",
        "PMMDynamicController",
        ["pmm_dynamic.PMMDynamicControllerConfig", "pmm_dynamic.PMMDynamicController"],
    );
}

#[test]
fn line_ends_and_byte_order_marks_make_no_difference() {
    let text = data("cases/digit_sorts_before_parent.py");
    let declaration = declare("PMMDynamic2ControllerConfig", "PMMDynamic2Controller");
    for text in [text.replace('\n', "\r\n"), format!("\u{feff}{text}"), text.trim_end().to_owned()] {
        let registered = registration::check(&declaration, &text, "mine.py", &tree);
        let registered = registered.unwrap_or_else(|error| panic!("{}", draw(&error)));
        assert_eq!(registered.members.len(), 4);
    }
}

#[test]
fn members_are_listed_as_the_loader_sees_them() {
    let registered = register("digit_sorts_before_parent", "PMMDynamic2ControllerConfig", "PMMDynamic2Controller")
        .expect("a digit sorts before a letter");
    let member = |name: &str, role, path: &str, line, fate| Member {
        name: name.to_owned(),
        role,
        classes: vec![format!("controllers.market_making.{path}")],
        line: Some(line),
        fate,
    };
    assert_eq!(
        registered.members,
        [
            member("PMMDynamic2ControllerConfig", Role::Config, "mine.PMMDynamic2ControllerConfig", 4, Fate::Taken),
            member(
                "PMMDynamicControllerConfig",
                Role::Config,
                "pmm_dynamic.PMMDynamicControllerConfig",
                1,
                Fate::Later
            ),
            member("PMMDynamic2Controller", Role::Controller, "mine.PMMDynamic2Controller", 8, Fate::Taken),
            member("PMMDynamicController", Role::Controller, "pmm_dynamic.PMMDynamicController", 1, Fate::Later),
        ]
    );
}

#[test]
fn bases_are_seen_but_passed_over() {
    let registered = register("own_classes", "MineConfig", "MineController").expect("nothing sorts before it");
    let fates: Vec<(&str, Fate)> =
        registered.members.iter().map(|member| (member.name.as_str(), member.fate)).collect();
    assert_eq!(
        fates,
        [
            ("MarketMakingControllerConfigBase", Fate::PassedOver),
            ("MineConfig", Fate::Taken),
            ("MarketMakingControllerBase", Fate::PassedOver),
            ("MineController", Fate::Taken),
        ]
    );
}

#[test]
fn the_file_goes_where_the_loader_looks() {
    let registered = register("own_classes", "MineConfig", "MineController").expect("nothing sorts before it");
    assert_eq!(registered.path, "controllers/market_making/mine.py");
    assert_eq!(registration::module_name("generic", "mine"), "controllers.generic.mine");
    assert_eq!(registration::path("generic", "examples.mine"), "controllers/generic/examples/mine.py");
}

#[test]
fn absent_packages_are_to_be_added() {
    let all = ["controllers/__init__.py", "controllers/market_making/__init__.py"];
    assert_eq!(registration::package_files("market_making", "mine", &tree), all);
    let outer = |module: &str| (module == "controllers.__init__").then(String::new);
    assert_eq!(registration::package_files("market_making", "mine", &outer), all[1..]);
    let deeper = ["controllers/generic/__init__.py", "controllers/generic/examples/__init__.py"];
    assert_eq!(registration::package_files("generic", "examples.mine", &outer), deeper);
    let both = |module: &str| module.ends_with("__init__").then(String::new);
    assert!(registration::package_files("market_making", "mine", &both).is_empty());
}

#[test]
fn the_shipped_controller_is_the_one_loaded() {
    let path = "recipes/controllers/market_making/pmm_dynamic_2.py";
    let text = fs::read_to_string(path).expect("it is shipped");
    let declaration = Declaration {
        name: "pmm_dynamic_2".to_owned(),
        controller_type: "market_making".to_owned(),
        config_class: "PMMDynamic2ControllerConfig".to_owned(),
        class: "PMMDynamic2Controller".to_owned(),
    };
    let registered =
        registration::check(&declaration, &text, path, &tree).unwrap_or_else(|error| panic!("{}", draw(&error)));
    assert_eq!(registered.path, "controllers/market_making/pmm_dynamic_2.py");
    assert_eq!(registered.class, "controllers.market_making.pmm_dynamic_2.PMMDynamic2Controller");
    let taken: Vec<&str> = registered
        .members
        .iter()
        .filter(|member| member.fate != Fate::PassedOver)
        .map(|member| member.name.as_str())
        .collect();
    assert_eq!(taken, ["PMMDynamic2ControllerConfig", "PMMDynamic2Controller"]);
    // The stand-in tree holds the bases alone, so all that remains unknown is what else the file imports of Hummingbot.
    for warning in &registered.warnings {
        assert!(matches!(warning, registration::Warning::Unresolved { .. }), "{warning}");
    }
}

#[test]
fn no_input_panics_or_hangs() {
    let nested = |n: usize| format!("{}if x:\n", " ".repeat(n));
    let deep = (0..300).map(nested).collect::<Vec<_>>().concat() + &" ".repeat(300) + "pass\n";
    let chain: Vec<String> = (0..3_000).map(|n| format!("class C{}(C{n}): pass\n", n + 1)).collect();
    let chain = chain.concat();
    let branches = "X = 1\n".to_owned() + &"if x:\n    X = Y\n".repeat(3_000);
    let (open, close) = ("(".repeat(2_000), ")".repeat(2_000));
    let parentheses = format!("A = {open}B{close}\nif {open}x{close}: pass\n");
    for text in [
        "",
        "\0",
        "class",
        "from . import",
        "from ......x import *",
        "del",
        "\u{feff}x = 1",
        "é = ü\n",
        &deep,
        &chain,
        &branches,
        &parentheses,
    ] {
        let refused = registration::check(&declare("A", "B"), text, "mine.py", &tree);
        assert!(refused.is_err(), "{text:.40}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    #[test]
    fn garbled_files_never_panic(
        cut in 0..1_000_usize,
        kept in 0..1_000_usize,
        garble in "[ \\n\\t.,:;()\\[\\]{}*=@\"'\\\\#éa\u{0}]{0,12}",
    ) {
        let text = data("cases/statements.py") + &data("cases/new_syntax.py");
        let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let (start, end) = (boundary(cut * 3), boundary((cut + kept) * 3));
        let garbled = format!("{}{garble}{}", &text[..start], &text[end..]);
        // Some of them are still what they were; all that is asked for is an answer.
        if let Err(error) = registration::check(&declare("ZConfig", "ZController"), &garbled, "mine.py", &tree) {
            proptest::prop_assert!(!draw(&error).is_empty());
        }
    }
}

#[test]
fn a_module_that_re_exports_without_end_is_given_up() {
    let endless = |module: &str| {
        let next = module.strip_prefix("hummingbot.endless")?.parse::<u32>().unwrap_or(0) + 1;
        Some(format!("from hummingbot.endless{next} import *\nfrom hummingbot.endless{next} import A\n"))
    };
    let modules = |module: &str| endless(module).filter(|_| !module.ends_with("__init__")).or_else(|| tree(module));
    let text = data("cases/own_classes.py") + "\nfrom hummingbot.endless import *\nfrom hummingbot.endless import A\n";
    let registered = registration::check(&declare("MineConfig", "MineController"), &text, "mine.py", &modules);
    let registered = registered.unwrap_or_else(|error| panic!("{}", draw(&error)));
    assert!(
        registered.warnings.iter().any(|warning| warning.to_string().contains("too many")),
        "{:?}",
        registered.warnings
    );
}
