//! `hive lint` around a patch: its recipes, its series, its lock, the release; and what `--fix` writes.

use super::project::Project;

const FEE: &str = "patches/demo/01_fee.patch";

/// Returns rules, severities and places of what a lint found, one a line.
fn found(project: &Project, arguments: &[&str], code: i32) -> String {
    let linted = project.hive(&[&["lint", "--format", "json"], arguments].concat()).json(code);
    let findings = linted["findings"].as_array().expect("findings are a list").iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let lines = findings.map(|finding| {
        let rule = text(&finding["message"]).split(':').next().unwrap_or_default().to_owned();
        format!("{} {} {}:{}\n", text(&finding["severity"]), rule, text(&finding["file"]), finding["line"])
    });
    lines.collect()
}

#[test]
fn the_release_is_looked_at_where_it_is_there() {
    let project = Project::new();
    project.replace("upstream/hummingbot/engine.py", "\"\"\"A stand-in", "# Older.\n\"\"\"A stand-in");
    assert_eq!(
        found(&project, &[], 0),
        "warning drifted patches/demo/01_fee.patch:3\nwarning drifted patches/demo/02_ratio.patch:3\n"
    );
    project.replace("upstream/hummingbot/engine.py", "share = 0.01", "share = 0.02");
    assert_eq!(
        found(&project, &[], 1),
        "error drifted patches/demo/01_fee.patch:7\nwarning drifted patches/demo/02_ratio.patch:3\n"
    );
    insta::assert_snapshot!("lint_drifted", project.hive(&["lint", FEE]).with(1));
}

#[test]
fn a_release_that_is_not_there_is_said_once() {
    let project = Project::with_upstream("[upstream.pypi]\npackage = \"hummingbot\"\nversion = \"20250609\"\n");
    insta::assert_snapshot!("lint_no_release", project.hive(&["lint"]).with(0));
    assert_eq!(project.hive(&["lint", "-q"]).with(0), "");
    let linted = project.hive(&["lint", "--format", "json"]).json(0);
    assert_eq!(linted["unchecked_rule_count"], 8);
    // A tree that is named stands in for it.
    for (path, text) in super::project::release("2.6.0") {
        project.write(&format!("tree/{path}"), &text);
    }
    assert_eq!(project.hive(&["lint", "--root", "tree"]).with(0), "! 3 files, 0 errors, 0 warnings\n");
    project.write("tree/hummingbot/engine.py", "other\n");
    assert_eq!(found(&project, &["--root", "tree", FEE], 1), "error drifted patches/demo/01_fee.patch:4\n");
    insta::assert_snapshot!("lint_no_root", project.hive(&["lint", "--root", "none", FEE]).with(2));
}

#[test]
fn a_patch_is_linted_in_its_recipe() {
    let project = Project::new();
    project.replace(
        "recipes/demo.toml",
        "why = \"a deviation of zero raises\"\n",
        "why = \"a deviation of zero raises\"\nallow = [{ rule = \"leftover\", reason = \"none\" }]\n",
    );
    let ratio = project.read("patches/demo/02_ratio.patch");
    // The second patch stands on the line that the first one wrote.
    project.write(
        "patches/demo/02_ratio.patch",
        &ratio.replacen("@@", "@@ -3,7 +3,7 @@\n \n def fee(volume):\n     share = 0.1\n-    return volume * share\n+    return share * volume\n \n \n def name():\n@@", 1),
    );
    let expected = "warning `leftover` is allowed and finds nothing recipes/demo.toml:18\n\
                    warning undeclared-order patches/demo/02_ratio.patch:3\n";
    assert_eq!(found(&project, &["patches/demo/02_ratio.patch"], 0), expected);
    assert_eq!(found(&project, &[FEE], 0), "");
    assert_eq!(found(&project, &[], 0), expected);
    // Findings of a patch in two recipes are told once.
    project
        .write("recipes/again.toml", &project.read("recipes/demo.toml").replace("name = \"demo\"", "name = \"again\""));
    let twice = found(&project, &["patches/demo/02_ratio.patch"], 0);
    assert_eq!(twice.matches("undeclared-order").count(), 1, "{twice}");
    project.remove("recipes/again.toml");
    project.replace(
        "recipes/demo.toml",
        "allow = [{ rule = \"leftover\", reason = \"none\" }]\n",
        "after = [\"patches/demo/01_fee.patch\"]\n",
    );
    assert_eq!(found(&project, &[], 0), "");
}

#[test]
fn a_patch_is_linted_from_any_folder() {
    let project = Project::new();
    let path = project.path(FEE);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = project
        .command(&["lint", &path.display().to_string()])
        .current_dir(folder.path())
        .output()
        .expect("the binary starts");
    assert_eq!(output.status.code(), Some(0));
    // It knows why the patch is there, so it has found the recipe.
    assert_eq!(String::from_utf8_lossy(&output.stderr), "1 file, 0 errors, 0 warnings\n");
}

