//! Images in a real engine: predicted, built, built again, verified, changed by hand. Skipped where no engine answers.

use std::collections::BTreeMap;
use std::env;
use std::io::Cursor;
use std::io::Read as _;

use hive::image::digest;
use hive::io::docker::Engine;
use hive::io::progress::NoProgress;
use serde_json::Value;

use crate::docker;
use crate::docker::base::Root;
use crate::verbs::project::Project;
use crate::verbs::project::release;

/// Where the base has Hummingbot.
const ROOT: &str = "usr/local/lib/python3.12/site-packages";

/// Returns the name of an image of one test: tests run at once.
pub(crate) fn named(test: &str) -> String {
    format!("hive-image-test/{test}:latest")
}

/// Makes a base with the files of the project's release, and what a test wants besides.
pub(crate) fn base(engine: &Engine, name: &str, more: &dyn Fn(&mut Root)) -> String {
    docker::base::obtain(engine, &format!("hive-image-test/base-{name}:1"), || {
        let mut root = Root::with_shell();
        for (path, text) in release("2.6.0") {
            root.text(&format!("{ROOT}/{path}"), &text);
        }
        root.text(&format!("{ROOT}/hummingbot/__pycache__/engine.cpython-312.pyc"), "stale bytecode\n");
        root.text(&format!("{ROOT}/hummingbot/__pycache__/other.cpython-312.pyc"), "fresh bytecode\n");
        root.variable("PATH=/usr/local/bin:/bin");
        more(&mut root);
        root
    })
}

/// Returns the demo project with an image on a base.
pub(crate) fn project(base: &str, test: &str) -> Project {
    let mut project = Project::new();
    let recipe = project.read("recipes/demo.toml");
    let image = format!("[image]\nbase = \"{base}\"\ntag = \"{}\"\n\n[candles.walk]\n", named(test));
    project.write("recipes/demo.toml", &recipe.replace("[candles.walk]\n", &image));
    if let Ok(host) = env::var("DOCKER_HOST") {
        project.set("DOCKER_HOST", &host);
    }
    project
}

/// Builds as a script does.
fn build(project: &Project, more: &[&str]) -> Value {
    project.hive(&[&["build", "demo", "--format", "json"], more].concat()).json(0)
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_else(|| panic!("`{key}` of {value}")).to_owned()
}

/// Returns the digest that `hive plan` predicts.
fn predicted(project: &Project) -> String {
    let plan = project.hive(&["plan", "demo", "--format", "json"]).json(0);
    let step = plan[0]["steps"].as_array().and_then(|steps| steps.iter().find(|step| step["action"] == "image"));
    let why = text(step.expect("the recipe has an image"), "why");
    why.split([',', ':']).take(2).collect::<Vec<_>>().join(":").split(", ").next().unwrap_or_default().to_owned()
}

/// Returns the files of an image, by path, and what `docker save` says of it.
fn saved(engine: &Engine, name: &str) -> BTreeMap<String, Vec<u8>> {
    let mut bytes = Vec::new();
    engine.save(name, &mut bytes, &NoProgress).expect("the image is there");
    entries(&bytes)
}

fn entries(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = tar::Archive::new(archive);
    let entries = archive.entries().expect("it is an archive").map(|entry| entry.expect("the entry is whole"));
    entries
        .map(|mut entry| {
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).expect("the entry is whole");
            (path, content)
        })
        .collect()
}

#[test]
fn three_builds_have_one_digest_and_it_is_the_predicted_one() {
    let Some(engine) = docker::engine() else { return };
    // A base of its own: with the others' the same recipe gives the same image, which they have named.
    let base = base(&engine, "thrice", &|root| root.text("etc/of", "thrice"));
    let (project, name) = (project(&base, "thrice"), named("thrice"));
    engine.remove_image(&name).expect("nobody uses it");
    let unknown = project.hive(&["plan", "demo"]).with(0);
    assert!(unknown.contains("was not looked into yet"), "{unknown}");

    let first = build(&project, &[]);
    assert_eq!(first["loaded"], "thin");
    assert_eq!(first["id"], first["config_digest"]);
    assert_eq!(first["proof"]["file_count"], 3, "two patched files and a controller");
    assert_eq!(predicted(&project), text(&first, "id"));
    let beside = project.files(".hive/images");

    let second = build(&project, &[]);
    assert_eq!((&second["loaded"], &second["id"]), (&"there".into(), &first["id"]));

    engine.remove_image(&name).expect("nobody uses it");
    assert!(engine.image(&text(&first, "id")).expect("the engine answers").is_none(), "the image is gone");
    project.remove(".hive");
    let third = build(&project, &[]);
    assert_eq!((&third["loaded"], &third["id"]), (&"thin".into(), &first["id"]));
    assert_eq!(project.files(".hive/images"), beside, "bill, statement and record are the same bytes");

    let facts = engine.image(&name).expect("the engine answers").expect("the image has its name");
    assert_eq!(Some(facts.id.as_str()), first["id"].as_str());
    assert_eq!(facts.created.as_deref(), Some("1970-01-01T00:00:00Z"));
    assert_eq!(facts.config["Labels"]["hive.recipe"], "demo");
    assert_eq!(facts.config["Env"], serde_json::json!(["PATH=/usr/local/bin:/bin"]), "the base's own settings stay");
    let labels = facts.config["Labels"].to_string();
    assert!(!labels.contains(&project.path("").display().to_string()), "no folder of this machine: {labels}");
}

