//! Findings as JUnit's XML, which CI servers show as tests: a test case for each file or scenario that was looked at.
//!
//! A case with an error fails; what came of it, and warnings, stand in its output. Characters that XML 1.0 cannot carry become U+FFFD.

use quick_xml::Writer;
use quick_xml::events::BytesText;

use super::Case;
use super::Report;
use super::all_words;
use crate::workflow::finding::Placed;

pub(super) fn render(report: &Report) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let written = suites(&mut writer, report);
    written.expect("writing to memory cannot fail");
    let text = String::from_utf8(writer.into_inner()).expect("the XML is made of text");
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}\n")
}

fn suites(writer: &mut Writer<Vec<u8>>, report: &Report) -> std::io::Result<()> {
    let name = format!("hive {}", report.verb);
    let mut cases: Vec<(Case, Vec<&Placed>)> = report.cases.iter().map(|case| (case.clone(), Vec::new())).collect();
    for finding in &report.findings {
        let file = finding.place.as_ref().map(|place| place.file.as_str());
        let about = finding.case.as_deref().or(file).unwrap_or("hive");
        match cases.iter_mut().find(|(case, _)| case.name == about) {
            Some((_, findings)) => findings.push(finding),
            None => cases.push((Case { name: about.to_owned(), said: None }, vec![finding])),
        }
    }
    let is_bad = |finding: &&Placed| finding.severity == "error";
    let failed = cases.iter().filter(|(_, findings)| findings.iter().any(is_bad)).count();
    let counts = [("tests", cases.len().to_string()), ("failures", failed.to_string()), ("errors", "0".to_owned())];
    let counts = || counts.iter().map(|(name, count)| (*name, count.as_str()));
    let suites = writer.create_element("testsuites").with_attribute(("name", name.as_str())).with_attributes(counts());
    suites.write_inner_content(|writer| {
        let suite =
            writer.create_element("testsuite").with_attribute(("name", name.as_str())).with_attributes(counts());
        let suite = suite.with_attributes([("skipped", "0"), ("time", "0")]);
        suite.write_inner_content(|writer| {
            cases.iter().try_for_each(|(about, findings)| case(writer, about, findings))
        })?;
        Ok(())
    })?;
    Ok(())
}

fn case(writer: &mut Writer<Vec<u8>>, case: &Case, findings: &[&Placed]) -> std::io::Result<()> {
    let name = plain(&case.name);
    let attributes = [("classname", "hive"), ("name", name.as_str()), ("time", "0")];
    let element = writer.create_element("testcase").with_attributes(attributes);
    if findings.is_empty() && case.said.is_none() {
        element.write_empty()?;
        return Ok(());
    }
    let (errors, others): (Vec<&Placed>, Vec<&Placed>) =
        findings.iter().copied().partition(|finding| finding.severity == "error");
    element.write_inner_content(|writer| {
        // JUnit's readers take one failure a case, so all errors are told in it.
        if let Some(first) = errors.first() {
            let message = plain(&first.message);
            let code = first.code.clone().unwrap_or_default();
            let failure = writer.create_element("failure");
            let failure = failure.with_attributes([("type", code.as_str()), ("message", message.as_str())]);
            failure.write_text_content(BytesText::new(&plain(&told(&errors))))?;
        }
        let said = case.said.as_ref().map_or_else(String::new, |said| format!("{said}\n")) + &told(&others);
        if !said.is_empty() {
            writer.create_element("system-out").write_text_content(BytesText::new(&plain(&said)))?;
        }
        Ok(())
    })?;
    Ok(())
}

fn told(findings: &[&Placed]) -> String {
    let lines = findings.iter().map(|finding| {
        let place = finding
            .place
            .as_ref()
            .map_or_else(String::new, |place| format!("{}:{}:{}: ", place.file, place.line, place.column));
        let code = finding.code.as_ref().map_or_else(String::new, |code| format!("[{code}]"));
        format!("{place}{}{code}: {}\n", finding.severity, all_words(finding).replace('\n', "\n  "))
    });
    lines.collect()
}

/// Returns a text with what XML 1.0 cannot carry replaced; markup is escaped by the writer.
fn plain(text: &str) -> String {
    let is_allowed = |letter: char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}');
    text.chars().map(|letter| if is_allowed(letter) { letter } else { '\u{fffd}' }).collect()
}
