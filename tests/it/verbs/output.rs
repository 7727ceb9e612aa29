//! Streams: colour where it is wanted, closed pipes, and the same bytes every time.

use std::io::Read as _;
use std::process::Stdio;

use super::project::Project;

const VERBS: [&[&str]; 9] = [
    &["test"],
    &["run", "demo", "walk"],
    &["run", "demo", "wlak"],
    &["lint"],
    &["lock", "--locked"],
    &["fetch"],
    &["plan"],
    &["explain"],
    &["completions", "bash"],
];

/// A project of which much can be said: a drift, a doubtful recipe, a stale lock.
fn talkative() -> Project {
    let project = Project::accepted();
    project.hive(&["lock"]).with(0);
    let recipe = project.read("recipes/demo.toml");
    project.write("recipes/demo.toml", &recipe.replacen("stop_loss = \"0.003\"", "stop_loss = \"0.001\"", 1));
    project.replace("recipes/demo.toml", "touches = [\"hummingbot/engine.py\"]\n", "");
    project
}

fn colours(text: &str) -> bool {
    text.contains('\u{1b}')
}

#[test]
fn colour() {
    let mut project = talkative();
    for verb in VERBS {
        let with = |colour: &str| project.hive(&[verb, &["--color", colour]].concat());
        let (never, always, auto) = (with("never"), with("always"), with("auto"));
        assert!(!colours(&never.out) && !colours(&never.err), "{verb:?}");
        // No stream is a terminal here.
        assert_eq!(auto, never, "{verb:?}");
        if verb[0] != "completions" {
            assert!(colours(&always.out) || colours(&always.err), "{verb:?}");
        }
        let plain = |text: &str| anstream::adapter::strip_str(text).to_string();
        assert_eq!((plain(&always.out), plain(&always.err)), (never.out, never.err), "colour says nothing: {verb:?}");
    }
    project.set("CLICOLOR_FORCE", "1");
    assert!(colours(&project.hive(&["explain"]).out));
    project.set("NO_COLOR", "1");
    let said = project.hive(&["explain"]);
    assert!(!colours(&said.out));
    assert!(colours(&project.hive(&["explain", "--color", "always"]).out), "what is asked for wins");
}

#[test]
fn json_has_no_colour() {
    let project = talkative();
    for verb in [
        &["test"][..],
        &["run", "demo", "walk"],
        &["lint"],
        &["lock"],
        &["fetch"],
        &["plan"],
        &["explain"],
        &["doctor"],
    ] {
        let said = project.hive(&[verb, &["--format", "json", "--color", "always"]].concat());
        assert!(!colours(&said.out), "{verb:?}");
        let code = said.code;
        said.json(code);
    }
}

#[test]
fn the_same_bytes_every_time() {
    // What can be taken back says when it was done.
    let files = |project: &Project| {
        let mut files = project.files("");
        files.remove(".hive/transactions/1/manifest.json").expect("the results were accepted");
        files
    };
    for format in ["human", "json"] {
        let (project, other) = (talkative(), talkative());
        for verb in VERBS {
            let say = |project: &Project| project.hive(&[verb, &["--format", format]].concat());
            let said = say(&project);
            assert_eq!(say(&project), said, "{verb:?}");
            assert_eq!(say(&other), said, "in another folder: {verb:?}");
        }
        assert_eq!(files(&project), files(&other));
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let project = talkative();
    for verb in VERBS.into_iter().chain([&["schema"][..], &["--help"], &["doctor"]]) {
        let mut command = project.command(verb);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        drop(child.stdout.take());
        let mut said = String::new();
        let mut stderr = child.stderr.take().expect("it is piped");
        stderr.read_to_string(&mut said).expect("the talk is text");
        let code = child.wait().expect("it ends").code();
        assert!(!said.contains("panicked") && !said.contains("pipe"), "{verb:?}\n{said}");
        assert_eq!(code, project.command(verb).output().expect("the binary starts").status.code(), "{verb:?}");
    }
}

#[test]
fn quiet_keeps_results_and_errors() {
    let project = talkative();
    for verb in [&["lint"][..], &["plan"], &["lock", "--locked"]] {
        let (loud, quiet) = (project.hive(verb), project.hive(&[verb, &["-q"]].concat()));
        assert_eq!((quiet.code, &quiet.out), (loud.code, &loud.out), "{verb:?}");
    }
    assert_eq!(project.hive(&["plan", "-q"]).err, "");
}
