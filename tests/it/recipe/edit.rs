//! Recipes that hive changes: a patch comes, and all else stays byte for byte.

use hive::recipe::edit::Error;
use hive::recipe::edit::NewPatch;
use hive::recipe::edit::add_patch;

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

const ADDED: &str = "[[patch]]\nfile = \"patches/x/03_c.patch\"\nwhy = 'says \"no\"'\n";

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
fn another_form_is_refused() {
    let text = "patch = [{ file = \"x\", why = \"y\" }]\n";
    assert_eq!(add_patch(text, &NEW), Err(Error::NotTables { key: "patch" }));
    assert_eq!(add_patch("[patch\n", &NEW), Err(Error::NotToml));
}
