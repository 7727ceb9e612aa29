//! Findings in the formats of other tools: SARIF, JUnit, GitHub's annotations.

use serde_json::Value;

use super::project::Project;

/// A project with something to say about a recipe, a patch and a name that has to be escaped.
fn faulty() -> Project {
    let project = Project::new();
    let patch = project.read("patches/demo/01_fee.patch");
    project.write("patches/demo/01_fee.patch", &patch.replace("@@ -2,7 +2,7 @@", "@@ -2,9 +2,7 @@"));
    project.write(
        "patches/demo/50 %, a<b>&\".patch",
        &patch.replace("0.1", "0.1 ").replace("b/hummingbot/", "b/\u{7}\u{1b}/"),
    );
    project.replace("recipes/demo.toml", "touches = [\"hummingbot/engine.py\"]\n", "");
    project
}

#[test]
fn findings_in_other_formats() {
    let project = faulty();
    for format in ["github", "junit"] {
        let said = project.hive(&["lint", "--format", format]);
        insta::assert_snapshot!(format!("format_{format}"), said.with(1));
    }
    // The names of rules and their help are those of `hive explain`.
    let mut sarif: Value = serde_json::from_str(&project.hive(&["lint", "--format", "sarif"]).out).expect("JSON");
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array_mut().expect("there are rules");
    for rule in rules {
        for text in ["fullDescription", "help"] {
            rule[text] = "…".into();
        }
    }
    sarif["runs"][0]["tool"]["driver"]["semanticVersion"] = "VERSION".into();
    insta::assert_snapshot!("format_sarif", format!("{sarif:#}"));
}

#[test]
fn a_clean_project_in_other_formats() {
    let project = Project::new();
    assert_eq!(project.hive(&["lint", "-q", "--format", "github"]).with(0), "");
    let sarif: Value = serde_json::from_str(&project.hive(&["lint", "--format", "sarif"]).out).expect("JSON");
    check_sarif(&sarif, 0);
    let junit = project.hive(&["lint", "--format", "junit"]);
    assert_eq!(
        cases(&junit.out),
        [("recipes/demo.toml", 0), ("patches/demo/01_fee.patch", 0), ("patches/demo/02_ratio.patch", 0)]
            .map(|(name, count)| (name.to_owned(), count))
    );
}

/// Checks what SARIF 2.1.0 requires, and what it says about the values: a result names its rule twice, places are from one
/// on, and fingerprints tell results apart.
fn check_sarif(sarif: &Value, result_count: usize) {
    assert_eq!(sarif["version"], "2.1.0");
    assert!(sarif["$schema"].as_str().is_some_and(|schema| schema.ends_with("sarif-2.1.0.json")));
    let runs = sarif["runs"].as_array().expect("runs are required");
    assert_eq!(runs.len(), 1);
    let driver = &runs[0]["tool"]["driver"];
    assert_eq!(driver["name"], "hive");
    let rules = driver["rules"].as_array().expect("there are rules");
    let mut identifiers: Vec<&str> = Vec::new();
    for rule in rules {
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(rule[text]["text"].as_str().is_some_and(|text| !text.is_empty()), "{rule:#}");
        }
        assert!(rule["name"].is_string());
        identifiers.push(rule["id"].as_str().expect("a rule has an id"));
    }
    assert!(identifiers.is_sorted_by(|one, other| one < other), "each once: {identifiers:?}");
    let results = runs[0]["results"].as_array().expect("results are required");
    assert_eq!(results.len(), result_count);
    let mut prints = Vec::new();
    for result in results {
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().unwrap_or_default()));
        let index = result["ruleIndex"].as_u64().and_then(|index| usize::try_from(index).ok()).expect("an index");
        assert_eq!(result["ruleId"], identifiers[index]);
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().expect("a result has a file");
        assert!(uri.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.~%".contains(&byte)), "{uri}");
        let figure = |name: &str| place["region"][name].as_u64().unwrap_or_default();
        assert!(figure("startLine") >= 1 && figure("startColumn") >= 1, "{result:#}");
        let (start, end) = (("startLine", "startColumn"), ("endLine", "endColumn"));
        assert!((figure(start.0), figure(start.1)) <= (figure(end.0), figure(end.1)), "{result:#}");
        prints.push(result["partialFingerprints"].to_string());
    }
    let count = prints.len();
    prints.sort();
    prints.dedup();
    assert_eq!(prints.len(), count, "fingerprints tell results apart");
}

