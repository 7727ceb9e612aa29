//! A service in a temporary project, asked without a socket.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::Request;
use hive::service::access::Keys;
use hive::service::access::Secret;
use hive::service::app;
use hive::service::front::Front;
use hive::service::front::Settings;
use hive::service::project::ProjectDesk;
use hive::workflow::Project;
use hive::workflow::backtest;
use hive::workflow::jobs::Done;
use hive::workflow::jobs::Failed;
use hive::workflow::jobs::Jobs;
use hive::workflow::jobs::Limits;
use hive::workflow::jobs::Stage;
use hive::workflow::jobs::Watch;
use hive::workflow::jobs::Work;
use http_body_util::BodyExt as _;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

/// A recipe for its candles alone: four hours of a walk.
pub(super) const RECIPE: &str = r#"schema = 1

[recipe]
name = "walk"
description = "candles to replay"

[upstream.pypi]
package = "hummingbot"
version = "20260922"

[candles.walk]
synthetic = { seed = 7, rows = 240, start = 2026-01-01T00:00:00Z, interval = "1m", price = 100, tick = 0.01, volume = 3, volatility-bps = 8 }
pair = "BTC-USDT"
connector = "binance_perpetual"
"#;

/// The token of services that have one.
pub(super) const TOKEN: &str = "canary-token-0123456789";

/// The password of services that have one.
pub(super) const PASSWORD: &str = "canary-password-42";

/// How long a test waits for what takes a moment.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// A configuration that trades on the walk.
pub(super) fn config() -> Value {
    json!({
        "id": "walk", "controller_type": "market_making", "controller_name": "pmm_simple",
        "connector_name": "binance_perpetual", "trading_pair": "BTC-USDT", "total_amount_quote": 1000,
        "buy_spreads": "0.001", "sell_spreads": "0.001", "buy_amounts_pct": "", "sell_amounts_pct": "",
        "stop_loss": "0.003", "take_profit": "0.002", "time_limit": 1800, "executor_refresh_time": 900,
        "cooldown_time": 300,
    })
}

/// A request that is right.
pub(super) fn backtest() -> Value {
    json!({
        "start_time": 1_767_225_600, "end_time": 1_767_239_940, "backtesting_resolution": "1m", "trade_cost": 0.0002,
        "config": config(),
    })
}

/// A work that does not end before it is let go, to see jobs on their way.
#[derive(Debug, Default)]
pub(super) struct Held {
    is_free: AtomicBool,
    pub(super) seen: Mutex<Vec<Value>>,
}

impl Held {
    pub(super) fn let_go(&self) {
        self.is_free.store(true, Ordering::SeqCst);
    }
}

impl Work for Held {
    fn run(&self, _: &str, request: &Value, watch: &dyn Watch) -> Result<Done, Failed> {
        watch.stage(Stage::Calculating, "held");
        watch.progress(1, 4);
        watch.step(json!({ "time": 1_767_225_600, "what": "held" }));
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        while !self.is_free.load(Ordering::SeqCst) && !watch.is_cancelled() {
            std::thread::sleep(Duration::from_millis(2));
        }
        let title = request.pointer("/config/id").and_then(Value::as_str).unwrap_or_default();
        assert!(title != "panics", "it was told to panic");
        if title == "fails" {
            return Err(Failed { code: "HV0825", message: "it was told to fail".to_owned(), hint: None });
        }
        Ok(Done {
            result: b"{\"executors\":[],\"processed_data\":{},\"results\":{}}".to_vec(),
            summary: json!({ "net_pnl": 0.5 }),
        })
    }
}

/// How a test sets its service up.
pub(super) struct Setup {
    pub(super) settings: Settings,
    pub(super) limits: Limits,
    pub(super) work: Option<Arc<dyn Work>>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            settings: Settings {
                listen: ([127, 0, 0, 1], 8000).into(),
                keys: Keys::default(),
                hosts: Vec::new(),
                behind_proxy: false,
                single_run: false,
            },
            limits: Limits { workers: 1, ..Limits::default() },
            work: None,
        }
    }
}

