//! How do candles come from an exchange into the store, watched as a job is?

use serde_json::Value;
use serde_json::json;

use crate::io::klines;
use crate::io::klines::Fetched;
use crate::workflow::Error;
use crate::workflow::candles::coverage::Coverage;
use crate::workflow::candles::name;
use crate::workflow::candles::store::Store;
use crate::workflow::candles::wanted::Wanted;
use crate::workflow::finding;
use crate::workflow::jobs::Done;
use crate::workflow::jobs::Failed;
use crate::workflow::jobs::Stage;
use crate::workflow::jobs::Watch;

/// The bounds on asking an exchange, and on waiting for it.
pub use crate::io::klines::Pace;

/// The kind of a job that downloads candles.
pub const KIND: &str = "download";

/// The codes of what can end a download.
const CODES: [&str; 18] = [
    "HV0320", "HV0321", "HV0322", "HV0402", "HV0850", "HV0851", "HV0852", "HV0853", "HV0854", "HV0855", "HV0856",
    "HV0857", "HV0858", "HV0859", "HV0860", "HV0861", "HV0862", "HV0865",
];

/// Downloads the candles that the store lacks, and returns what the file holds then.
///
/// # Errors
///
/// Says why the download ended. What had come before it did is in the store.
pub fn download(store: &Store, wanted: &Wanted, watch: &dyn Watch) -> Result<Coverage, Error> {
    Ok(fetched(store, wanted, watch, Pace::default())?.1)
}

/// Downloads as [`download`] does, within bounds of the caller's choice, and tells what was new.
///
/// # Errors
///
/// Says why the download ended.
pub fn fetched(store: &Store, wanted: &Wanted, watch: &dyn Watch, pace: Pace) -> Result<(Fetched, Coverage), Error> {
    watch.stage(Stage::Validating, Stage::Validating.label());
    let order = wanted.order(store.project(), pace)?;
    order.check()?;
    watch.stage(Stage::FetchingCandles, &format!("Fetching {}", wanted.title()));
    let fetched = klines::download(&order, &Watched(watch))?;
    let file_name = order.file.file_name().unwrap_or_default().to_string_lossy();
    let source = format!("{}/{file_name}", name::FOLDER);
    let coverage = store.coverage_of(&source);
    Ok((fetched, coverage))
}

/// Does a job that downloads candles; `allow_private` is what the service was started with.
///
/// # Errors
///
/// Says why nothing came of the job.
pub fn job(store: &Store, request: &Value, allow_private: bool, watch: &dyn Watch) -> Result<Done, Failed> {
    let wanted: Wanted = serde_json::from_value(request.clone()).map_err(|error| Failed {
        code: "HV0853",
        message: format!("the request is not one for candles: {error}"),
        hint: Some("it has `connector`, `pair`, `interval`, `start` and `end`, and perhaps `base_url`".to_owned()),
    })?;
    let wanted = Wanted { allow_private, ..wanted };
    let (fetched, coverage) = fetched(store, &wanted, watch, Pace::default()).map_err(|error| failed(&error))?;
    if let Some(problem) = coverage.problem {
        let code = CODES.into_iter().find(|code| problem.code.as_deref() == Some(code)).unwrap_or("HV0402");
        return Err(Failed { code, message: problem.message, hint: problem.help });
    }
    let summary = json!({
        "new_rows": fetched.new_count,
        "rows": coverage.rows,
        "missing": coverage.missing,
        "start": coverage.start,
        "end": coverage.end,
    });
    let result = serde_json::to_vec(&coverage).expect("a coverage has text keys and whole numbers");
    Ok(Done { result, summary })
}

fn failed(error: &Error) -> Failed {
    let written = finding::written(error);
    let code = CODES.into_iter().find(|known| written.code.as_deref() == Some(known)).unwrap_or("HV0862");
    let message = [vec![written.message], written.causes].concat().join(": ");
    Failed { code, message, hint: written.help }
}

/// Hands on what a download tells.
struct Watched<'w>(&'w dyn Watch);

impl klines::Watch for Watched<'_> {
    fn rows(&self, done: u64, total: u64) {
        self.0.progress(done, total);
    }

    fn told(&self, text: &str) {
        self.0.step(json!({ "message": text }));
    }

    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}