#[test]
fn sarif_has_what_it_requires() {
    let project = faulty();
    let sarif: Value = serde_json::from_str(&project.hive(&["lint", "--format", "sarif"]).out).expect("JSON");
    let findings = project.hive(&["lint", "--format", "json"]).json(1);
    check_sarif(&sarif, findings["findings"].as_array().map_or(0, Vec::len));
}

#[test]
fn fingerprints_stay_when_lines_move() {
    let project = faulty();
    let prints = || -> Vec<String> {
        let sarif: Value = serde_json::from_str(&project.hive(&["lint", "--format", "sarif"]).out).expect("JSON");
        let results = sarif["runs"][0]["results"].as_array().expect("results").clone();
        results.iter().map(|result| result["partialFingerprints"].to_string()).collect()
    };
    let before = prints();
    let path = "patches/demo/01_fee.patch";
    project.write(path, &format!("The fee is a tenth.\n\n{}", project.read(path)));
    assert_eq!(prints(), before);
}

#[test]
fn a_broken_recipe_is_several_findings() {
    let project = Project::new();
    project.write(
        "recipes/demo.toml",
        &project.read("recipes/demo.toml").replace("\ncandles = ", "\ncandles = \"no\" # "),
    );
    let github = project.hive(&["lint", "demo", "--format", "github"]);
    assert_eq!(github.code, 1);
    assert_eq!(github.out.lines().filter(|line| line.starts_with("::error file=recipes/demo.toml,line=")).count(), 2);
}

/// Returns the names of the test cases of a well-formed JUnit report, and how many failures each has.
fn cases(text: &str) -> Vec<(String, usize)> {
    let document = roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    let cases = root.descendants().filter(|node| node.has_tag_name("testcase"));
    let failures = |case: &roxmltree::Node<'_, '_>| case.children().filter(|node| node.has_tag_name("failure")).count();
    let all: Vec<(String, usize)> =
        cases.map(|case| (case.attribute("name").unwrap_or_default().to_owned(), failures(&case))).collect();
    for suite in root.descendants().filter(|node| node.has_tag_name("testsuite") || node.has_tag_name("testsuites")) {
        assert_eq!(suite.attribute("tests"), Some(all.len().to_string().as_str()));
        let failed = all.iter().filter(|(_, failures)| *failures > 0).count().to_string();
        assert_eq!(suite.attribute("failures"), Some(failed.as_str()));
    }
    all
}

#[test]
fn junit_is_well_formed_whatever_is_in_it() {
    let project = faulty();
    let cases = cases(&project.hive(&["lint", "--format", "junit"]).out);
    let names: Vec<(&str, usize)> = cases.iter().map(|(name, failures)| (name.as_str(), *failures)).collect();
    assert_eq!(
        names,
        [
            ("recipes/demo.toml", 0),
            ("patches/demo/01_fee.patch", 1),
            ("patches/demo/02_ratio.patch", 0),
            ("patches/demo/50 %, a<b>&\".patch", 1),
        ]
    );
}

#[test]
fn the_main_job_has_them_as_well() {
    let project = Project::accepted();
    let github = project.hive(&["test", "--format", "github"]);
    assert_eq!((github.code, github.out.as_str()), (0, ""));
    let all = ["recipes/demo.toml", "demo/walk", "demo/file"].map(|name| (name.to_owned(), 0));
    assert_eq!(cases(&project.hive(&["test", "--format", "junit"]).out), all);
    project.replace("recipes/demo.toml", "time_limit = 180\n", "time_limit = 60\n");
    let failed =
        ["recipes/demo.toml", "demo/walk", "demo/file"].map(|name| (name.to_owned(), usize::from(name == "demo/file")));
    let junit = project.hive(&["test", "--format", "junit"]);
    assert_eq!((junit.code, cases(&junit.out)), (3, failed.to_vec()));
    insta::assert_snapshot!("format_test_drift", project.hive(&["test", "--format", "github"]).with(3));
    project.replace("upstream/hummingbot/engine.py", "share = 0.01", "share = 0.02");
    insta::assert_snapshot!("format_test", project.hive(&["test", "--format", "github"]).with(1));
}

#[test]
fn other_verbs_refuse_them() {
    let project = Project::new();
    for format in ["junit", "sarif", "github"] {
        for verb in [&["plan"][..], &["run", "demo", "walk"], &["lock"], &["explain"], &["lint", "--fix", "--diff"]] {
            let said = project.hive(&[verb, &["--format", format]].concat()).with(2);
            assert!(said.contains(&format!("`hive {}` has no format `{format}`", verb[0])), "{said}");
        }
    }
    insta::assert_snapshot!("format_refused", project.hive(&["plan", "--format", "sarif"]).with(2));
}
