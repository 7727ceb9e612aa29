//! Which routes are there? The router and the API's description are both made of this list.

use axum::http::Method;
use axum::routing::delete;
use axum::routing::get;
use axum::routing::post;
use schemars::JsonSchema;
use schemars::Schema;
use schemars::SchemaGenerator;

use crate::service::dropin;
use crate::service::operation::health;
use crate::service::operation::openapi;
use crate::service::operation::page;
use crate::service::own::backtest;
use crate::service::own::candles;
use crate::service::own::catalogue;
use crate::service::own::events;
use crate::service::own::jobs;
use crate::service::own::session;
use crate::service::route::Answer;
use crate::service::route::Family;
use crate::service::route::Parameter;
use crate::service::route::Route;
use crate::service::shape;
use crate::workflow::candles::Wanted;
use crate::workflow::jobs::Job;

const NAME: &str = r#"{ "type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$" }"#;
const TEXT: &str = r#"{ "type": "string" }"#;
const COUNT: &str = r#"{ "type": "integer", "minimum": 0 }"#;
const LIMIT: &str = r#"{ "type": "integer", "minimum": 1, "maximum": 200 }"#;
const STATE: &str =
    r#"{ "enum": ["pending", "running", "complete", "failed", "cancelled", "superseded", "interrupted"] }"#;

const WORKSPACE: Parameter =
    Parameter { name: "workspace", about: "The workspace; `default` where it is left out.", kind: NAME };

const LIST: [Parameter; 5] = [
    Parameter { name: "state", about: "Those in this state.", kind: STATE },
    Parameter { name: "workspace", about: "Those of this workspace.", kind: TEXT },
    Parameter { name: "kind", about: "Those of this kind: `backtest` or `download`.", kind: TEXT },
    Parameter { name: "limit", about: "How many at most; 50 where it is left out.", kind: LIMIT },
    Parameter { name: "before", about: "Those before the `next` of another page.", kind: COUNT },
];

const AFTER: Parameter = Parameter {
    name: "after",
    about: "The id of the last event that was seen, as `Last-Event-ID` says it.",
    kind: COUNT,
};

/// Returns every route.
#[must_use]
pub fn routes() -> Vec<Route> {
    [job_routes(), backtest_routes(), catalogue_routes(), session_routes(), drop_in_routes(), operation_routes()]
        .into_iter()
        .flatten()
        .collect()
}

fn shape<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// Returns a route that takes nothing but its path, and answers with 200.
fn plain(family: Family, path: &'static str, name: &'static str, about: &'static str) -> Route {
    Route {
        method: Method::GET,
        path,
        name,
        about,
        family,
        is_open: false,
        query: &[],
        body: None,
        answers: Vec::new(),
        leads_to: None,
        handler: axum::routing::MethodRouter::new(),
    }
}

fn own(path: &'static str, name: &'static str, about: &'static str) -> Route {
    plain(Family::Own, path, name, about)
}

fn job_routes() -> Vec<Route> {
    let job = || vec![Answer::json(200, "The job.", shape::<Job>)];
    vec![
        Route {
            method: Method::POST,
            body: Some(shape::<shape::Start>),
            answers: vec![Answer::json(202, "It is accepted, and kept; `Location` says where it is.", shape::<Job>)],
            leads_to: Some(("/api/jobs/{id}", "$response.body#/id")),
            handler: post(jobs::start),
            ..own("/api/jobs", "startJob", "Accepts a backtest as a job.")
        },
        Route {
            query: &LIST,
            answers: vec![Answer::json(200, "The jobs, newest first.", shape::<jobs::Page>)],
            handler: get(jobs::list),
            ..own("/api/jobs", "listJobs", "Lists jobs.")
        },
        Route {
            answers: job(),
            handler: get(jobs::detail),
            ..own("/api/jobs/{id}", "getJob", "Tells how a job stands, with its request and its last steps.")
        },
        Route {
            method: Method::DELETE,
            answers: job(),
            handler: delete(jobs::remove),
            ..own("/api/jobs/{id}", "deleteJob", "Cancels a job that is active, and forgets one that has ended.")
        },
        Route {
            method: Method::POST,
            answers: job(),
            handler: post(jobs::cancel),
            ..own("/api/jobs/{id}/cancel", "cancelJob", "Cancels a job.")
        },
        Route {
            method: Method::POST,
            answers: job(),
            handler: post(jobs::pause),
            ..own("/api/jobs/{id}/pause", "pauseJob", "Makes a job wait.")
        },
        Route {
            method: Method::POST,
            answers: job(),
            handler: post(jobs::resume),
            ..own("/api/jobs/{id}/resume", "resumeJob", "Lets a paused job go on.")
        },
        Route {
            answers: vec![Answer::json(200, "The result.", shape::<shape::Packet>)],
            handler: get(jobs::result),
            ..own("/api/jobs/{id}/result", "getResult", "Gives a job's result.")
        },
        Route {
            answers: vec![Answer::other(200, "A row an executor.", "text/csv")],
            handler: get(jobs::executors),
            ..own("/api/jobs/{id}/executors.csv", "getExecutors", "Gives a job's executors as a table.")
        },
        Route {
            answers: vec![Answer::other(200, "A row a bar.", "text/csv")],
            handler: get(jobs::profit),
            ..own("/api/jobs/{id}/pnl.csv", "getProfit", "Gives a job's profit over time as a table.")
        },
        Route {
            query: std::slice::from_ref(&AFTER),
            answers: vec![Answer::other(
                200,
                "Events `state`, `stage`, `progress`, `step` and `end`.",
                "text/event-stream",
            )],
            handler: get(events::events),
            ..own("/api/jobs/{id}/events", "watchJob", "Tells what happens to a job until it has ended.")
        },
    ]
}

