//! The page's files: as what they are given out, and that nothing else is.

use axum::body::Body;

use super::house::House;
use super::house::Setup;
use super::house::request;

#[test]
fn the_page_is_given_with_a_policy() {
    let house = House::with(Setup::locked());
    let page = house.get("/");
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert_eq!(page.header("cache-control"), "no-cache");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let policy = page.header("content-security-policy");
    assert_eq!(
        policy,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    );
    let again = request("GET", "/").header("if-none-match", page.header("etag")).body(Body::empty());
    assert_eq!(house.ask(again.expect("a request")).status, 304);
}

#[test]
fn every_file_that_the_page_names_is_there() {
    let house = House::new();
    let page = house.get("/").text;
    let names: Vec<&str> = page
        .split(['"', '\''])
        .filter_map(|part| part.strip_prefix('/').or_else(|| part.strip_prefix("./")))
        .filter(|name| name.rsplit_once('.').is_some_and(|(_, ending)| ["js", "css", "svg"].contains(&ending)))
        .collect();
    assert!(names.len() >= 3, "{names:?}");
    for name in names {
        let file = house.get(&format!("/{name}"));
        assert_eq!(file.status, 200, "{name}");
        assert!(!file.text.is_empty(), "{name}");
    }
}