#[test]
fn the_image_holds_the_patched_files_and_no_stale_bytecode() {
    let Some(engine) = docker::engine() else { return };
    let base = base(&engine, "plain", &|_| {});
    let project = project(&base, "files");
    build(&project, &[]);
    let opened = engine.look_into(&named("files")).expect("the image is there");
    let read = |path: &str| opened.read(&format!("/{ROOT}/{path}")).expect("the engine answers");
    let engine_file = String::from_utf8(read("hummingbot/engine.py").expect("the file is there")).expect("it is text");
    assert!(engine_file.contains("share = 0.1\n") && engine_file.contains("if deviation == 0:\n"));
    assert_eq!(read("hummingbot/zero.py").as_deref(), Some(b"ZERO = 0\n".as_slice()));
    assert!(read("controllers/market_making/mine.py").is_some());
    assert_eq!(read("hummingbot/__pycache__/engine.cpython-312.pyc"), None, "bytecode of the file before");
    assert!(read("hummingbot/__pycache__/other.cpython-312.pyc").is_some(), "bytecode of another file");
}

#[test]
fn the_folders_above_stay_as_the_base_has_them() {
    let Some(engine) = docker::engine() else { return };
    let modes = [("usr", 0o711), ("usr/local", 0o750), ("usr/local/lib", 0o701), ("usr/local/lib/python3.12", 0o705)];
    let base = base(&engine, "modes", &|root| {
        for (path, mode) in &modes {
            root.folder(path, *mode);
        }
        // What lies between a folder and the next one, larger than anybody reads on.
        root.text("usr/between", &"much\n".repeat(500_000));
    });
    let project = project(&base, "modes");
    build(&project, &[]);
    let opened = engine.look_into(&named("modes")).expect("the image is there");
    let paths: Vec<String> = modes.iter().map(|(path, _)| format!("/{path}")).collect();
    let found = opened.stats(&paths).expect("the engine answers");
    let found: Vec<u32> = found.into_iter().map(|stat| stat.expect("it is there").mode).collect();
    assert_eq!(found, modes.map(|(_, mode)| mode));
}

#[test]
fn thin_and_whole_are_one_image() {
    let Some(engine) = docker::engine() else { return };
    // A base of its own: with the others' the same recipe gives the same image, which they have named.
    let base = base(&engine, "whole", &|root| root.text("etc/of", "whole"));
    let (project, name) = (project(&base, "whole"), named("whole"));
    let thin = build(&project, &[]);
    assert_eq!(thin["manifest_digest"], Value::Null, "nobody measured the base's layers");
    engine.remove_image(&name).expect("nobody uses it");
    let whole = build(&project, &["--whole"]);
    assert_eq!((&whole["loaded"], &whole["id"]), (&"whole".into(), &thin["id"]));
    let manifest = text(&whole, "manifest_digest");
    assert_eq!(text(&build(&project, &[]), "manifest_digest"), manifest, "what was measured stays known");
    let verified = project.hive(&["verify", "demo", "--format", "json"]).json(0);
    assert_eq!(text(&verified, "manifest_digest"), manifest);
}

#[test]
fn a_changed_input_changes_the_digest_and_is_named() {
    let Some(engine) = docker::engine() else { return };
    let base = base(&engine, "plain", &|_| {});
    let project = project(&base, "changed");
    let first = build(&project, &[]);
    project.replace("recipes/demo.toml", "two patches and a controller", "a comment changes no image");
    assert_eq!(build(&project, &[])["id"], first["id"]);
    project.replace("patches/demo/01_fee.patch", "share = 0.1\n", "share = 0.2\n");
    let plan = project.hive(&["plan", "demo"]).with(0);
    assert!(plan.contains("`patches/demo/01_fee.patch` changed"), "{plan}");
    let second = build(&project, &[]);
    assert_ne!(second["id"], first["id"]);
    assert!(second["changes"].to_string().contains("`patches/demo/01_fee.patch` changed"), "{second}");
    assert_eq!(predicted(&project), text(&second, "id"));
}

