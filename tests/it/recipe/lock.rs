//! Locks: written and read to the byte, compared fact by fact, refused with a drawing.

use hive::recipe::lock::Facts;
use hive::recipe::lock::Lock;
use hive::recipe::lock::fact;
use hive::recipe::lock::fact::Key;
use hive::recipe::resolve::Artifact;
use hive::recipe::resolve::Upstream;
use proptest::collection::btree_map;
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::proptest;

use super::plain;

fn example() -> Lock {
    let upstream = Upstream::Pypi {
        package: "hummingbot".to_owned(),
        version: "20250609".to_owned(),
        artifact: Artifact::Sdist,
        sha256: None,
    };
    let facts = Facts::from_iter([
        (fact::engine(), "hive 0.1.0".to_owned()),
        (fact::recipe(), fact::sha256("01")),
        (fact::file("patches/01 guard.patch"), fact::sha256("02")),
        (fact::upstream(&upstream), fact::sha256("03")),
        (fact::pristine_tree(), fact::sha256("04")),
        (fact::patched_tree(), fact::sha256("05")),
        (fact::patch("patches/01 guard.patch", "hummingbot/guard.py"), fact::before_and_after(Some("06"), Some("07"))),
        (fact::patch("patches/01 guard.patch", "hummingbot/new.py"), fact::before_and_after(None, Some("08"))),
        (fact::candles("btc"), fact::sha256("09")),
        (fact::profile("quick"), "2.6".to_owned()),
    ]);
    Lock { recipes: [("quick".to_owned(), facts), ("v2.6".to_owned(), Facts::new())].into() }
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({
        snapshot_path => "../snapshots/recipe/lock",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn a_lock_is_one_fact_a_line() {
    let text = example().render();
    snapshot("render", &text);
    let lock = Lock::parse("hive.lock", &text).expect("what is written can be read");
    assert_eq!(lock, example());
    assert_eq!(lock.render(), text);
    toml::from_str::<toml::Table>(&text).expect("a lock is TOML");
}

#[test]
fn an_equal_lock_has_no_changes() {
    assert_eq!(example().compare(&example(), "quick"), []);
    assert!(example().verify(&example(), "quick").is_ok());
}

#[test]
fn the_order_of_facts_is_no_change() {
    let mut now = example();
    now.recipes.get_mut("quick").expect("it is there").reverse();
    assert_eq!(example().compare(&now, "quick"), []);
}

#[test]
fn a_stale_lock_says_which_fact_changed() {
    let mut now = example();
    let facts = now.recipes.get_mut("quick").expect("it is there");
    facts.insert(fact::engine(), "hive 0.2.0".to_owned());
    facts.shift_remove(&fact::candles("btc"));
    facts.insert(fact::candles("eth"), fact::sha256("10"));
    let error = example().verify(&now, "quick").expect_err("facts differ");
    snapshot("stale", &plain(&error));
    assert!(now.verify(&now, "quick").is_ok());
}

#[test]
fn a_recipe_that_was_never_locked_is_said_to_be() {
    let error = example().verify(&example(), "slow").expect_err("it is not there");
    snapshot("missing", &plain(&error));
}

#[test]
fn each_bad_lock_is_refused_with_a_drawing() {
    for (name, text) in [
        (
            "merge_conflict",
            "lock-version = 1\n\n[recipe.quick]\n<<<<<<< HEAD\n\"engine\" = \"hive 0.1.0\"\n=======\n\"engine\" = \
             \"hive 0.2.0\"\n>>>>>>> upgrade\n",
        ),
        ("not_toml", "lock-version = 1\n[recipe.quick\n"),
        ("a_fact_twice", "lock-version = 1\n[recipe.quick]\n\"engine\" = \"a\"\n\"engine\" = \"b\"\n"),
        ("newer_version", "lock-version = 2\n[fact]\n"),
        ("no_version", "[recipe.quick]\n"),
        ("odd_version", "lock-version = \"one\"\n"),
        ("odd_table", "lock-version = 1\n[recipes.quick]\n"),
        ("odd_recipe", "lock-version = 1\n[recipe]\nquick = 1\n"),
        ("odd_value", "lock-version = 1\n[recipe.quick]\n\"engine\" = 1\n"),
        ("odd_key", "lock-version = 1\n[recipe.quick]\n\"engine  twice\" = \"1\"\n"),
    ] {
        let error = Lock::parse("hive.lock", text).expect_err(name);
        snapshot(name, &plain(&error));
    }
}

#[test]
fn an_empty_lock_is_one() {
    assert_eq!(
        Lock::parse("hive.lock", &Lock::default().render()).expect("what is written can be read"),
        Lock::default()
    );
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        recipes in btree_map(".{0,12}", vec((vec(any::<String>(), 1..4), any::<String>()), 0..6), 0..4),
    ) {
        let recipes = recipes.into_iter().map(|(name, facts)| {
            let facts: Facts = facts
                .into_iter()
                .map(|(words, value)| (Key::new(words), value))
                .collect();
            (name, facts)
        });
        let lock = Lock { recipes: recipes.collect() };
        let text = lock.render();
        let read = Lock::parse("hive.lock", &text).expect("what is written can be read");
        assert_eq!(&read, &lock);
        assert_eq!(read.render(), text);
    }

    #[test]
    fn any_text_is_an_answer(text in any::<String>()) {
        if let Err(error) = Lock::parse("hive.lock", &text) {
            assert!(plain(&error).starts_with("error[HV03"));
        }
    }
}
