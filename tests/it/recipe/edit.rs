//! Recipes that hive changes: a patch comes or goes, and all else stays byte for byte.

use hive::recipe::edit::Error;
use hive::recipe::edit::NewDropped;
use hive::recipe::edit::NewPatch;
use hive::recipe::edit::add_patch;
use hive::recipe::edit::drop_patch;

/// A recipe with remarks everywhere, and values in all their forms.
const RECIPE: &str = "\
# What this is for.
schema   = 1

[recipe]
name = 'x' # a name

[upstream.path]
path = \"upstream\"

# The series.

# About the first.
[[patch]]
file = \"patches/x/01_a.patch\"   # the first
why = \"\"\"
a
b\"\"\"
touches = [
  \"a.py\", # why
  \"b.py\",
] # and so on

  [[ patch ]] # the second
  file = \"patches/x/02_b.patch\"
  why = \"b\"

# The rest.
[tolerance]
default = \"exact\"
";

const NEW: NewPatch<'_> = NewPatch { file: "patches/x/03_c.patch", why: "says \"no\"", touches: &[] };

const DROPPED: NewDropped<'_> = NewDropped {
    file: "patches/x/01_a.patch",
    why: "a",
    reason: "fixed upstream",
    upstream: Some("2.7"),
    sha256: "00",
};

const ADDED: &str = "[[patch]]\nfile = \"patches/x/03_c.patch\"\nwhy = 'says \"no\"'\n";

const KEPT: &str = "\
[[dropped]]
file = \"patches/x/01_a.patch\"
why = \"a\"
reason = \"fixed upstream\"
upstream = \"2.7\"
sha256 = \"00\"
";

#[test]
fn a_patch_comes_behind_the_last() {
    let expected = RECIPE.replace("why = \"b\"\n", &format!("why = \"b\"\n\n{ADDED}"));
    assert_eq!(add_patch(RECIPE, &NEW).as_deref(), Ok(&*expected));
    let returns = |text: &str| text.replace('\n', "\r\n");
    assert_eq!(add_patch(&returns(RECIPE), &NEW), Ok(returns(&expected)));
    let cut = RECIPE.split_once("\n# The rest.").expect("it is there").0;
    assert_eq!(add_patch(cut.trim_end(), &NEW), Ok(format!("{cut}\n{ADDED}")), "the last line has no newline");
}

#[test]
fn the_first_patch_comes_behind_what_is_built_on() {
    let text = "schema = 1\n[upstream.path]\npath = \"u\"\n[tolerance]\n";
    let expected = format!("schema = 1\n[upstream.path]\npath = \"u\"\n\n{ADDED}\n[tolerance]\n");
    assert_eq!(add_patch(text, &NEW), Ok(expected));
}

#[test]
fn touches_are_written_one_a_line_where_there_are_several() {
    let paths = ["a.py".to_owned(), "b.py".to_owned()];
    let one = add_patch("", &NewPatch { touches: &paths[..1], ..NEW }).expect("it is TOML");
    assert_eq!(one, format!("{ADDED}touches = [\"a.py\"]\n"));
    let two = add_patch("", &NewPatch { touches: &paths, ..NEW }).expect("it is TOML");
    assert_eq!(two, format!("{ADDED}touches = [\n    \"a.py\",\n    \"b.py\",\n]\n"));
}

#[test]
fn a_patch_goes_with_the_remarks_right_above_it() {
    let (above, rest) = RECIPE.split_once("# About the first.").expect("it is there");
    let (_, second) = rest.split_once("# and so on\n\n").expect("it is there");
    let expected = format!("{above}{second}").replace("why = \"b\"\n", &format!("why = \"b\"\n\n{KEPT}"));
    assert_eq!(drop_patch(RECIPE, 0, &DROPPED).as_deref(), Ok(&*expected));

    // The second one has none of its own; what is above the next table stays with that.
    let gone = "  [[ patch ]] # the second\n  file = \"patches/x/02_b.patch\"\n  why = \"b\"\n\n";
    assert_eq!(drop_patch(RECIPE, 1, &DROPPED), Ok(RECIPE.replace(gone, &format!("{KEPT}\n"))));
}

#[test]
fn the_only_patch_leaves_its_place() {
    let text = "a = 1\n\n[[patch]]\nfile = \"x\"\n\n[b]\n";
    assert_eq!(drop_patch(text, 0, &DROPPED), Ok(format!("a = 1\n\n{KEPT}\n[b]\n")));
    let wide = text.replace("\n[b]", "\n\n\n[b]");
    assert_eq!(drop_patch(&wide, 0, &DROPPED), Ok(format!("a = 1\n\n{KEPT}\n[b]\n")));
}

#[test]
fn what_was_dropped_stands_in_order() {
    let once = drop_patch(RECIPE, 0, &DROPPED).expect("it is there");
    let twice = drop_patch(&once, 0, &NewDropped { reason: "again", ..DROPPED }).expect("it is there");
    assert!(twice.contains(&format!("{KEPT}\n{}\n# The rest.", KEPT.replace("fixed upstream", "again"))), "{twice}");
    assert_eq!(drop_patch(&twice, 0, &DROPPED), Err(Error::NoSuchPatch { number: 1 }));
}

#[test]
fn another_form_is_refused() {
    let text = "patch = [{ file = \"x\", why = \"y\" }]\n";
    assert_eq!(add_patch(text, &NEW), Err(Error::NotTables { key: "patch" }));
    assert_eq!(drop_patch(text, 0, &DROPPED), Err(Error::NotTables { key: "patch" }));
    assert_eq!(add_patch("[patch\n", &NEW), Err(Error::NotToml));
}