#[test]
fn verify_says_equal_until_one_byte_is_changed_by_hand() {
    let Some(engine) = docker::engine() else { return };
    let base = base(&engine, "plain", &|_| {});
    let (project, name) = (project(&base, "verify"), named("verify"));
    engine.remove_image(&name).expect("nobody uses it");
    let missing = project.hive(&["verify", "demo"]).with(2);
    assert!(missing.contains("HV0657"), "{missing}");
    let built = build(&project, &[]);
    for named in ["demo", &name] {
        let verified = project.hive(&["verify", named, "--format", "json"]).json(0);
        assert_eq!((&verified["equal"], &verified["id"]), (&true.into(), &built["id"]));
    }

    tamper(&engine, &name, |layer| {
        let place = layer.windows(11).position(|bytes| bytes == b"share = 0.1").expect("the patched line is there");
        layer[place + 10] = b'9';
    });
    let said = project.hive(&["verify", "demo"]).with(5);
    assert!(said.contains("HV0660") && said.contains("has another content"), "{said}");
    assert!(said.replace("\n! ", " ").contains("hummingbot/engine.py"), "{said}");
    project.hive(&["verify", &name]).with(5);

    // The name goes back to the right image.
    let again = build(&project, &[]);
    assert_eq!(again["id"], built["id"]);
    project.hive(&["verify", "demo"]).with(0);

    project.replace("patches/demo/01_fee.patch", "share = 0.1\n", "share = 0.3\n");
    let said = project.hive(&["verify", "demo"]).with(5);
    assert!(said.contains("HV0659") && said.contains("01_fee.patch"), "{said}");
}

/// Changes the upper layer of an image and loads it under the same name, as somebody with bad intentions would.
fn tamper(engine: &Engine, name: &str, change: impl Fn(&mut Vec<u8>)) {
    let files = saved(engine, name);
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).expect("it is JSON");
    let path = |value: &Value| value.as_str().expect("a path").to_owned();
    let mut config: Value = serde_json::from_slice(&files[&path(&manifest[0]["Config"])]).expect("it is JSON");
    let layers = manifest[0]["Layers"].as_array().expect("layers");
    let mut top = files[&path(layers.last().expect("a layer"))].clone();
    change(&mut top);
    let diff_ids = config["rootfs"]["diff_ids"].as_array_mut().expect("diff ids");
    *diff_ids.last_mut().expect("a layer") = digest::of(&top).into();
    let mut archive = tar::Builder::new(Vec::new());
    let mut put = |path: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, Cursor::new(bytes)).expect("memory takes all");
    };
    let names: Vec<String> = (0..layers.len()).map(|place| format!("{place}.tar")).collect();
    for (place, layer) in layers.iter().enumerate().take(layers.len() - 1) {
        put(&names[place], &files[&path(layer)]);
    }
    put(&names[layers.len() - 1], &top);
    put("config.json", config.to_string().as_bytes());
    let manifest = serde_json::json!([{ "Config": "config.json", "Layers": names, "RepoTags": [name] }]);
    put("manifest.json", manifest.to_string().as_bytes());
    let bytes = archive.into_inner().expect("memory takes all");
    engine.load(|into| into.write_all(&bytes), None, &NoProgress).expect("the engine takes it");
}

#[test]
fn inspect_shows_what_is_inside() {
    let Some(engine) = docker::engine() else { return };
    let base = base(&engine, "plain", &|_| {});
    let (project, name) = (project(&base, "inspect"), named("inspect"));
    let built = build(&project, &[]);
    let inspected = project.hive(&["inspect", "demo", "--format", "json"]).json(0);
    assert_eq!((&inspected["recipe"], &inspected["id"]), (&"demo".into(), &built["id"]));
    assert_eq!(inspected["patches"].as_object().map(serde_json::Map::len), Some(2));
    assert_eq!(inspected["controllers"].as_object().map(serde_json::Map::len), Some(1));
    let layers = inspected["layers"].as_array().expect("layers");
    assert_eq!(layers.last().map(|layer| &layer["name"]), Some(&"overlay".into()));
    assert_eq!(layers.last().map(|layer| &layer["size_bytes"]), Some(&built["layers"][0]["measured"]["byte-count"]));
    let page = project.hive(&["inspect", &name]).with(0);
    assert!(page.contains("patches/demo/01_fee.patch") && page.contains("overlay"), "{page}");
    let foreign = project.hive(&["inspect", &base]).with(0);
    assert!(foreign.contains("it was not built by hive"), "{foreign}");
    let nothing = project.hive(&["inspect", "hive-image-test/nothing"]).with(2);
    assert!(nothing.contains("HV0657"), "{nothing}");
}

