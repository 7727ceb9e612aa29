//! `hive serve`: backtests as jobs over HTTP, for scripts, for Hummingbot's clients, and for a page.

use std::sync::Arc;

use serde_json::json;

use crate::cli::arguments::LogForm;
use crate::cli::arguments::Serve;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::service::access::Keys;
use crate::service::front::Settings;
use crate::service::log;
use crate::service::project::ProjectDesk;
use crate::service::secret;
use crate::service::start;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::backtest;
use crate::workflow::jobs::Jobs;
use crate::workflow::jobs::Limits;

pub(crate) fn run(options: &Serve, printer: &Printer) -> Result<Exit, Error> {
    let settings = match settings(options) {
        Ok(settings) => settings,
        Err(error) => {
            printer.error(&error);
            return Ok(Exit::Usage);
        }
    };
    let project = place::project(&[], printer)?;
    log::begin(match options.log {
        LogForm::Text => log::Form::Text,
        LogForm::Json => log::Form::Json,
    });
    let chosen = backtest::Settings { configs: options.configs.clone(), profile: options.profile.clone() };
    let desk = match ProjectDesk::open(&project, &chosen, options.allow_private_downloads) {
        Ok(desk) => Arc::new(desk),
        Err(error) => {
            printer.error(&error);
            return Ok(Exit::Usage);
        }
    };
    let default = Limits::default();
    let limits = Limits {
        workers: options.workers.map_or(default.workers, usize::from),
        queued_max: options.queue.and_then(|queue| usize::try_from(queue).ok()).unwrap_or(default.queued_max),
        ..default
    };
    let jobs = match Jobs::open(&project.root.join(".hive/jobs.sqlite"), limits, desk.clone()) {
        Ok(jobs) => Arc::new(jobs),
        Err(error) => {
            printer.error(&error);
            return Ok(Exit::Usage);
        }
    };
    let served = start::run(settings, jobs, desk, |address| {
        if printer.is_json() {
            printer.json(&json!({ "address": address.to_string() }));
        } else {
            printer.result(&format!("http://{address}\n"));
        }
    });
    if let Err(error) = served {
        printer.error(&error);
        return Ok(Exit::Usage);
    }
    Ok(Exit::Fine)
}

fn settings(options: &Serve) -> Result<Settings, start::Error> {
    let token = match (&options.token_file, std::env::var("HIVE_TOKEN")) {
        (Some(file), _) => Some(secret::token(&secret::read(file)?)?),
        (None, Ok(text)) if !text.is_empty() => Some(secret::token(&text)?),
        (None, _) => None,
    };
    let password = match &options.password_file {
        Some(file) => Some((options.user.clone(), secret::password(&secret::read(file)?)?)),
        None => None,
    };
    let settings = Settings {
        listen: options.listen,
        keys: Keys { token, password },
        hosts: options.allow_host.clone(),
        behind_proxy: options.behind_proxy,
        single_run: options.single_run,
    };
    start::check(&settings)?;
    Ok(settings)
}
