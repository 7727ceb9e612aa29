//! Is what README.md shows what happens?
//!
//! Blocks are told apart by their tag. A command of a `console` block must be one that hive understands; below the line
//! `<!-- offline -->` it is run in the project's root as well, and must write what the block shows (`[..]` stands for
//! anything within a line, `...` for any lines) and succeed, or end as `<!-- offline: exit 2 -->` says. A `toml` block
//! with `schema = 1` must resolve. `rust` blocks are documentation tests of `src/lib.rs`.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

use hive::cli::diagnostic::draw;
use hive::recipe::resolve::Project;
use hive::recipe::resolve::resolve;

/// The two ways in which a reader starts hive.
const PROMPTS: [&str; 2] = ["$ hive ", "$ cargo run --release -- "];

/// Verbs that leave the project as it is, its cache aside, so that showing them changes nothing.
const READERS: [&str; 10] =
    ["audit", "bisect", "completions", "doctor", "explain", "lint", "plan", "run", "schema", "test"];

#[test]
fn every_block_has_a_tag() {
    for block in blocks(&readme()) {
        assert!(!block.tag.is_empty(), "README.md:{}: say what the block is: console, toml, text", block.line);
    }
}

#[test]
fn commands_are_understood() {
    let commands = commands();
    assert!(!commands.is_empty(), "README.md shows no command");
    for command in commands {
        let words = std::iter::once("hive".to_owned()).chain(command.words.clone());
        if let Err(error) = hive::cli::command().try_get_matches_from(words) {
            assert!(!error.use_stderr(), "README.md:{}: {error}", command.line);
        }
    }
}

#[test]
fn offline_commands_write_what_is_shown() {
    for command in commands() {
        let Some(expected) = command.exit else { continue };
        let line = command.line;
        let verb = command.words.iter().find(|word| !word.starts_with('-')).map_or("", String::as_str);
        assert!(verb.is_empty() || READERS.contains(&verb), "README.md:{line}: `hive {verb}` writes; it cannot be run");
        let output = Command::new(env!("CARGO_BIN_EXE_hive"))
            .args(&command.words)
            .current_dir(root())
            .env("NO_COLOR", "1")
            .env_remove("CLICOLOR_FORCE")
            .env("COLUMNS", "100")
            .stdin(Stdio::null())
            .output()
            .expect("the binary is built with the tests");
        let written = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).expect("hive writes text"));
        let written = written.concat();
        let status = output.status.code();
        assert_eq!(status, Some(expected), "README.md:{line}: another exit code, with this text:\n{written}");
        assert!(
            is_shown(&command.shown, &written),
            "README.md:{line}: shown is\n{}\nand written is\n{written}",
            command.shown
        );
    }
}

#[test]
fn the_gate_keeps_the_promise_to_newcomers() {
    let gate = fs::read_to_string(root().join(".ci/run")).expect("the gate is part of the project");
    let promised: Vec<_> = gate.lines().filter_map(|line| line.strip_prefix("step cargo run ")).collect();
    assert_eq!(promised.len(), 2, "a first run, and a second one");
    for arguments in promised {
        let shown = readme().lines().any(|line| line == format!("$ cargo run {arguments}"));
        assert!(shown, "`.ci/run` runs `cargo run {arguments}`, and README.md does not show it");
    }
}

#[test]
fn recipes_resolve() {
    for block in blocks(&readme()) {
        if block.tag != "toml" || !block.text.lines().any(|line| line.trim() == "schema = 1") {
            continue;
        }
        if let Err(errors) = resolve("recipes/readme.toml", &block.text, &Root) {
            panic!("README.md:{}: {}", block.line, draw(&errors, false, 100));
        }
    }
}

#[test]
fn the_map_names_every_floor() {
    let readme = readme();
    for entry in fs::read_dir(root().join("src")).expect("the source is there") {
        let entry = entry.expect("a folder of ours can be listed");
        let name = entry.file_name().to_string_lossy().into_owned();
        let forms = [format!("`{name}`"), format!("`{name}/`"), format!("`src/{name}`"), format!("`src/{name}/`")];
        let named = forms.iter().any(|form| readme.contains(form));
        assert!(named || !entry.path().is_dir(), "README.md does not say what `src/{name}/` is");
    }
}

#[test]
fn text_is_shown_when_it_fits() {
    for (shown, written, expected) in [
        ("a\nb", "a\nb\n", true),
        ("a  ", "a\n", true),
        ("a", "a\nb\n", false),
        ("a\nb", "a\n", false),
        ("", "", true),
        ("", "a\n", false),
        ("...", "", true),
        ("...", "a\nb\n", true),
        ("a\n...\nz", "a\nz\n", true),
        ("a\n...\nz", "a\nz\nz\n", true),
        ("a\n...\nz", "a\nb\n", false),
        ("...\nm\n...", "a\nm\nz\n", true),
        ("[..]", "anything\n", true),
        ("[..]", "", false),
        ("took [..] s, [..]", "took 12 s, well\n", true),
        ("took [..] s", "took 12 ms\n", false),
        ("took [..] s", "it took 12 s\n", false),
        ("a[..]a", "a\n", false),
        ("[..]ab", "aab\n", true),
    ] {
        assert_eq!(is_shown(shown, written), expected, "{shown:?} for {written:?}");
    }
}

