//! Does the reader lose anything, whatever the text?

#![no_main]

use hive_fuzz::patch::Patch;
use hive_fuzz::patch::State;
use hive_fuzz::patch::apply;
use hive_fuzz::patch::lint;
use hive_fuzz::patch::lint::Context;
use hive_fuzz::patch::lint::Severity;
use hive_fuzz::patch::parse_stripped;
use hive_fuzz::patch::print;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    for level in [1, 0, 2] {
        check(text, level);
    }
});

fn check(text: &[u8], level: usize) {
    let findings = lint("x.patch", text, &Context::default());
    let patch = match parse_stripped("x.patch", text, level) {
        Ok(patch) => patch,
        Err(error) => {
            // The linter reads with `-p1`, and limits and names that differ in case are the parser's alone.
            let is_parsers = ["HV0241", "HV0242"].contains(&code(&error).as_str());
            let is_known = findings.iter().any(|finding| finding.severity == Severity::Error);
            assert!(level != 1 || is_parsers || is_known, "no finding for {error}");
            return;
        }
    };
    // What was read is printed as it was, and says the same.
    let whole = if text.ends_with(b"\n") { text.to_owned() } else { [text, b"\n"].concat() };
    let printed = print(&patch);
    assert!(printed == whole || printed == text || !patch.notes.is_empty(), "not printed as it was");
    let again = parse_stripped("x.patch", &printed, level).expect("what is printed can be read");
    assert_eq!(print(&again), printed);
    let changes = |patch: &Patch| -> Vec<_> {
        let hunks = patch.files.iter().flat_map(|file| &file.hunks);
        hunks.flat_map(|hunk| &hunk.lines).map(|line| (line.kind, line.text.clone())).collect()
    };
    assert_eq!(changes(&again), changes(&patch));
    // Each `@@` outside of a hunk's own lines ended up in a hunk.
    let own: Vec<usize> = patch.files.iter().flat_map(|file| &file.hunks).map(|hunk| hunk.line).collect();
    let within = |line: usize| {
        let mut hunks = patch.files.iter().flat_map(|file| &file.hunks);
        hunks.any(|hunk| hunk.lines.iter().any(|own| own.line == line))
    };
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let is_hunk = line.starts_with(b"@@ -");
        assert!(!is_hunk || own.contains(&(index + 1)) || within(index + 1), "line {} is lost", index + 1);
    }
    // Nothing that is read makes the rest fall over.
    for target in [None, Some(&b""[..]), Some(&b"1\n2\n3\n"[..]), Some(text)] {
        let outcome = apply(&patch, &mut |_| target.map(<[u8]>::to_vec));
        assert_eq!(outcome.error(&patch).is_none(), outcome.is_fine());
        assert!(outcome.writes() || outcome.changes().is_empty());
        assert!(outcome.state != State::Applied || outcome.changes().is_empty());
    }
}

fn code(error: &dyn miette::Diagnostic) -> String {
    error.code().map(|code| code.to_string()).unwrap_or_default()
}
