//! How do the service's questions reach a project's use cases: backtests, candles, forms?

use serde_json::Value;
use serde_json::json;

use crate::service::desk::Checked;
use crate::service::desk::Desk;
use crate::service::error::Error;
use crate::service::error::Problem;
use crate::service::order;
use crate::service::start;
use crate::workflow::Project;
use crate::workflow::backtest;
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
        let backtests = opened.map_err(|error| start::Error::Profile { why: error.to_string(), hint: error.help() })?;
        Ok(Self { backtests, allows_private })
    }
}

impl Desk for ProjectDesk {
    fn check(&self, body: &Value) -> Result<Checked, Error> {
        let checked = backtest::check(&self.backtests, body)?;
        Ok(Checked { request: checked.request, key: checked.key, title: checked.title })
    }

    fn check_download(&self, body: &Value) -> Result<Checked, Error> {
        let _ = (body, self.allows_private);
        Err(Error::parameter("connector", "value_error", "this hive fetches no candles"))
    }

    fn forms(&self) -> Value {
        json!([])
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
            order::DOWNLOAD => Err(Failed { code: "HV0889", message: "no downloads".to_owned(), hint: None }),
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
            code: problem.code,
            kind: problem.kind.to_owned(),
        });
        Self::Invalid { problems: problems.collect(), hint, is_of_the_engine }
    }
}