#[test]
fn the_lock_knows_the_patch() {
    let project = Project::accepted();
    project.hive(&["lock"]).with(0);
    assert_eq!(found(&project, &["--locked", FEE], 0), "");
    project.write(FEE, &format!("The fee.\n{}", project.read(FEE)));
    assert_eq!(found(&project, &[FEE], 0), "warning lock-mismatch patches/demo/01_fee.patch:1\n");
    assert_eq!(found(&project, &["--locked", FEE], 1), "error lock-mismatch patches/demo/01_fee.patch:1\n");
}

#[test]
fn a_series_is_linted_with_its_patches() {
    let project = Project::new();
    project.write("patches/demo/series", "01_fee.patch\n03_gone.patch\n");
    let expected = "error broken-series patches/demo/series:1\nerror broken-series patches/demo/series:2\n";
    assert_eq!(found(&project, &[FEE], 1), expected);
    assert_eq!(found(&project, &["patches/demo/series"], 1), expected);
    assert_eq!(found(&project, &[], 1), expected);
    project.write("patches/demo/series", "01_fee.patch\n02_ratio.patch");
    assert_eq!(found(&project, &["--fix"], 0), "");
    assert_eq!(project.read("patches/demo/series"), "01_fee.patch\n02_ratio.patch\n");
}

/// A patch with much to mend: carriage returns, a blank line, wrong counts, no last newline.
fn damaged(project: &Project) -> String {
    let patch = project.read(FEE).replace("+++ b/hummingbot/engine.py\n", "+++ b/hummingbot/engine.py\n\n");
    patch.replace("-2,7 +2,7", "-2,3 +2,3").replace('\n', "\r\n").trim_end_matches(['\r', '\n']).to_owned()
}

#[test]
fn fixes_are_written() {
    let project = Project::new();
    let sound = project.read(FEE);
    project.write(FEE, &damaged(&project));
    let before = project.files("");
    insta::assert_snapshot!("lint_fix_diff", project.hive(&["lint", "--fix", "--diff"]).with(1));
    assert_eq!(project.files(""), before, "only told");
    let linted = project.hive(&["lint", "--fix", "--diff", "--format", "json"]).json(1);
    insta::assert_snapshot!("lint_fix_json", format!("{linted:#}"));
    insta::assert_snapshot!("lint_fix", project.hive(&["lint", "--fix"]).with(0));
    assert_eq!(project.read(FEE), sound);
    let after = project.files("");
    insta::assert_snapshot!("lint_fix_again", project.hive(&["lint", "--fix"]).with(0));
    assert_eq!(project.hive(&["lint", "--fix", "--diff"]).with(0).lines().count(), 2, "nothing but talk");
    assert_eq!(project.files(""), after, "nothing is left");
    assert_eq!(before.len(), after.len(), "no other file");
}

#[test]
fn what_cannot_be_proven_is_not_written() {
    let project = Project::new();
    // The first name is of another level, and the second of no file at all.
    let text = project.read(FEE).replace("a/hummingbot", "hummingbot").replace("b/hummingbot", "hummingbot");
    let other = project.read(FEE).replace("engine.py", "gone.py");
    project.write(FEE, &format!("{text}{other}"));
    let before = project.files("patches");
    insta::assert_snapshot!("lint_fix_refused", project.hive(&["lint", "--fix", FEE]).with(1));
    assert_eq!(project.files("patches"), before);
}

#[test]
fn a_fix_is_proven_on_the_release_of_every_recipe() {
    let project = Project::new();
    let text = project.read(FEE).replace("a/hummingbot", "src/hummingbot").replace("b/hummingbot", "src/hummingbot");
    project.write(FEE, &text);
    project.write("away/src/hummingbot/engine.py", &project.read("upstream/hummingbot/engine.py"));
    // The first release has the file below `src`, where the names lead as they stand without a folder stripped.
    let recipe = project.read("recipes/demo.toml");
    let patches = recipe.find("[[patch]]\nfile = \"patches/demo/02").expect("there are two patches");
    let away = recipe[..patches].replace("\"demo\"", "\"away\"").replace("\"upstream\"", "\"away\"");
    project.write("recipes/away.toml", &away);
    let said = project.hive(&["lint", "--fix", FEE]);
    assert!(said.err.contains("not mended: wrong-strip-level"), "{}", said.err);
    assert!(said.err.contains("the release of another recipe would become something else"), "{}", said.err);
    assert_eq!((said.code, project.read(FEE)), (1, text));
    // With that release alone it is mended.
    project.remove("recipes/demo.toml");
    project.hive(&["lint", "--fix", FEE]);
    assert!(project.read(FEE).starts_with("--- a/src/hummingbot/engine.py\n+++ b/src/hummingbot/engine.py\n"));
}

#[test]
fn exceptions_allow_and_are_not_mended() {
    let project = Project::new();
    let text =
        format!("# hive: allow stripped-context our editor does so\n{}", project.read(FEE).replace("\n \n", "\n\n"));
    assert_ne!(text.matches("\n\n").count(), 0);
    project.write(FEE, &text);
    assert_eq!(found(&project, &["--fix", FEE], 0), "");
    assert_eq!(project.read(FEE), text);
}
