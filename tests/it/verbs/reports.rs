//! Verbs that only report: `plan`, `doctor`, `schema`, `completions`.

use super::project::Project;

#[test]
fn plans() {
    let project = Project::accepted();
    insta::assert_snapshot!("plan_never_locked", project.hive(&["plan"]).with(0));
    project.hive(&["lock"]).with(0);
    let before = project.files("");
    project.replace("patches/demo/01_fee.patch", "-    share = 0.01", "-    share = 0.02");
    insta::assert_snapshot!("plan_broken", project.hive(&["plan"]).with(0));
    project.replace("patches/demo/01_fee.patch", "-    share = 0.02", "-    share = 0.01");
    project.remove("snapshots/demo/file.golden.toml");
    insta::assert_snapshot!("plan_missing_golden", project.hive(&["plan", "demo"]).with(0));
    insta::assert_snapshot!("plan_json", format!("{:#}", project.hive(&["plan", "--format", "json"]).json(0)));
    assert_eq!(project.files("").len(), before.len() - 1, "a plan writes nothing");
}

#[test]
fn the_doctor_names_what_is_missing_and_for_what() {
    let mut project = Project::new();
    project.set("DOCKER_HOST", &format!("unix://{}", project.path("docker.sock").display()));
    // Without programs, whatever this machine has.
    project.set("PATH", "");
    insta::assert_snapshot!("doctor", project.hive(&["doctor"]).with(0));
    insta::assert_snapshot!("doctor_json", {
        let checks = project.hive(&["doctor", "--format", "json"]).json(0);
        format!("{checks:#}")
    });
    let empty = Project::empty();
    assert!(empty.hive(&["doctor"]).with(0).contains("no recipes"));
    assert_eq!(empty.files("").len(), 0, "the doctor leaves nothing behind");
}

#[test]
fn the_schema_is_json() {
    let said = Project::empty().hive(&["schema"]);
    let schema: serde_json::Value = serde_json::from_str(&said.out).expect("a schema is JSON");
    assert_eq!(schema["title"], "hive recipe, schema 1");
    assert_eq!((said.code, said.err.as_str()), (0, ""));
}

#[test]
fn completions_know_every_verb() {
    let project = Project::empty();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let completions = project.hive(&["completions", shell]).with(0);
        for verb in hive::cli::command().get_subcommands() {
            assert!(completions.contains(verb.get_name()), "{} in {shell}", verb.get_name());
        }
    }
}
