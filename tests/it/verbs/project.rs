//! A small project in a temporary folder, and the binary started in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use walkdir::WalkDir;

/// The recipe of the project, without its upstream.
const RECIPE: &str = r#"schema = 1

[recipe]
name = "demo"
description = "two patches and a controller"

UPSTREAM
[[patch]]
file = "patches/demo/01_fee.patch"
why = "the fee is a tenth of what it should be"
touches = ["hummingbot/engine.py"]

[[patch]]
file = "patches/demo/02_ratio.patch"
why = "a deviation of zero raises"
touches = ["hummingbot/engine.py", "hummingbot/zero.py"]

[[controller]]
name = "mine"
type = "market_making"
source = "recipes/controllers/market_making/mine.py"
config-class = "MineConfig"
class = "MineController"

[candles.walk]
synthetic = { seed = 7, rows = 240, start = 2026-01-01T00:00:00Z, interval = "1m", price = 100, tick = 0.01, volume = 3, volatility-bps = 8 }
pair = "BTC-USDT"
connector = "binance_perpetual"

[candles.file]
file = "recipes/candles/small.csv"
pair = "BTC-USDT"
connector = "binance_perpetual"

[scenario.walk]
candles = "walk"
start = 2026-01-01T00:00:00Z
end = 2026-01-01T03:59:00Z
resolution = "1m"
trade-cost = 0.0002

[scenario.walk.controller]
controller_name = "pmm_simple"
controller_type = "market_making"
connector_name = "binance_perpetual"
trading_pair = "BTC-USDT"
total_amount_quote = 1000
buy_spreads = "0.001"
sell_spreads = "0.001"
buy_amounts_pct = ""
sell_amounts_pct = ""
stop_loss = "0.003"
take_profit = "0.002"
time_limit = 1800
executor_refresh_time = 900
cooldown_time = 300

[scenario.file]
candles = "file"
start = 2026-01-01T00:00:00Z
end = 2026-01-01T00:07:00Z
resolution = "1m"
trade-cost = 0.0002

[scenario.file.controller]
controller_name = "pmm_simple"
controller_type = "market_making"
connector_name = "binance_perpetual"
trading_pair = "BTC-USDT"
total_amount_quote = 1000
buy_spreads = "0.001"
sell_spreads = "0.001"
buy_amounts_pct = ""
sell_amounts_pct = ""
stop_loss = "0.003"
take_profit = "0.002"
time_limit = 180
executor_refresh_time = 60
cooldown_time = 60
"#;

/// Eight minutes, one of them missing.
pub(crate) const CANDLES: &str = "\
timestamp,open,high,low,close,volume
1767225600,100,100.2,99.9,100.1,5
1767225660,100.1,100.3,99.8,99.9,4
1767225720,99.9,100,99.5,99.6,7
1767225780,99.6,99.9,99.6,99.8,2
1767225840,99.8,100.4,99.7,100.3,6
1767225960,100.3,100.5,100.1,100.2,3
1767226020,100.2,100.2,99.8,99.9,4
";

/// A file of the release, which both patches change.
pub(crate) const ENGINE: &str = "\
\"\"\"A stand-in for upstream's engine.\"\"\"


def fee(volume):
    share = 0.01
    return volume * share


def name():
    return \"engine\"


def ratio(profit, deviation):
    # How much profit there is for the risk.
    return profit / deviation
";

const FEE_PATCH: &str = "\
--- a/hummingbot/engine.py
+++ b/hummingbot/engine.py
@@ -2,7 +2,7 @@
 
 
 def fee(volume):
-    share = 0.01
+    share = 0.1
     return volume * share
 
 
";

const RATIO_PATCH: &str = "\
--- a/hummingbot/engine.py
+++ b/hummingbot/engine.py
@@ -12,4 +12,6 @@
 
 def ratio(profit, deviation):
     # How much profit there is for the risk.
+    if deviation == 0:
+        return None
     return profit / deviation
--- /dev/null
+++ b/hummingbot/zero.py
@@ -0,0 +1 @@
+ZERO = 0
";

/// The upstream of most tests: a tree beside the recipes.
const LOCAL: &str = "[upstream.path]\npath = \"upstream\"\n";

/// The bases that controllers have, as the tests of registration stand in for them.
const BASES: [(&str, &str); 4] = [
    ("__init__.py", include_str!("../../data/registration/tree/hummingbot/strategy_v2/controllers/__init__.py")),
    (
        "controller_base.py",
        include_str!("../../data/registration/tree/hummingbot/strategy_v2/controllers/controller_base.py"),
    ),
    (
        "directional_trading_controller_base.py",
        include_str!(
            "../../data/registration/tree/hummingbot/strategy_v2/controllers/directional_trading_controller_base.py"
        ),
    ),
    (
        "market_making_controller_base.py",
        include_str!(
            "../../data/registration/tree/hummingbot/strategy_v2/controllers/market_making_controller_base.py"
        ),
    ),
];

/// A controller of the project's own.
const CONTROLLER: &str = include_str!("../../data/registration/cases/own_classes.py");

