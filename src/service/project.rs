//! How do the service's questions reach a project's use cases: backtests, candles, forms?

use miette::Diagnostic as _;
use serde_json::Value;

use crate::service::desk::Checked;
use crate::service::desk::Desk;
use crate::service::error::Error;
use crate::service::error::Problem;
use crate::service::order;
use crate::service::start;
use crate::workflow;
use crate::workflow::Project;
use crate::workflow::backtest;
use crate::workflow::candles::Wanted;
use crate::workflow::candles::download;
use crate::workflow::jobs::Done;
use crate::workflow::jobs::Failed;
use crate::workflow::jobs::Watch;
use crate::workflow::jobs::Work;

/// A project, as the service asks it, and as jobs are worked on.
#[derive(Debug, Clone)]
pub struct ProjectDesk {
    backtests: backtest::Desk,
    /// Whether downloads may ask machines of private networks.
    allows_private: bool,
}

impl ProjectDesk {
    /// Opens a project.
    ///
    /// # Errors
    ///
    /// Refuses a replay profile that there is not.
    pub fn open(project: &Project, settings: &backtest::Settings, allows_private: bool) -> Result<Self, start::Error> {
        let opened = backtest::Desk::open(project, settings);
        let backtests = opened
            .map_err(|error| start::Error::Profile { why: error.to_string(), hint: backtest::Desk::profile_hint() })?;
        Ok(Self { backtests, allows_private })
    }
}

impl Desk for ProjectDesk {
    fn check(&self, body: &Value) -> Result<Checked, Error> {
        let checked = backtest::check(&self.backtests, body)?;
        Ok(Checked { request: checked.request, key: checked.key, title: checked.title })
    }

    fn check_download(&self, body: &Value) -> Result<Checked, Error> {
        let wanted: Wanted =
            serde_json::from_value(body.clone()).map_err(|error| Error::invalid(unreadable(&error)))?;
        let wanted = Wanted { allow_private: self.allows_private, ..wanted };
        wanted.check(self.backtests.store().project()).map_err(|error| impossible(&error))?;
        let title = wanted.title();
        let request = serde_json::to_value(&wanted).expect("what is wanted is text and whole numbers");
        // What an exchange has changes: no result is kept for those who ask again.
        Ok(Checked { request, key: String::new(), title })
    }

    fn forms(&self) -> Value {
        serde_json::to_value(backtest::forms()).expect("forms have text keys and finite numbers")
    }

    fn configs(&self) -> Vec<String> {
        self.backtests.configs()
    }

    fn profiles(&self) -> (Vec<String>, String) {
        let names = backtest::Desk::profiles().into_iter().map(str::to_owned).collect();
        (names, self.backtests.profile().to_owned())
    }

    fn coverage(&self) -> Result<Value, Error> {
        let coverage = self.backtests.store().coverage().map_err(|error| Error::failed("the candles", &error))?;
        Ok(serde_json::to_value(coverage).expect("coverage has text keys and finite numbers"))
    }
}

impl Work for ProjectDesk {
    fn run(&self, kind: &str, request: &Value, watch: &dyn Watch) -> Result<Done, Failed> {
        match kind {
            order::DOWNLOAD => download::job(self.backtests.store(), request, self.allows_private, watch),
            _ => self.backtests.run(kind, request, watch),
        }
    }
}

impl From<backtest::Invalid> for Error {
    fn from(invalid: backtest::Invalid) -> Self {
        let is_of_the_engine = invalid.is_of_the_engine();
        let hint = invalid.problems.iter().find_map(|problem| problem.hint.clone());
        let problems = invalid.problems.into_iter().map(|problem| Problem {
            loc: problem.loc,
            message: problem.message,
            code: problem.code.to_owned(),
            kind: problem.kind.to_owned(),
            hint: problem.hint,
        });
        Self::Invalid { problems: problems.collect(), hint, is_of_the_engine }
    }
}

/// Returns what is wrong with a download's body, at the field that the reader names.
fn unreadable(error: &serde_json::Error) -> Problem {
    let message = error.to_string();
    let field = message.split('`').nth(1).filter(|name| DOWNLOAD_FIELDS.contains(name));
    let loc: Vec<&str> = field.into_iter().collect();
    let kind = if message.starts_with("missing") { "missing" } else { "value_error" };
    Problem::new(&loc, kind, &message)
}

/// The fields of a download.
const DOWNLOAD_FIELDS: [&str; 6] = ["connector", "pair", "interval", "start", "end", "base_url"];

/// Returns why candles cannot be downloaded, at the field that is the reason.
fn impossible(error: &workflow::Error) -> Error {
    let code = error.code().map(|code| code.to_string()).unwrap_or_default();
    let loc: &[&str] = match code.as_str() {
        "HV0850" => &["connector"],
        "HV0851" => &["interval"],
        "HV0852" => &["pair"],
        "HV0853" => &["start"],
        "HV0854" => &["base_url"],
        _ => &[],
    };
    let problem = Problem { code, ..Problem::new(loc, "value_error", &error.to_string()) };
    let hint = error.help().map(|help| help.to_string().replace("--allow-private", "--allow-private-downloads"));
    Error::Invalid { problems: vec![problem], hint, is_of_the_engine: false }
}
