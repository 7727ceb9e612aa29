//! Diagnostic codes: each one that can be met is explained, and nothing else is.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use hive::cli::codes;
use walkdir::WalkDir;

use super::project::Project;

/// Returns the codes in a text: `HV` and four digits.
fn codes_in(text: &str) -> BTreeSet<String> {
    let is_code = |code: &&str| code.len() == 6 && code[2..].bytes().all(|byte| byte.is_ascii_digit());
    let places = text.match_indices("HV").filter_map(|(place, _)| text.get(place..place + 6));
    places.filter(is_code).map(str::to_owned).collect()
}

#[test]
fn each_code_is_explained_once_and_only_codes_that_are_used_are() {
    let mut used = BTreeSet::new();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in WalkDir::new(sources).into_iter().flatten() {
        if entry.path().extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(entry.path()).expect("our sources are text");
            // Comments may give examples of codes.
            for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
                used.extend(codes_in(line));
            }
        }
    }
    let mut explained = BTreeSet::new();
    for explanation in codes() {
        let code = explanation.code;
        assert!(explained.insert(code.to_owned()), "{code} is explained twice");
        assert!(!explanation.title.is_empty(), "{code} has no title");
        assert!(explanation.text.contains("```"), "{code} has no example");
    }
    assert_eq!(used.difference(&explained).collect::<Vec<_>>(), Vec::<&String>::new(), "not explained");
    assert_eq!(explained.difference(&used).collect::<Vec<_>>(), Vec::<&String>::new(), "not used");
}

#[test]
fn every_page_is_shown() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/codes");
    let shown: BTreeSet<String> = codes().iter().map(|explanation| explanation.code.to_owned()).collect();
    for entry in fs::read_dir(folder).expect("the pages are part of the project").flatten() {
        let text = fs::read_to_string(entry.path()).expect("a page is text");
        let headings = text.lines().filter_map(|line| line.strip_prefix("## "));
        for heading in headings {
            let code = heading.split(' ').next().unwrap_or_default();
            assert!(shown.contains(code), "{heading} of {}", entry.path().display());
        }
    }
}

#[test]
fn explanations() {
    let project = Project::empty();
    insta::assert_snapshot!("explain_all", project.hive(&["explain"]).with(0));
    insta::assert_snapshot!("explain_one", project.hive(&["explain", "hv0203"]).with(0));
    insta::assert_snapshot!("explain_unknown", project.hive(&["explain", "HV9999"]).with(2));
    let all = project.hive(&["explain", "--format", "json"]).json(0);
    assert_eq!(all.as_array().map(Vec::len), Some(codes().len()));
    let one = project.hive(&["explain", "HV0203", "--format", "json"]).json(0);
    assert_eq!(one["code"], "HV0203");
    assert!(one["text"].as_str().is_some_and(|text| !text.is_empty()));
}