fn backtest_routes() -> Vec<Route> {
    let deed = || {
        vec![
            Answer::json(200, "It is done.", shape::<shape::Deed>),
            Answer::json(409, "The workspace has no active backtest.", shape::<shape::Deed>),
        ]
    };
    let workspace = std::slice::from_ref(&WORKSPACE);
    vec![
        Route {
            method: Method::POST,
            body: Some(shape::<shape::Start>),
            answers: vec![
                Answer::json(200, "It is started.", shape::<backtest::Started>),
                Answer::json(409, "The workspace has an active backtest.", shape::<backtest::Started>),
            ],
            handler: post(backtest::start),
            ..own("/api/backtest/start", "startBacktest", "Starts the workspace's backtest, unless one is active.")
        },
        Route {
            query: workspace,
            answers: vec![Answer::json(200, "How it stands.", shape::<backtest::Status>)],
            handler: get(backtest::status),
            ..own("/api/backtest/status", "getBacktest", "Tells how the workspace's newest backtest stands.")
        },
        Route {
            method: Method::POST,
            query: workspace,
            answers: deed(),
            handler: post(backtest::stop),
            ..own("/api/backtest/stop", "stopBacktest", "Stops the workspace's backtest.")
        },
        Route {
            method: Method::POST,
            query: workspace,
            answers: deed(),
            handler: post(backtest::pause),
            ..own("/api/backtest/pause", "pauseBacktest", "Makes the workspace's backtest wait.")
        },
        Route {
            method: Method::POST,
            query: workspace,
            answers: deed(),
            handler: post(backtest::resume),
            ..own("/api/backtest/resume", "resumeBacktest", "Lets the workspace's backtest go on.")
        },
    ]
}

fn catalogue_routes() -> Vec<Route> {
    vec![
        Route {
            answers: vec![Answer::json(200, "The forms.", shape::<catalogue::Controllers>)],
            handler: get(catalogue::controllers),
            ..own(
                "/api/controllers",
                "listControllers",
                "Lists the controllers, with the fields of their configurations.",
            )
        },
        Route {
            answers: vec![Answer::json(200, "The names.", shape::<catalogue::Configs>)],
            handler: get(catalogue::configs),
            ..own("/api/configs", "listConfigs", "Lists the configurations that a backtest can name.")
        },
        Route {
            answers: vec![Answer::json(200, "The names.", shape::<catalogue::Profiles>)],
            handler: get(catalogue::profiles),
            ..own(
                "/api/profiles",
                "listProfiles",
                "Lists the replay profiles: what each generation of Hummingbot does.",
            )
        },
        Route {
            answers: vec![Answer::json(200, "The candles.", shape::<candles::Coverage>)],
            handler: get(candles::list),
            ..own("/api/candles", "listCandles", "Lists the candles that there are, and what is missing in between.")
        },
        Route {
            method: Method::POST,
            body: Some(shape::<Wanted>),
            answers: vec![Answer::json(202, "It is accepted.", shape::<Job>)],
            handler: post(candles::download),
            ..own("/api/candles/download", "downloadCandles", "Accepts a download of candles as a job.")
        },
        Route {
            answers: vec![Answer::json(200, "The version.", shape::<catalogue::Version>)],
            handler: get(catalogue::version),
            ..own("/api/version", "getVersion", "Tells which hive answers.")
        },
    ]
}

