//! Each way a registration is refused, drawn.

use hive::registration;

use super::{data, declare, draw, register, tree};

/// Draws the refusal of a case.
fn refusal(case: &str, config_class: &str, class: &str) -> String {
    match register(case, config_class, class) {
        Ok(registered) => panic!("{case}: accepted, with {:?}", registered.members),
        Err(error) => draw(&error),
    }
}

/// Asserts what the loader would take instead of the declared class, as measured.
fn check_taken(case: &str, config_class: &str, class: &str, expected: &str) {
    let drawn = refusal(case, config_class, class);
    assert!(drawn.contains(&format!("loader would take `{expected}`")), "{case}: {drawn}");
}

#[test]
fn another_name_sorts_first() {
    check_taken("parent_sorts_first", "PMMDynamicTwoConfig", "PMMDynamic2Controller", "PMMDynamicControllerConfig");
    check_taken("alias_sorts_first", "PMMDynamicTwoConfig", "PMMDynamicTwoController", "Base");
    check_taken("assignment_sorts_first", "MineConfig", "MineController", "Config");
    check_taken("helper_sorts_first", "MineConfig", "MineController", "BaseConfigOfMine");
    check_taken("star_sorts_first", "MineConfig", "MineController", "AlphaConfig");
    check_taken("branch_sorts_first", "ZConfig", "ZController", "PMMDynamicControllerConfig");
    check_taken(
        "parent_controller_sorts_first",
        "PMMDynamicTwoConfig",
        "PMMDynamicTwoController",
        "PMMDynamicController",
    );
}

#[test]
fn an_imported_parent_is_drawn() {
    insta::assert_snapshot!(refusal("parent_sorts_first", "PMMDynamicTwoConfig", "PMMDynamic2Controller"));
}

#[test]
fn an_alias_is_drawn() {
    insta::assert_snapshot!(refusal("alias_sorts_first", "PMMDynamicTwoConfig", "PMMDynamicTwoController"));
}

#[test]
fn an_assignment_is_drawn() {
    insta::assert_snapshot!(refusal("assignment_sorts_first", "MineConfig", "MineController"));
}

#[test]
fn a_helper_is_drawn() {
    insta::assert_snapshot!(refusal("helper_sorts_first", "MineConfig", "MineController"));
}

#[test]
fn a_star_import_is_drawn() {
    insta::assert_snapshot!(refusal("star_sorts_first", "MineConfig", "MineController"));
}

#[test]
fn a_configuration_of_another_module_takes_its_controller_along() {
    insta::assert_snapshot!(refusal("config_of_another_module", "PMMDynamicControllerConfig", "MineController"));
}

#[test]
fn a_misspelt_class_is_drawn() {
    insta::assert_snapshot!(refusal("misspelt", "MineConfig", "MineController"));
}

#[test]
fn a_file_without_any_such_class_is_drawn() {
    insta::assert_snapshot!(refusal("both_of_another_module", "PMMDynamicControllerConfig", "MineController"));
    insta::assert_snapshot!(refusal("base_declared", "MineConfig", "MineController"));
}

#[test]
fn a_foreign_base_is_drawn() {
    insta::assert_snapshot!(refusal("foreign_base", "MineConfig", "MineController"));
}

#[test]
fn swapped_declarations_are_drawn() {
    insta::assert_snapshot!(refusal("own_classes", "MineController", "MineConfig"));
}

#[test]
fn a_function_is_no_class() {
    insta::assert_snapshot!(refusal("no_class", "MineConfig", "MineController"));
}

#[test]
fn upstreams_base_cannot_be_declared() {
    insta::assert_snapshot!(refusal("base_declared", "MarketMakingControllerConfigBase", "MineController"));
}

#[test]
fn a_controller_named_like_a_base_is_never_loaded() {
    insta::assert_snapshot!(refusal("name_of_a_base", "MineConfig", "MarketMakingControllerBase"));
}

#[test]
fn a_syntax_error_is_drawn() {
    insta::assert_snapshot!(refusal("unclosed", "MineConfig", "MineController"));
}

#[test]
fn python_2_is_a_syntax_error() {
    insta::assert_snapshot!(refusal("python_2", "MineConfig", "MineController"));
}

#[test]
fn names_that_are_no_modules_are_refused() {
    let text = data("cases/own_classes.py");
    for name in
        ["", "class", "pmm-dynamic", "2nd", "../mine", ".a", "a..b", "a.class", "mine/py", "naïve", "a b", "a\0"]
    {
        let mut declaration = declare("MineConfig", "MineController");
        declaration.name = name.to_owned();
        let error = registration::check(&declaration, &text, "mine.py", &tree).expect_err("it cannot be a module");
        assert!(error.to_string().contains("controller's name"), "{error}");
        declaration.name = "mine".to_owned();
        declaration.controller_type = name.to_owned();
        let error = registration::check(&declaration, &text, "mine.py", &tree).expect_err("it cannot be a package");
        assert!(error.to_string().contains("controller's type"), "{error}");
    }
    let mut declaration = declare("MineConfig", "MineController");
    declaration.name = "pmm-dynamic".to_owned();
    let error = registration::check(&declaration, &text, "mine.py", &tree).expect_err("a hyphen is no letter");
    insta::assert_snapshot!(draw(&error));
}

#[test]
fn a_tree_without_upstreams_bases_is_refused() {
    let text = data("cases/own_classes.py");
    let declaration = declare("MineConfig", "MineController");
    let error = registration::check(&declaration, &text, "mine.py", &|_| None).expect_err("nothing is there");
    insta::assert_snapshot!(draw(&error));
}

#[test]
fn a_file_past_all_bounds_is_refused() {
    let text = "#".repeat((1 << 20) + 1);
    let error = registration::check(&declare("A", "B"), &text, "mine.py", &tree).expect_err("it is too long");
    insta::assert_snapshot!(draw(&error));
}
