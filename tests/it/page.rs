//! The service's page: are its files what its policy allows, and does a reader find in a real browser what the server knows?
//!
//! The browser is driven by `tests/browser/page.mjs` with Playwright, against `hive serve` in a project whose candles are long
//! enough that a run can be watched, paused and stopped.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io::BufRead as _;
use std::io::BufReader;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;

use tempfile::TempDir;

use crate::verbs::project::Project;

/// What the test drives a browser with, and what it looks for barriers with.
const PACKAGES: [&str; 2] = ["playwright-core@1.65.1", "axe-core@4.14.1"];

/// More lines than this and a file answers two questions.
const LINES_MAX: usize = 700;

/// The token of the server that wants one.
const TOKEN: &str = "a-token-of-the-test-that-is-long-enough-0123456789";

/// What the policy forbids, or what would make markup of a text.
const FORBIDDEN: [&str; 11] = [
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "eval(",
    "new Function",
    "setAttribute(\"style\"",
    "javascript:",
    "importScripts",
    "@import",
    "https://",
];

/// A recipe of nothing but candles: four and a half months of minutes.
const RECIPE: &str = r#"schema = 1

[recipe]
name = "demo"
description = "candles to replay"

[upstream.pypi]
package = "hummingbot"
version = "20250609"
artifact = "sdist"

[candles.walk]
synthetic = { seed = 7, rows = 200000, start = 2026-01-01T00:00:00Z, interval = "1m", price = 100, tick = 0.01, volume = 3, volatility-bps = 8 }
pair = "BTC-USDT"
connector = "binance_perpetual"
"#;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the page's files with their texts, by name.
fn files() -> Vec<(String, String)> {
    let entries = fs::read_dir(root().join("src/service/page")).expect("the page is there");
    let mut files: Vec<(String, String)> = entries
        .map(|entry| entry.expect("a folder of ours can be listed"))
        .map(|entry| {
            let text = fs::read_to_string(entry.path()).expect("the page is made of texts");
            (entry.file_name().to_string_lossy().into_owned(), text)
        })
        .collect();
    files.sort();
    assert!(files.len() > 20, "only {} files were found, so nothing is proven", files.len());
    files
}

/// Returns what is wrong with one of the page's files.
fn problems(name: &str, text: &str) -> Vec<String> {
    let ending = name.rsplit('.').next().unwrap_or_default();
    let begin = match ending {
        "js" => "// ",
        "css" => "/* ",
        _ => "<!-- ",
    };
    let mut problems = Vec::new();
    let first = text.lines().next().unwrap_or_default();
    // A question, as the sources in Rust begin with one.
    let comment: String =
        text.lines().take_while(|line| line.starts_with(begin.trim_end()) || *line == first).collect();
    if !first.starts_with(begin) || (ending != "svg" && !comment.contains('?')) {
        problems.push(format!("{name}: its first comment does not say what it answers"));
    }
    if text.lines().count() > LINES_MAX {
        problems.push(format!("{name}: more than {LINES_MAX} lines"));
    }
    if let Some(line) = text.lines().position(|line| line.chars().count() > 400) {
        problems.push(format!("{name}:{}: a line that nobody wrote by hand", line + 1));
    }
    problems.extend(FORBIDDEN.iter().filter(|it| text.contains(**it)).map(|it| format!("{name}: `{it}`")));
    // The one address that is a name and not a place.
    if text.replace("http://www.w3.org/2000/svg", "").contains("http://") {
        problems.push(format!("{name}: an address of another host"));
    }
    if ending == "html" {
        let inline = ["<style", " style=", " onclick=", " onload=", "<script>"];
        problems.extend(inline.iter().filter(|it| text.contains(**it)).map(|it| format!("{name}: `{it}` is inline")));
    }
    problems
}