/// Returns the files of the release that the project builds on.
pub(crate) fn release(version: &str) -> Vec<(String, String)> {
    let own = [
        ("hummingbot/VERSION", format!("{version}\n")),
        ("hummingbot/__init__.py", String::new()),
        ("hummingbot/engine.py", ENGINE.to_owned()),
        ("hummingbot/strategy_v2/__init__.py", String::new()),
        ("controllers/__init__.py", String::new()),
        ("controllers/market_making/__init__.py", String::new()),
    ];
    let bases = BASES.map(|(name, text)| (format!("hummingbot/strategy_v2/controllers/{name}"), text.to_owned()));
    own.map(|(path, text)| (path.to_owned(), text)).into_iter().chain(bases).collect()
}

/// A project in a temporary folder.
pub(crate) struct Project {
    folder: TempDir,
    variables: BTreeMap<&'static str, String>,
}

/// What the binary said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// Checks the exit code, and returns what was said: results, then talk behind `!`.
    #[track_caller]
    pub(crate) fn with(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        let talk = self.err.lines().map(|line| ["! ", line, "\n"]);
        self.out + &talk.collect::<Vec<_>>().concat().concat()
    }

    /// Checks the exit code, and returns the one object that was said.
    #[track_caller]
    pub(crate) fn json(&self, code: i32) -> Value {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        assert_eq!(self.out.lines().count(), 1, "one line of JSON: {}", self.out);
        // The parser is strict: NaN and Infinity are not JSON.
        serde_json::from_str(&self.out).expect("the output is JSON")
    }
}

impl Project {
    /// Makes a folder without anything in it.
    pub(crate) fn empty() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        // Nobody listens at port 1: a test that reaches for a network fails at once.
        let index = ("PIP_INDEX_URL", "http://127.0.0.1:1/simple".to_owned());
        Self { folder, variables: [index].into() }
    }

    /// Makes a project on an upstream that is a tree beside its recipes.
    pub(crate) fn new() -> Self {
        let project = Self::with_upstream(LOCAL);
        for (path, text) in release("2.6.0") {
            project.write(&format!("upstream/{path}"), &text);
        }
        project
    }

    /// Makes a project on an upstream of the test's own.
    pub(crate) fn with_upstream(upstream: &str) -> Self {
        let project = Self::empty();
        project.write("recipes/demo.toml", &RECIPE.replace("UPSTREAM\n", &format!("{upstream}\n")));
        project.write("recipes/controllers/market_making/mine.py", CONTROLLER);
        project.write("recipes/candles/small.csv", CANDLES);
        project.write("patches/demo/01_fee.patch", FEE_PATCH);
        project.write("patches/demo/02_ratio.patch", RATIO_PATCH);
        project
    }

    /// Makes a project whose results are accepted.
    pub(crate) fn accepted() -> Self {
        let project = Self::new();
        project.accept();
        project
    }

    pub(crate) fn accept(&self) {
        self.hive(&["golden", "accept", "demo", "--reason", "first run"]).with(0);
    }

    /// Sets a variable of the environment for what is started from now on.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.variables.insert(name, value.to_owned());
    }

    /// Leaves a variable unset for what is started from now on.
    pub(crate) fn unset(&mut self, name: &'static str) {
        self.variables.remove(name);
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("the folder is ours");
        fs::write(path, text).expect("the folder is ours");
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Replaces a text that stands in a file exactly once.
    #[track_caller]
    pub(crate) fn replace(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {path}");
        self.write(path, &text.replace(from, to));
    }

    pub(crate) fn remove(&self, path: &str) {
        let path = self.path(path);
        if path.is_dir() {
            fs::remove_dir_all(path).expect("the folder is ours");
        } else {
            fs::remove_file(path).expect("the file is there");
        }
    }

    /// Returns every file below a path with its bytes.
    pub(crate) fn files(&self, path: &str) -> BTreeMap<String, Vec<u8>> {
        let root = self.path(path);
        let entries = WalkDir::new(&root).into_iter().flatten().filter(|entry| entry.file_type().is_file());
        entries
            .map(|entry| {
                let name = entry.path().strip_prefix(&root).expect("it is below").display().to_string();
                (name, fs::read(entry.path()).expect("the file is there"))
            })
            .collect()
    }

    /// Returns the binary, to be started in the project.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hive"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null()).env_clear();
        // What programs need to be found, and nothing that would make one machine's output differ from another's.
        for name in ["PATH", "SystemRoot"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.env("COLUMNS", "100").env("HOME", self.folder.path()).envs(&self.variables);
        command
    }

    /// Starts the binary, and returns what it says, with stable names for what differs from run to run.
    pub(crate) fn hive(&self, arguments: &[&str]) -> Said {
        let output = self.command(arguments).output().expect("the binary starts");
        self.said(&output)
    }

    fn said(&self, output: &Output) -> Said {
        let text = |bytes: &[u8]| {
            let text = String::from_utf8(bytes.to_vec()).expect("the output is text");
            self.redacted(&text)
        };
        Said { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
    }

    fn redacted(&self, text: &str) -> String {
        let name = |path: &Path| path.display().to_string();
        let canonical = self.folder.path().canonicalize().expect("the folder is there");
        text.replace(&name(&canonical), "PROJECT")
            .replace(&name(self.folder.path()), "PROJECT")
            .replace(concat!("hive ", env!("CARGO_PKG_VERSION")), "hive VERSION")
    }
}
