//! What `hive test` writes beside its report: a page for a CI step, a badge, the report in other formats.

use serde_json::Value;

use super::project::Project;

/// Makes one golden drift.
fn drifted() -> Project {
    let project = Project::accepted();
    project.replace("recipes/demo.toml", "time_limit = 180\n", "time_limit = 60\n");
    project
}

#[test]
fn a_step_has_a_page() {
    let mut project = drifted();
    project.write("page.md", "What another step has said.\n");
    project.set("GITHUB_STEP_SUMMARY", &project.path("page.md").display().to_string());
    project.hive(&["test", "--format", "github"]).with(3);
    insta::assert_snapshot!("page_drift", project.read("page.md"));
    // An option counts more than the variable, and a run appends.
    project.hive(&["test", "--summary", "other.md"]).with(3);
    project.hive(&["test", "--summary", "other.md"]).with(3);
    assert_eq!(project.read("other.md").matches("## hive test: drift").count(), 2);
    project.set("GITHUB_STEP_SUMMARY", "");
    project.hive(&["test"]).with(3);
}

#[test]
fn a_page_tells_of_everything_else() {
    let project = Project::new();
    project.hive(&["golden", "accept", "demo/walk", "--reason", "first run"]).with(0);
    project.write("snapshots/demo/gone.golden.toml", "");
    project.write("snapshots/lost/gone.golden.toml", "");
    project.write("recipes/candles/small.csv", "timestamp,open,high,low,close,volume\n1767225600,<c>|`d`_e_,1,1,1,1\n");
    project.replace("upstream/hummingbot/engine.py", "share = 0.01", "share = 0.02");
    project.hive(&["test", "--summary", "page.md"]).with(1);
    let page = project.read("page.md");
    assert!(!page.contains("<c>"), "nothing in it is markup: {page}");
    insta::assert_snapshot!("page_failed", page);
    project.write("recipes/demo.toml", "schema = 1\n");
    project.hive(&["test", "--summary", "broken.md"]).with(2);
    insta::assert_snapshot!("page_broken", project.read("broken.md"));
}

#[test]
fn a_badge_says_how_the_goldens_stand() {
    let project = Project::accepted();
    let drawn = |code: i32| {
        project.hive(&["test", "--badge", "badges/goldens.svg"]).with(code);
        let svg = project.read("badges/goldens.svg");
        let document = roxmltree::Document::parse(&svg).unwrap_or_else(|error| panic!("{error}: {svg}"));
        let root = document.root_element();
        let number = |node: &roxmltree::Node<'_, '_>, name: &str| -> u32 {
            node.attribute(name).and_then(|text| text.parse().ok()).unwrap_or_default()
        };
        let find = |name: &'static str| root.descendants().filter(move |node| node.has_tag_name(name));
        let title = find("title").next().and_then(|node| node.text().map(str::to_owned)).expect("a title");
        assert_eq!((root.attribute("role"), root.attribute("aria-label")), (Some("img"), Some(title.as_str())));
        let mut end = 0;
        for text in find("text") {
            assert!(number(&text, "x") > end, "texts do not touch");
            end = number(&text, "x") + number(&text, "textLength");
        }
        assert_eq!(end + 6, number(&root, "width"), "the last text ends before the edge");
        let words: Vec<&str> = find("text").filter_map(|node| node.text()).collect();
        assert_eq!(words.join(": "), title);
        assert!(!svg.contains("href") && !svg.contains("url(h"), "it needs no other file");
        (title, svg)
    };
    let (title, svg) = drawn(0);
    assert_eq!(title, "goldens: identical");
    insta::assert_snapshot!("badge", svg);
    let golden = project.read("snapshots/demo/walk.golden.toml");
    let line = golden.lines().find(|line| line.starts_with("net_pnl_quote = ")).expect("a metric");
    let figure: f64 = line.rsplit(' ').next().and_then(|figure| figure.parse().ok()).expect("a figure");
    project.write(
        "snapshots/demo/walk.golden.toml",
        &golden.replace(line, &format!("net_pnl_quote = {:?}", figure * (1.0 + 1e-12))),
    );
    let recipe = project.read("recipes/demo.toml");
    project.write("recipes/demo.toml", &format!("{recipe}\n[tolerance.metric]\nnet_pnl_quote = {{ rel = 1e-9 }}\n"));
    assert_eq!(drawn(0).0, "goldens: within tolerance");
    project.write("recipes/demo.toml", &recipe);
    assert_eq!(drawn(3).0, "goldens: drift");
    project.remove("snapshots/demo/walk.golden.toml");
    assert_eq!(drawn(3).0, "goldens: drift");
    project.remove("recipes/candles/small.csv");
    assert_eq!(drawn(2).0, "goldens: failed");
}

#[test]
fn one_run_reports_in_several_formats() {
    let project = drifted();
    let said = project.hive(&[
        "test",
        "--report",
        "sarif=out/hive.sarif",
        "--report",
        "junit=out/hive.xml",
        "--report",
        "JSON=hive.json",
    ]);
    assert!(said.with(3).contains("failed: 1 recipe, 2 scenarios"));
    let json: Value = serde_json::from_str(&project.read("hive.json")).expect("JSON");
    assert_eq!(json["exit"], 3);
    assert_eq!(
        project.read("out/hive.xml"),
        project
            .hive(&["test", "--format", "junit"])
            .out
            .replace("hive VERSION", concat!("hive ", env!("CARGO_PKG_VERSION")))
    );
    let sarif: Value = serde_json::from_str(&project.read("out/hive.sarif")).expect("JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    assert_eq!((results.len(), results[0]["ruleId"].as_str()), (1, Some("HV0503")));
    // Code scanning takes no result without a place: a drift stands where the recipe says its scenario.
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "recipes/demo.toml");
    let line = place["region"]["startLine"].as_u64().and_then(|line| usize::try_from(line).ok()).expect("a line");
    assert_eq!(project.read("recipes/demo.toml").lines().nth(line - 1), Some("[scenario.file]"));
    for wrong in ["sarif", "human=a", "sarif=", "pdf=a.pdf"] {
        project.hive(&["test", "--report", wrong]).with(2);
    }
    let refused = project.hive(&["test", "--badge", "recipes/demo.toml/badge.svg"]).with(2);
    assert!(refused.contains("HV0321"), "{refused}");
}

#[test]
fn a_case_says_what_came_of_it() {
    let project = drifted();
    insta::assert_snapshot!("junit_drift", project.hive(&["test", "--format", "junit"]).with(3));
}

#[test]
fn annotations_beyond_ten_are_told_in_the_log() {
    let project = Project::new();
    let recipe = project.read("recipes/demo.toml");
    let (start, scenario) = recipe.split_at(recipe.find("[scenario.file]").expect("a scenario"));
    let more: Vec<String> =
        (0..14).map(|at| scenario.replace("scenario.file", &format!("scenario.more-{at:02}"))).collect();
    project.write("recipes/demo.toml", &format!("{start}{}", more.join("\n")));
    let said = project.hive(&["test", "--format", "github"]);
    assert_eq!(said.code, 3);
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(lines.iter().filter(|line| line.starts_with("::error ")).count(), 10);
    assert_eq!(lines[9], "::error title=hive::6 more in the log of this step");
    assert_eq!(lines.iter().filter(|line| line.contains("error[HV0502]: scenario `more-")).count(), 6);
}