#[test]
fn the_page_is_made_of_small_files_that_its_policy_allows() {
    let found: Vec<String> = files().iter().flat_map(|(name, text)| problems(name, text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn what_the_policy_forbids_would_be_found() {
    let long = "// What?\n".repeat(LINES_MAX + 1);
    for (name, text, expected) in [
        ("a.js", "node.innerHTML = text;", 2),
        ("a.js", "// Says nothing.\nrun();", 1),
        ("a.js", "// What?\nfetch(\"http://other.example/\");", 1),
        ("a.js", &long, 1),
        ("a.html", "<!-- What? -->\n<p style=\"color: red\" onclick=\"go()\">", 2),
        ("a.css", "/* How? */\n@import \"b.css\";", 1),
        ("a.js", "// What is this?\nexport const one = 1;", 0),
    ] {
        assert_eq!(problems(name, text).len(), expected, "{text}");
    }
}

/// Follows what the page names, from its first file on: nothing is missing, and nothing lies about.
#[test]
fn each_file_is_reached_and_there() {
    let files = files();
    let names: BTreeSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let mut reached = BTreeSet::from(["index.html"]);
    let mut open = vec!["index.html"];
    while let Some(name) = open.pop() {
        let text = &files.iter().find(|(known, _)| known == name).expect("it is there").1;
        for quoted in text.split('"').skip(1).step_by(2) {
            let Some(other) = quoted.strip_prefix("./").or_else(|| quoted.strip_prefix('/')) else { continue };
            let ending = other.rsplit('.').next().unwrap_or_default();
            if !["js", "css", "svg"].contains(&ending) || other.contains('/') {
                continue;
            }
            let known = names.get(other);
            assert!(known.is_some(), "{name} names {other}, which is not there");
            if let Some(known) = known
                && reached.insert(known)
            {
                open.push(known);
            }
        }
    }
    let lost: Vec<&&str> = names.difference(&reached).collect();
    assert!(lost.is_empty(), "nobody asks for {lost:?}");
}

/// A server of a project, ended with the test.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(project: &Project, variables: &[(&str, &str)]) -> Self {
        let mut command = project.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.envs(variables.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the server starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("it is piped");
        BufReader::new(out).read_line(&mut line).expect("the server says where it listens");
        let url = line.trim().to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "`{url}` is where it listens");
        Self { child, url }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What drives a browser on this machine.
struct Driver {
    node: PathBuf,
    browser: PathBuf,
    modules: TempDir,
}

fn program(names: &[&str]) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = env::var_os("PATH").iter().flat_map(env::split_paths).collect();
    let mut found = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    found.find(|path| path.is_file())
}

impl Driver {
    /// Returns what there is; without a part of it, the test that asks is skipped, and says so, or fails with
    /// `HIVE_REQUIRE_BROWSER=1`.
    #[expect(clippy::print_stderr, reason = "a test has no other way to say that it proves nothing")]
    fn find() -> Option<Self> {
        let found = Self::look();
        if let Err(missing) = &found {
            let is_required = env::var_os("HIVE_REQUIRE_BROWSER").is_some_and(|value| value == "1");
            assert!(!is_required, "HIVE_REQUIRE_BROWSER=1, but {missing}");
            eprintln!("skipped: {missing}, so nobody looks at the page");
        }
        found.ok()
    }

    fn look() -> Result<Self, String> {
        let browser = program(&["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]);
        let browser = browser.ok_or("there is no Chromium on the PATH")?;
        let node = program(&["node"]).ok_or("there is no Node on the PATH")?;
        let npm = program(&["npm"]).ok_or("there is no npm on the PATH")?;
        let modules = TempDir::new().expect("a temporary folder");
        // Where packages come from is npm's ordinary configuration.
        let installed = Command::new(npm)
            .args(["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"])
            // Without a network, npm would try for minutes.
            .args(["--prefer-offline", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--prefix"])
            .arg(modules.path())
            .args(PACKAGES)
            .current_dir(modules.path())
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("npm does not start: {error}"))?;
        if !installed.status.success() {
            return Err(format!("npm installs nothing: {}", String::from_utf8_lossy(&installed.stderr)));
        }
        Ok(Self { node, browser, modules })
    }
}

/// A project of nothing but candles.
fn project() -> Project {
    let project = Project::empty();
    project.write("recipes/demo.toml", RECIPE);
    project
}

/// Fills the form, starts, watches, pauses, finds the run again after a reload, stops it, compares two, deletes one; at two
/// widths, light and dark; without an error in the console, without a serious finding of axe, without asking another host.
#[test]
fn a_reader_finds_in_the_browser_what_the_server_knows() {
    let Some(driver) = Driver::find() else { return };
    let (open, locked) = (project(), project());
    let server = Server::start(&open, &[]);
    let with_token = Server::start(&locked, &[("HIVE_TOKEN", TOKEN)]);
    let pictures = TempDir::new().expect("a temporary folder");
    // Whoever wants to look at the pictures says where they go.
    let kept = env::var_os("HIVE_PAGE_PICTURES").map_or_else(|| pictures.path().to_owned(), PathBuf::from);
    let output = Command::new(&driver.node)
        .arg(root().join("tests/browser/page.mjs"))
        .env("PAGE_URL", &server.url)
        .env("PAGE_TOKEN_URL", &with_token.url)
        .env("PAGE_TOKEN", TOKEN)
        .env("PAGE_MODULES", driver.modules.path())
        .env("PAGE_BROWSER", &driver.browser)
        .env("PAGE_PICTURES", &kept)
        .env("HOME", driver.modules.path())
        .stdin(Stdio::null())
        .output()
        .expect("node starts");
    let talk = format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{talk}");
    assert!(talk.lines().any(|line| line == "done: all"), "{talk}");
    for name in ["1280-light", "1280-dark", "390-light", "390-dark"] {
        for what in ["form", "result", "history", "comparison"] {
            let picture = kept.join(format!("{name}-{what}.png"));
            assert!(
                fs::metadata(&picture).is_ok_and(|file| file.len() > 5000),
                "there is a picture {}",
                picture.display()
            );
        }
    }
}
