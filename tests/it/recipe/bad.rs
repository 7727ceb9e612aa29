//! Every way to write a recipe wrong has a fixture, and a snapshot of what its author is shown.

use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::proptest;

use super::fixtures;
use super::plain;
use super::read;
use super::resolved;

#[test]
fn each_bad_recipe_is_refused_with_a_drawing() {
    for (name, text) in fixtures("bad") {
        let Err(errors) = resolved(&name, &text) else {
            panic!("`{name}` was taken for good");
        };
        insta::with_settings!({
            snapshot_path => "../snapshots/recipe/bad",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(name, plain(&errors));
        });
    }
}

#[test]
fn a_deeply_nested_recipe_is_refused() {
    let text = format!("schema = {}1{}", "[".repeat(100_000), "]".repeat(100_000));
    resolved("deep", &text).expect_err("nesting has a bound");
}

#[test]
fn a_deeply_nested_configuration_is_refused() {
    let nested = format!("deep = {}1{} }}", "[".repeat(70), "]".repeat(70));
    let text = read("bad", "bad_settings").replace("stop_loss = nan", &nested);
    let text = text.split(", nested").next().expect("`split` gives at least one part").to_owned();
    resolved("bad_settings", &text).expect_err("nesting has a bound");
}

proptest! {
    /// Whatever is cut out of a recipe or put into it: an answer, never a panic, and a drawing of every refusal.
    #[test]
    fn a_damaged_recipe_never_panics(
        place in any::<proptest::sample::Index>(),
        cut in 0..40_usize,
        put in proptest::option::of("[\\[\\]{}=\",.#\n a-z0-9é-]{0,8}").prop_map(Option::unwrap_or_default),
    ) {
        let text = read("good", "full");
        let start = text.floor_char_boundary(place.index(text.len()));
        let end = text.floor_char_boundary((start + cut).min(text.len()));
        let damaged = format!("{}{put}{}", &text[..start], &text[end.max(start)..]);
        if let Err(errors) = resolved("full", &damaged) {
            assert!(plain(&errors).starts_with("error"));
        }
    }
}