impl Setup {
    /// Returns one that a token and a password open.
    pub(super) fn locked() -> Self {
        let mut setup = Self::default();
        setup.settings.keys =
            Keys { token: Some(Secret::new(TOKEN)), password: Some((Some("admin".to_owned()), Secret::new(PASSWORD))) };
        setup
    }
}

/// A service in a project of its own.
pub(super) struct House {
    pub(super) front: Front,
    pub(super) app: Router,
    pub(super) runtime: Runtime,
    // The database is closed before its folder goes.
    _folder: TempDir,
}

/// What a service answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Answer {
    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    #[track_caller]
    pub(super) fn with(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// Makes a project with candles and a configuration.
pub(super) fn project() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("the folder is ours");
        std::fs::write(path, text).expect("the folder is ours");
    };
    write("recipes/walk.toml", RECIPE);
    write("conf/controllers/walk.yml", &serde_yaml_ng::to_string(&config()).expect("a configuration is YAML"));
    folder
}

impl House {
    pub(super) fn new() -> Self {
        Self::with(Setup::default())
    }

    /// Sets a service up whose jobs wait until they are let go.
    pub(super) fn held(mut setup: Setup) -> (Self, Arc<Held>) {
        let held = Arc::new(Held::default());
        setup.work = Some(Arc::clone(&held) as Arc<dyn Work>);
        (Self::with(setup), held)
    }

    pub(super) fn with(setup: Setup) -> Self {
        let folder = project();
        let desk = ProjectDesk::open(&Project::at(folder.path()), &backtest::Settings::default(), false);
        let desk = Arc::new(desk.expect("the newest profile is there"));
        let work = setup.work.unwrap_or_else(|| Arc::clone(&desk) as Arc<dyn Work>);
        let jobs = Jobs::open(&folder.path().join(".hive/jobs.sqlite"), setup.limits, work).expect("a new database");
        let front = Front::new(&setup.settings, Arc::new(jobs), desk);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        Self { app: app::app(front.clone()), front, runtime: runtime.expect("the system has threads"), _folder: folder }
    }

    /// Asks, and waits for the whole answer.
    pub(super) fn ask(&self, request: Request<Body>) -> Answer {
        self.runtime.block_on(answer(self.app.clone(), request))
    }

    pub(super) fn get(&self, path: &str) -> Answer {
        self.ask(request("GET", path).body(Body::empty()).expect("a request"))
    }

    pub(super) fn delete(&self, path: &str) -> Answer {
        self.ask(request("DELETE", path).body(Body::empty()).expect("a request"))
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(post(path, body))
    }

    /// Accepts a backtest and returns its job's id.
    pub(super) fn start(&self, body: &Value) -> String {
        let job = self.post("/api/jobs", body).with(202);
        job["id"].as_str().expect("a job has an id").to_owned()
    }

    /// Waits until a job is in a state, and returns it.
    #[track_caller]
    pub(super) fn until(&self, id: &str, state: &str) -> Value {
        let since = Instant::now();
        loop {
            let job = self.get(&format!("/api/jobs/{id}")).with(200);
            if job["state"] == state {
                return job;
            }
            assert!(since.elapsed() < PATIENCE, "it is not {state}: {job}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Begins a request as a script sends it.
pub(super) fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header("host", "127.0.0.1:8000")
}

pub(super) fn post(path: &str, body: &Value) -> Request<Body> {
    let request = request("POST", path).header("content-type", "application/json");
    request.body(Body::from(body.to_string())).expect("a request")
}

/// Asks a router, and waits for the whole answer.
pub(super) async fn answer(app: Router, request: Request<Body>) -> Answer {
    let response = app.oneshot(request).await.expect("the router always answers");
    let (head, body) = response.into_parts();
    let bytes: Bytes = body.collect().await.expect("the answer comes whole").to_bytes();
    let text = String::from_utf8(bytes.to_vec()).expect("answers are text");
    Answer { status: head.status.as_u16(), headers: head.headers, text }
}
