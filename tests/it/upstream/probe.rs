//! What probes show: every pair of answers has its verdict, and what keeps a probe from asking is no answer.

use hive::io::sandbox;
use hive::io::script::Ended;
use hive::io::script::Output;
use hive::workflow::patch::probe::Outcome;
use hive::workflow::patch::probe::Verdict;
use hive::workflow::patch::probe::read;
use hive::workflow::patch::probe::script;
use hive::workflow::patch::probe::verdict;

use super::sandbox::python;

#[test]
fn each_pair_of_answers_has_its_verdict() {
    use Outcome::Fails;
    use Outcome::Passes;
    use Outcome::Undecided;
    let cases = [
        (Fails, Some(Passes), true, Verdict::Needed),
        (Fails, Some(Passes), false, Verdict::Needed),
        (Fails, Some(Fails), true, Verdict::NotWorking),
        (Fails, None, false, Verdict::Needed),
        (Passes, Some(Passes), true, Verdict::ProvesNothing),
        (Passes, Some(Passes), false, Verdict::Obsolete),
        (Passes, None, false, Verdict::Obsolete),
        (Passes, Some(Fails), true, Verdict::Inverted),
        (Undecided, Some(Passes), true, Verdict::Undecided),
        (Fails, Some(Undecided), true, Verdict::Undecided),
        (Undecided, None, false, Verdict::Undecided),
    ];
    for (pristine, patched, claims, expected) in cases {
        assert_eq!(verdict(pristine, patched, claims), expected, "{pristine:?} {patched:?} {claims}");
    }
    let fine = cases.map(|case| case.3).into_iter().filter(|verdict| verdict.is_fine()).count();
    assert_eq!(fine, 5, "needed and obsolete are fine, and nothing else is");
}

/// Checks what the end of a probe says.
#[track_caller]
fn check(ended: Ended, talk: &str, outcome: Outcome, reason: Option<&str>) {
    let answer = read(&Output { ended, stdout: Vec::new(), talk: talk.to_owned() });
    assert_eq!((answer.outcome, answer.reason.as_deref()), (outcome, reason));
}

#[test]
fn the_last_line_is_the_reason() {
    check(Ended::Exit(0), "a warning\n", Outcome::Passes, None);
    check(
        Ended::Exit(1),
        "Traceback\n  …\nIndexError: out of bounds\n\n",
        Outcome::Fails,
        Some("IndexError: out of bounds"),
    );
    check(Ended::Exit(3), "", Outcome::Fails, Some("it ended with status 3"));
    check(Ended::Signal(11), "", Outcome::Fails, Some("it was ended by signal 11"));
}

#[test]
fn what_keeps_a_probe_from_asking_is_no_answer() {
    check(Ended::TimedOut, "", Outcome::Undecided, Some("it took longer than 300 s"));
    check(Ended::OutOfMemory, "", Outcome::Undecided, Some("it took more than 4096 MiB"));
    check(Ended::Exit(251), "ImportError: no x\n", Outcome::Undecided, Some("ImportError: no x"));
}

/// Runs a probe in a Python without Hummingbot; `None` where there is no Python.
fn asked(probe: &str) -> Option<(Outcome, Option<String>)> {
    let output = sandbox::run(&python()?, &script(probe.as_bytes().to_vec()), &mut |_| {}).expect("Python starts");
    let answer = read(&output);
    Some((answer.outcome, answer.reason))
}

#[test]
fn a_probe_runs_as_a_program_of_its_own() {
    let cases = [
        ("assert __name__ == '__main__'", Outcome::Passes, None),
        ("import sys\nsys.exit(0)", Outcome::Passes, None),
        ("import sys\nsys.exit('the ratio is nan')", Outcome::Fails, Some("the ratio is nan")),
        ("1 / 0", Outcome::Fails, Some("ZeroDivisionError: division by zero")),
        ("import hummingbot.nothing", Outcome::Undecided, Some("ModuleNotFoundError: No module named 'hummingbot'")),
        (
            "import nothing_of_the_kind",
            Outcome::Undecided,
            Some("ModuleNotFoundError: No module named 'nothing_of_the_kind'"),
        ),
        ("def (", Outcome::Undecided, Some("SyntaxError: invalid syntax (probe.py, line 1)")),
        // Who asks whether something can be imported says so himself.
        (
            "try:\n    import nothing\nexcept ImportError:\n    raise SystemExit('not there')",
            Outcome::Fails,
            Some("not there"),
        ),
    ];
    for (probe, outcome, reason) in cases {
        let Some(found) = asked(probe) else { return };
        assert_eq!((found.0, found.1.as_deref()), (outcome, reason), "{probe}");
    }
}

#[test]
fn a_probe_has_no_network() {
    let Some((outcome, reason)) = asked("import socket\nsocket.create_connection(('127.0.0.1', 9), 1)") else { return };
    assert_eq!(outcome, Outcome::Fails);
    assert!(reason.is_some_and(|reason| reason.contains("there is no network in here")));
}
