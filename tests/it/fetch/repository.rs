//! A git repository on this machine, for tests.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

/// A repository, gone when dropped.
pub(crate) struct Repository {
    folder: TempDir,
}

impl Repository {
    pub(crate) fn new() -> Self {
        let repository = Self { folder: TempDir::new().expect("a temporary folder") };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    /// Returns the address of the repository.
    pub(crate) fn url(&self) -> String {
        url::Url::from_file_path(self.folder.path()).expect("an absolute path").to_string()
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Writes files, commits all that has changed, and tags it.
    pub(crate) fn release(&self, tag: &str, files: &[(&str, &str)]) {
        for (path, text) in files {
            hive::io::files::write_atomic(&self.path(path), text.as_bytes()).expect("a temporary folder");
        }
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", tag]);
        self.git(&["tag", tag]);
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).expect("the file is there");
    }

    /// Runs git in the repository, without any configuration of the machine's, and returns what it wrote.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(self.folder.path(), arguments)
    }
}

/// Runs git in a folder, without any configuration of the machine's, and returns what it wrote.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GIT_")) {
        command.env_remove(name);
    }
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "ann").env(format!("GIT_{who}_EMAIL"), "ann@hive.test");
        command.env(format!("GIT_{who}_DATE"), "2026-01-01T00:00:00Z");
    }
    let output = command.output().expect("git is installed");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("git writes text")
}
