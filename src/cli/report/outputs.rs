//! What a test run writes beside its report: files in other formats, a page for a CI step, a badge.

use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum as _;
use clap::builder::OsStringValueParser;
use clap::builder::TypedValueParser;
use serde_json::Value;

use crate::cli::arguments::Format;
use crate::cli::report;
use crate::cli::report::badge;
use crate::cli::report::summary;
use crate::cli::report::tested;
use crate::workflow::Error;
use crate::workflow::Project;
use crate::workflow::output;
use crate::workflow::test::Tested;

/// What is written beside the report.
#[derive(Debug, Args)]
#[command(next_help_heading = "Outputs")]
pub(crate) struct Outputs {
    /// Write the report into a file as well: json, junit, sarif or github; may be given several times
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = written)]
    written: Vec<(Format, PathBuf)>,
    /// Append a page of Markdown to a file, for the summary of a CI step
    #[arg(long, value_name = "FILE", env = "GITHUB_STEP_SUMMARY", hide_env_values = true, value_parser = path())]
    summary: Option<PathBuf>,
    /// Draw the state of the goldens as a badge for a README
    #[arg(long, value_name = "FILE.svg")]
    badge: Option<PathBuf>,
}

impl Outputs {
    /// Writes what was asked for; `json` makes the report as scripts read it.
    pub(crate) fn write(&self, project: &Project, tested: &Tested, json: &dyn Fn() -> Value) -> Result<(), Error> {
        for (format, path) in &self.written {
            let text = match format {
                Format::Json => format!("{}\n", json()),
                format => report::render(&tested::report(project, tested), *format),
            };
            output::whole(path, &text)?;
        }
        if let Some(path) = self.summary.as_deref().filter(|path| *path != Path::new("")) {
            output::append(path, &summary::page(tested))?;
        }
        if let Some(path) = &self.badge {
            output::whole(path, &badge::draw(summary::standing(tested)))?;
        }
        Ok(())
    }
}

/// Reads a path that may be empty: a CI without summaries may set the variable to nothing.
fn path() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

/// Reads `FORMAT=FILE`.
fn written(text: &str) -> Result<(Format, PathBuf), String> {
    let (name, path) = text.split_once('=').ok_or("write it as FORMAT=FILE, `sarif=hive.sarif`")?;
    let format = Format::from_str(name, true).ok().filter(|format| *format != Format::Human);
    let format = format.ok_or_else(|| format!("`{name}` is none of json, junit, sarif and github"))?;
    if path.is_empty() { Err("no file is named".to_owned()) } else { Ok((format, PathBuf::from(path))) }
}