fn session_routes() -> Vec<Route> {
    vec![
        Route {
            method: Method::POST,
            is_open: true,
            body: Some(shape::<session::SignIn>),
            answers: vec![Answer::empty(204, "The cookie is set.")],
            handler: post(session::open),
            ..own("/api/session", "signIn", "Opens a session for the page.")
        },
        Route {
            is_open: true,
            answers: vec![Answer::json(200, "Whether somebody is known.", shape::<session::Session>)],
            handler: get(session::tell),
            ..own("/api/session", "getSession", "Tells whether requests like this one are answered.")
        },
        Route {
            method: Method::DELETE,
            is_open: true,
            answers: vec![Answer::empty(204, "The cookie is gone.")],
            handler: delete(session::close),
            ..own("/api/session", "signOut", "Ends the session.")
        },
    ]
}

fn drop_in_routes() -> Vec<Route> {
    const NAMES: [&str; 3] = ["runBacktestingOldest", "runBacktestingOlder", "runBacktesting"];
    let runs = dropin::RUNS.into_iter().zip(NAMES).map(|(path, name)| Route {
        method: Method::POST,
        body: Some(shape::<shape::Backtest>),
        answers: vec![Answer::json(
            200,
            "The result, or the error of a backtest that failed.",
            shape::<shape::Outcome>,
        )],
        handler: post(dropin::run::run),
        ..plain(Family::DropIn, path, name, "Runs a backtest and waits for its result.")
    });
    let tasks = [
        Route {
            method: Method::POST,
            body: Some(shape::<shape::Backtest>),
            answers: vec![Answer::json(200, "It is accepted.", shape::<dropin::tasks::Accepted>)],
            leads_to: Some(("/backtesting/tasks/{id}", "$response.body#/task_id")),
            handler: post(dropin::tasks::submit),
            ..plain(Family::DropIn, "/backtesting/tasks", "submitTask", "Accepts a backtest as a task.")
        },
        Route {
            answers: vec![Answer::json(
                200,
                "The newest 50, the oldest of them first.",
                shape::<Vec<dropin::tasks::Task>>,
            )],
            handler: get(dropin::tasks::list),
            ..plain(Family::DropIn, "/backtesting/tasks", "listTasks", "Lists tasks without their results.")
        },
        Route {
            answers: vec![Answer::json(200, "The task.", shape::<dropin::tasks::Task>)],
            handler: get(dropin::tasks::detail),
            ..plain(Family::DropIn, "/backtesting/tasks/{id}", "getTask", "Tells of a task, with its result.")
        },
        Route {
            method: Method::DELETE,
            answers: vec![Answer::json(200, "It is gone.", shape::<shape::Deleted>)],
            handler: delete(dropin::tasks::delete),
            ..plain(Family::DropIn, "/backtesting/tasks/{id}", "deleteTask", "Cancels a task and forgets it.")
        },
    ];
    runs.chain(tasks).collect()
}

fn operation_routes() -> Vec<Route> {
    let operation = |path, name, about| plain(Family::Operation, path, name, about);
    vec![
        Route {
            is_open: true,
            answers: vec![Answer::json(200, "It does.", shape::<health::Health>)],
            handler: get(health::healthz),
            ..operation("/healthz", "getHealth", "Says that the process answers.")
        },
        Route {
            is_open: true,
            answers: vec![
                Answer::json(200, "They are.", shape::<health::Health>),
                Answer::json(503, "They are not, or the service is about to end.", shape::<health::Health>),
            ],
            handler: get(health::readyz),
            ..operation("/readyz", "getReadiness", "Says whether new jobs are accepted.")
        },
        Route {
            answers: vec![Answer::other(200, "Prometheus' text format.", "text/plain")],
            handler: get(health::metrics),
            ..operation("/metrics", "getMetrics", "Tells what was counted.")
        },
        Route {
            is_open: true,
            answers: vec![Answer::other(200, "This document.", "application/json")],
            handler: get(openapi::openapi),
            ..operation("/openapi.json", "getDescription", "Describes the API.")
        },
        Route {
            is_open: true,
            answers: vec![Answer::other(200, "The page.", "text/html")],
            handler: get(page::index),
            ..operation("/", "getPage", "Gives the page.")
        },
        Route {
            is_open: true,
            answers: vec![
                Answer::other(200, "The file.", "text/javascript"),
                Answer::empty(304, "The browser has it."),
            ],
            handler: get(page::asset),
            ..operation("/{file}", "getFile", "Gives one of the page's files.")
        },
    ]
}