#[test]
fn blocks_and_commands_are_found() {
    let text = "# A\n\n<!-- offline: exit 2 -->\n```console\n$ hive explain 'a b'\nno\n\n$ hive lint\nyes\n```\n\n```toml\n[a]\n```\n```\n```\n";
    let found = blocks(text);
    let tags: Vec<_> = found.iter().map(|block| (block.line, block.tag.as_str(), block.exit)).collect();
    assert_eq!(tags, [(4, "console", Some(2)), (12, "toml", None), (15, "", None)]);
    assert_eq!(found[1].text, "[a]\n");
    let commands = commands_of(&found[0]);
    let lines: Vec<_> = commands.iter().map(|command| (command.line, &*command.words, &*command.shown)).collect();
    let words = [vec!["explain".to_owned(), "a b".to_owned()], vec!["lint".to_owned()]];
    assert_eq!(lines, [(5, &*words[0], "no\n\n"), (8, &*words[1], "yes\n")]);
}

/// The project itself, whose files the recipes of README.md may name.
struct Root;

impl Project for Root {
    fn exists(&self, path: &str) -> bool {
        root().join(path).is_file()
    }

    fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(root().join(path)).ok()
    }
}

/// A fenced block.
struct Block {
    /// The line of its fence, counted from 1.
    line: usize,
    /// The word behind its fence.
    tag: String,
    /// How its commands end when they are run; `None` where they are not.
    exit: Option<i32>,
    text: String,
}

/// A command of hive and what it is said to write.
struct Example {
    line: usize,
    /// The words behind the program's name.
    words: Vec<String>,
    exit: Option<i32>,
    shown: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).expect("the project has a README.md")
}

fn commands() -> Vec<Example> {
    blocks(&readme()).iter().flat_map(commands_of).collect()
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    let mut exit = None;
    for (index, line) in text.lines().enumerate() {
        let fence = line.trim().strip_prefix("```");
        match (open.take(), fence) {
            (Some(block), Some(_)) => blocks.push(block),
            (Some(mut block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some(block);
            }
            (None, Some(tag)) => {
                let text = String::new();
                open = Some(Block { line: index + 1, tag: tag.trim().to_owned(), exit: exit.take(), text });
            }
            (None, None) if line.trim().is_empty() => {}
            (None, None) => exit = mark(line.trim()),
        }
    }
    assert!(open.is_none(), "README.md: the last block is not closed");
    blocks
}

/// Returns the exit code that a mark above a block expects; `None` for any other line.
fn mark(line: &str) -> Option<i32> {
    let rest = line.strip_prefix("<!-- offline")?.strip_suffix("-->")?.trim();
    if rest.is_empty() {
        return Some(0);
    }
    Some(rest.strip_prefix(": exit ").and_then(|code| code.parse().ok()).expect("a mark reads `offline: exit 2`"))
}

/// Returns the commands of a block; a prompt in front of any other program is passed over.
fn commands_of(block: &Block) -> Vec<Example> {
    let mut commands: Vec<Example> = Vec::new();
    if block.tag != "console" {
        return commands;
    }
    let mut is_ours = false;
    for (index, line) in block.text.lines().enumerate() {
        if line.starts_with("$ ") {
            let written = PROMPTS.iter().find_map(|prompt| line.strip_prefix(prompt));
            is_ours = written.is_some();
            commands.extend(written.map(|written| Example {
                line: block.line + 1 + index,
                words: words(written),
                exit: block.exit,
                shown: String::new(),
            }));
        } else if let Some(command) = commands.last_mut().filter(|_| is_ours) {
            command.shown.push_str(line);
            command.shown.push('\n');
        }
    }
    commands
}

/// Splits a command line at blanks outside quotes. There is no shell: its other signs are refused.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for character in line.trim().chars() {
        let word = words.last_mut().expect("there is always a word");
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, ' ') => words.push(String::new()),
            (None, '|' | '>' | '<' | '&' | ';' | '$' | '#' | '`' | '\\') => {
                panic!("README.md: `{line}` needs a shell, and its commands are run without one")
            }
            _ => word.push(character),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Tells whether a text is what is shown, but for blanks at the ends of lines and empty lines at the end.
fn is_shown(shown: &str, written: &str) -> bool {
    fn lines(text: &str) -> Vec<&str> {
        text.trim_end().lines().map(str::trim_end).collect()
    }
    fits(&lines(shown), &lines(written))
}

/// Tells whether lines match, where `...` stands for any number of them.
fn fits(shown: &[&str], written: &[&str]) -> bool {
    match (shown, written) {
        ([], _) => written.is_empty(),
        (["...", rest @ ..], _) => (0..=written.len()).any(|skipped| fits(rest, &written[skipped..])),
        ([first, rest @ ..], [line, left @ ..]) => line_fits(first, line) && fits(rest, left),
        (_, []) => false,
    }
}

/// Tells whether a line matches, where `[..]` stands for anything.
fn line_fits(shown: &str, written: &str) -> bool {
    let parts: Vec<&str> = shown.split("[..]").collect();
    let [first, middle @ .., last] = &*parts else { return shown == written };
    let inner = written.strip_prefix(first).and_then(|written| written.strip_suffix(last));
    // The earliest place for each part leaves the most room for the next one.
    let after = |inner: &str, part: &&str| inner.split_once(part).map(|(_, after)| after.to_owned());
    inner.is_some_and(|inner| middle.iter().try_fold(inner.to_owned(), |inner, part| after(&inner, part)).is_some())
}