#[test]
fn bases_that_do_not_fit() {
    let Some(engine) = docker::engine() else { return };
    let refused = |base: &str, code: &str, words: &str| {
        let project = project(base, "refused");
        let said = project.hive(&["build", "demo"]).with(2).replace("\n! ", " ");
        assert!(said.contains(code) && said.contains(words), "{said}");
        assert!(!project.path(".hive/images").exists(), "nothing is recorded");
        assert!(engine.image(&named("refused")).expect("the engine answers").is_none(), "nothing is named");
    };
    refused(&docker::base::shell(&engine), "HV0648", "holds no Hummingbot");
    refused("hive-image-test/nowhere:1", "HV0645", "docker pull hive-image-test/nowhere:1");
    let edited = base(&engine, "edited", &|root| root.text(&format!("{ROOT}/hummingbot/engine.py"), "mine\n"));
    refused(&edited, "HV0652", "hummingbot/engine.py");
    let older = base(&engine, "older", &|root| root.text(&format!("{ROOT}/hummingbot/VERSION"), "2.5.0\n"));
    refused(&older, "HV0651", "holds Hummingbot 2.5.0");
    let twice = base(&engine, "twice", &|root| root.text("home/hummingbot/hummingbot/__init__.py", ""));
    refused(&twice, "HV0649", "/home/hummingbot");
    let linked = docker::base::obtain(&engine, "hive-image-test/base-linked:1", || {
        let mut root = Root::with_shell();
        for (path, text) in release("2.6.0") {
            root.text(&path.replacen("hummingbot", "opt/elsewhere/hummingbot", 1), &text);
        }
        root.link("opt/hummingbot", "/opt/elsewhere");
        root
    });
    refused(&linked, "HV0650", "/opt/hummingbot");
    let taken = base(&engine, "taken", &|root| root.text(&format!("{ROOT}/hummingbot/zero.py"), "ONE = 1\n"));
    refused(&taken, "HV0652", "hummingbot/zero.py");
    // The result of a recipe is no base for it.
    let plain = base(&engine, "plain", &|_| {});
    build(&project(&plain, "patched"), &[]);
    refused(&named("patched"), "HV0653", "patched already");
}

#[test]
fn a_pinned_base_is_insisted_on() {
    let Some(engine) = docker::engine() else { return };
    let base = base(&engine, "plain", &|_| {});
    let project = project(&base, "pinned");
    let id = engine.image(&base).expect("the engine answers").expect("the base is there").id;
    let pin = |digest: &str| {
        let recipe = project.read("recipes/demo.toml");
        let kept: Vec<&str> = recipe.lines().filter(|line| !line.starts_with("digest = ")).collect();
        let pinned = kept.join("\n").replace("\ntag = ", &format!("\ndigest = \"{digest}\"\ntag = "));
        project.write("recipes/demo.toml", &pinned);
    };
    project.hive(&["lock"]).with(0);
    let loose = project.hive(&["build", "demo", "--locked"]).with(6);
    assert!(loose.contains("HV0646") && loose.replace("\n! ", " ").contains(&id[..20]), "{loose}");
    pin(&format!("sha256:{}", "0".repeat(64)));
    let other = project.hive(&["build", "demo"]).with(6);
    assert!(other.contains("HV0647"), "{other}");
    pin(&id);
    project.hive(&["lock"]).with(0);
    project.hive(&["build", "demo", "--locked"]).with(0);
}

#[test]
fn without_an_engine_the_exit_code_says_so() {
    let mut project = project("base:1", "none");
    project.set("DOCKER_HOST", "unix:///nowhere/docker.sock");
    for verb in ["build", "verify", "inspect"] {
        let said = project.hive(&[verb, "demo"]).with(7);
        assert!(said.contains("HV0600"), "{said}");
    }
    // What is wrong with the recipe alone needs no engine to be told.
    project.replace("recipes/demo.toml", &named("none"), "Not/AName");
    assert!(project.hive(&["build", "demo"]).with(2).contains("HV0642"));
    let plain = Project::new();
    assert!(plain.hive(&["build", "demo"]).with(2).contains("HV0643"));
}
