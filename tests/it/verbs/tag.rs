//! A release that is a tag of a git repository.

use std::fs;

use super::project::Project;
use crate::fetch::repository::Repository;

#[test]
#[cfg(unix)]
fn what_surrounds_git_changes_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let repository = Repository::new();
    repository.release("v2.6.0", &[("hummingbot/VERSION", "2.6.0\n"), ("hummingbot/engine.py", "one = 1\n")]);
    let upstream = format!("[upstream.git]\nurl = \"{}\"\ntag = \"v2.6.0\"\n", repository.url());
    let mut project = Project::with_upstream(&upstream);
    // A user who wants the line ends of another system, and a hook in each clone.
    let hook = project.path("template/hooks/post-checkout");
    project.write("template/hooks/post-checkout", "#!/bin/sh\necho > evil\n");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o700)).expect("ours");
    let template = project.path("template").display().to_string();
    project.write("gitconfig", &format!("[core]\nautocrlf = true\n[init]\ntemplateDir = {template}\n"));
    let configuration = project.path("gitconfig").display().to_string();
    project.set("GIT_CONFIG_GLOBAL", &configuration);
    // What a hook of git's own is started with.
    project.set("GIT_DIR", "elsewhere");
    project.set("GIT_INDEX_FILE", "elsewhere/index");
    let fetched = project.hive(&["fetch", "--format", "json"]).json(0);
    let commit = repository.git(&["rev-parse", "HEAD"]);
    assert_eq!(fetched[0]["checksum"], format!("git:{}", commit.trim()));
    let mut entries = fs::read_dir(project.path(".hive/cache/git")).expect("the cache").flatten();
    let tree = entries.next().expect("one tag was fetched").path().join("tree");
    let text = |path: &str| fs::read_to_string(tree.join(path)).expect("the file is part of the tag");
    assert_eq!(text("hummingbot/engine.py"), "one = 1\n");
    let names = fs::read_dir(&tree).expect("the tree").flatten().map(|entry| entry.file_name());
    assert_eq!(names.collect::<Vec<_>>(), ["hummingbot"]);
}
