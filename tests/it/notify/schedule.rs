//! When a message is tried again, and what signs it.

use std::time::Duration;

use hive::io::post::sign;
use hive::workflow::notify::schedule::ASKED_MAX;
use hive::workflow::notify::schedule::PAUSE_MAX;
use hive::workflow::notify::schedule::asked;
use hive::workflow::notify::schedule::pause;

#[test]
fn pauses_double_up_to_a_bound_and_are_spread() {
    for attempt in 1..=40 {
        let whole = Duration::from_secs(1 << (attempt - 1).min(20)).min(PAUSE_MAX);
        let pauses: Vec<Duration> = (0..50).map(|seed| pause(attempt, &seed.to_string())).collect();
        assert!(pauses.iter().all(|pause| (whole / 2..=whole).contains(pause)), "attempt {attempt}: {pauses:?}");
        let (first, last) = (pauses.iter().min().expect("some"), pauses.iter().max().expect("some"));
        assert!(last.saturating_sub(*first) > whole / 4, "attempt {attempt} is not spread: {first:?} to {last:?}");
        assert_eq!(pause(attempt, "7"), pauses[7], "the same seed gives the same pause");
    }
    assert_ne!(pause(1, "a").as_secs_f64() * 2.0, pause(2, "a").as_secs_f64(), "each attempt has a place of its own");
}

#[test]
fn what_a_server_asks_for_is_understood() {
    const NOW: i64 = 1_445_412_420;
    for (header, expected) in [
        ("0", Some(0.0)),
        ("120", Some(120.0)),
        (" 0.75 ", Some(0.75)),
        ("-5", Some(0.0)),
        ("Wed, 21 Oct 2015 07:28:00 GMT", Some(60.0)),
        ("Wed, 21 Oct 2015 07:26:00 GMT", Some(0.0)),
        ("999999999", Some(ASKED_MAX.as_secs_f64())),
        ("inf", None),
        ("soon", None),
        ("", None),
    ] {
        assert_eq!(asked(header, NOW).map(|pause| pause.as_secs_f64()), expected, "{header}");
    }
}

#[test]
fn a_signature_is_hmac_as_rfc_4231_has_it() {
    let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(sign("Jefe", "what do ya want for nothing?"), expected);
}
