//! Which index is asked: pip's own precedence.

use std::cell::RefCell;

use hive::io::index::configured;
use hive::io::index::configured::Question;

use super::drawn;

/// Finds the indexes with an environment and a pip of the test's own, and returns them with the questions asked.
fn found(
    environment: &[(&str, &str)],
    config: Option<&str>,
    default: Option<&str>,
) -> (Result<Vec<String>, hive::io::index::Error>, Vec<Question>) {
    let asked = RefCell::new(Vec::new());
    let variable = |name: &str| {
        let (_, value) = environment.iter().find(|(known, _)| *known == name)?;
        Some((*value).to_owned())
    };
    let pip = |question| {
        asked.borrow_mut().push(question);
        let answer = match question {
            Question::Config => config,
            Question::DefaultIndex => default,
        };
        answer.map(str::to_owned)
    };
    let indexes = configured::find(&variable, &pip).map(|indexes| {
        let urls = indexes.urls.iter().map(ToString::to_string);
        urls.chain(indexes.certificates.map(|path| path.display().to_string())).collect()
    });
    (indexes, asked.into_inner())
}

fn check(environment: &[(&str, &str)], config: Option<&str>, default: Option<&str>, expected: &[&str]) {
    let (indexes, _) = found(environment, config, default);
    assert_eq!(indexes.expect("an index is configured"), expected);
}

#[test]
fn the_variable_is_taken_without_asking_pip() {
    let (indexes, asked) = found(&[("PIP_INDEX_URL", "https://index.test/simple")], Some("x"), Some("y"));
    assert_eq!(indexes.expect("the variable is an address"), ["https://index.test/simple"]);
    assert_eq!(asked, []);
}

#[test]
fn sources() {
    let default = Some("https://default.test/simple\n");
    check(&[], None, default, &["https://default.test/simple"]);
    check(&[], Some(""), default, &["https://default.test/simple"]);
    check(&[], Some("global.timeout='60'\n"), default, &["https://default.test/simple"]);
    check(&[], Some("global.index-url='https://mirror.test/'\n"), default, &["https://mirror.test/"]);
    check(
        &[],
        Some("global.index-url='https://all.test/'\ninstall.index-url='https://install.test/'\n"),
        default,
        &["https://install.test/"],
    );
    check(
        &[],
        Some("global.extra-index-url='\\nhttps://one.test/\\nhttps://two.test/'\nglobal.cert=\"/it's/ca.pem\"\n"),
        default,
        &["https://default.test/simple", "https://one.test/", "https://two.test/", "/it's/ca.pem"],
    );
    check(
        &[("PIP_INDEX_URL", "file:///srv/index"), ("PIP_EXTRA_INDEX_URL", "http://a.test http://b.test")],
        None,
        None,
        &["file:///srv/index", "http://a.test/", "http://b.test/"],
    );
    #[cfg(unix)]
    check(&[("PIP_INDEX_URL", "/srv/index"), ("PIP_CERT", "/ca.pem")], None, None, &["file:///srv/index/", "/ca.pem"]);
}

#[test]
fn no_index_at_all() {
    let (indexes, asked) = found(&[], None, None);
    assert_eq!(asked, [Question::Config, Question::DefaultIndex]);
    insta::assert_snapshot!("no_index", drawn(&indexes.expect_err("nothing is configured")));
}

#[test]
fn an_index_that_is_no_address_keeps_its_password() {
    let (indexes, _) = found(&[("PIP_INDEX_URL", "ftp://user:secret@index.test/simple")], None, None);
    insta::assert_snapshot!("index_no_address", drawn(&indexes.expect_err("ftp is not fetched")));
}
