//! The real Hummingbot: both engines on the same inputs, and the probes of the bundled patches. It downloads some hundred
//! megabytes and compiles one release, so it runs where `HIVE_REQUIRE_UPSTREAM=1` asks for it.
//!
//! The project of `tests/data/parity` is copied to the build folder, where its environments stay from run to run.

use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::time::Instant;

use serde_json::Value;
use walkdir::WalkDir;

/// Environments are made once, by whoever comes first.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

#[allow(
    clippy::print_stderr,
    reason = "a test that is skipped says so, and how long each step takes is its other result"
)]
fn say(text: &str) {
    eprintln!("{text}");
}

/// The project, where these tests are asked for.
struct Real {
    root: PathBuf,
    _alone: MutexGuard<'static, ()>,
}

impl Real {
    fn new() -> Option<Self> {
        if env::var_os("HIVE_REQUIRE_UPSTREAM").is_none_or(|value| value != "1") {
            say("skipped: HIVE_REQUIRE_UPSTREAM=1 is not set, so the real Hummingbot is not downloaded");
            return None;
        }
        let alone = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("parity");
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR"));
        // What was downloaded and compiled is shared with the other tests.
        let (kept, cache) = (shipped.join(".hive/cache"), root.join(".hive/cache"));
        fs::create_dir_all(&kept).expect("the repository can be written");
        if fs::symlink_metadata(&cache).is_err() {
            fs::create_dir_all(root.join(".hive")).expect("the build folder is ours");
            std::os::unix::fs::symlink(&kept, &cache).expect("the build folder is ours");
        }
        copy(&shipped.join("tests/data/parity/recipes"), &root.join("recipes"));
        copy(&shipped.join("patches"), &root.join("patches"));
        fs::copy(shipped.join("tests/data/parity/hive.lock"), root.join("hive.lock")).expect("the lock is there");
        Some(Self { root, _alone: alone })
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("the build folder is ours");
        fs::write(path, text).expect("the build folder is ours");
    }

    /// Runs hive, says how long it took, and returns the one object that it says.
    #[track_caller]
    fn hive(&self, arguments: &[&str], code: i32) -> Value {
        let started = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_hive"));
        // What is accepted here is a test's own.
        command.args(arguments).args(["--format", "json"]).current_dir(&self.root).env_remove("CI");
        let output = command.output().expect("the binary starts");
        say(&format!("hive {}: {:.1} s", arguments.join(" "), started.elapsed().as_secs_f64()));
        let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}\n{err}"))
    }

    /// Tests a recipe whose scenarios each have a twin on upstream's engine, and checks that all are equal and none is empty.
    #[track_caller]
    fn check_parity(&self, recipe: &str) {
        // The native scenarios have no goldens here: upstream is what they are held against.
        let tested = self.hive(&["test", recipe], 3);
        let scenarios = tested["recipes"][0]["scenarios"].as_array().expect("a list").clone();
        let twins: Vec<&Value> = scenarios.iter().filter(|it| it["engine"] == "upstream").collect();
        assert_eq!(twins.len(), 4, "{tested:#}");
        for twin in twins {
            assert_eq!(twin["against"]["verdict"], "exact", "{recipe}: {:#}", twin["against"]);
            assert_eq!(twin["against"]["inputs"], Value::Array(Vec::new()));
            assert!(twin["against"]["executor_count"].as_u64().is_some_and(|count| count >= 6), "{twin:#}");
        }
    }
}

/// Copies a folder's files over those that are there.
fn copy(from: &Path, to: &Path) {
    for entry in WalkDir::new(from).into_iter().flatten().filter(|entry| entry.file_type().is_file()) {
        let target = to.join(entry.path().strip_prefix(from).expect("it is below"));
        fs::create_dir_all(target.parent().expect("a file is in a folder")).expect("the build folder is ours");
        fs::copy(entry.path(), target).expect("the build folder is ours");
    }
}

#[test]
fn both_engines_agree_on_20250609() {
    let Some(real) = Real::new() else { return };
    real.check_parity("v20250609");
}

#[test]
fn both_engines_agree_on_20251103() {
    let Some(real) = Real::new() else { return };
    real.check_parity("v20251103");
}

#[test]
fn both_engines_agree_on_20260922() {
    let Some(real) = Real::new() else { return };
    real.check_parity("v20260922");
}

#[test]
fn without_the_patch_a_backtest_without_positions_raises() {
    let Some(real) = Real::new() else { return };
    let tested = real.hive(&["test", "v20250609-pristine"], 2);
    let scenario = tested["recipes"][0]["scenarios"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|it| it["scenario"] == "idle-upstream");
    let error = &scenario.expect("the recipe has it")["error"];
    assert_eq!(error["code"], "HV0415");
    assert_eq!(error["message"], "scenario `idle-upstream` stopped: Hummingbot raised `IndexError`");
    let help = error["help"].as_str().expect("the frames are shown");
    assert!(
        help.contains("hummingbot/strategy_v2/backtesting/backtesting_engine_base.py:283 in summarize_results"),
        "{help}"
    );
    assert!(!help.contains("asyncio"), "{help}");
}

/// Checks what the probes of the bundled patches show.
#[track_caller]
fn check_probes(arguments: &[&str], verdict: &str) {
    let Some(real) = Real::new() else { return };
    let report = real.hive(&[&["patch", "probe", "v20250609"], arguments].concat(), 0);
    let patches = report["patches"].as_array().expect("a list");
    assert_eq!(patches.len(), 3);
    for patch in patches {
        assert_eq!(patch["verdict"], verdict, "{patch:#}");
    }
}

#[test]
fn the_bundled_patches_are_needed_on_20250609() {
    check_probes(&[], "needed");
}

#[test]
fn the_bundled_patches_are_obsolete_on_20260922() {
    check_probes(&["--version", "20260922"], "obsolete");
}

#[test]
fn an_upgrade_proves_the_bundled_patches_obsolete() {
    let Some(real) = Real::new() else { return };
    // The recipe takes the wheel, of which the release has none for this machine: told, and the probes are asked all the same.
    let told = real.hive(&["upgrade", "v20250609", "--to", "20260922"], 1);
    let upgrade = &told["upgrades"][0];
    let fates = upgrade["patches"].as_array().expect("a list").iter().map(|patch| (&patch["fate"], &patch["by"]));
    let (expected, obsolete) = (["text", "probe", "probe"].map(Value::from), Value::from("obsolete"));
    assert_eq!(fates.collect::<Vec<_>>(), expected.iter().map(|by| (&obsolete, by)).collect::<Vec<_>>());
    assert_eq!(upgrade["patches"][0]["release"], "20251215");
    let blocks = upgrade["blocks"].as_array().expect("a list");
    assert!(blocks.iter().any(|block| block.as_str().is_some_and(|text| text.contains("no wheel"))), "{blocks:?}");
    let maker = &upgrade["scenarios"][0];
    assert_eq!(maker["verdict"], "drift");
    let causes = maker["attribution"]["result"]["causes"].as_array().expect("a list");
    assert!(causes.iter().any(|cause| cause["axes"] == serde_json::json!(["fee_sides"])), "{causes:?}");
}

/// Planted: what a round trip pays is said here, and nobody asks.
const SIDES: &str = "\
--- a/hummingbot/strategy_v2/backtesting/executor_simulator_base.py
+++ b/hummingbot/strategy_v2/backtesting/executor_simulator_base.py
@@ -82,6 +82,7 @@
 
 class ExecutorSimulatorBase:
     \"\"\"Base class for trading simulators.\"\"\"
+    fee_sides = 2
 
     def simulate(self, df: pd.DataFrame, config, trade_cost: float) -> ExecutorSimulation:
         \"\"\"Simulates trading based on provided configuration and market data.\"\"\"
";

/// Planted: it is asked here, and nobody says it.
const FEE: &str = "\
--- a/hummingbot/strategy_v2/backtesting/executors_simulator/position_executor_simulator.py
+++ b/hummingbot/strategy_v2/backtesting/executors_simulator/position_executor_simulator.py
@@ -42,7 +42,7 @@
 
         returns_df = df_filtered[start_timestamp:]
         returns = returns_df['close'].pct_change().fillna(0)
-        cumulative_returns = (((1 + returns).cumprod() - 1) * side_multiplier) - trade_cost
+        cumulative_returns = (((1 + returns).cumprod() - 1) * side_multiplier) - trade_cost * getattr(self, \"fee_sides\", 1)
         df_filtered.loc[start_timestamp:, 'net_pnl_pct'] = cumulative_returns
         df_filtered.loc[start_timestamp:, 'filled_amount_quote'] = float(config.amount) * entry_price
         df_filtered['net_pnl_quote'] = df_filtered['net_pnl_pct'] * df_filtered['filled_amount_quote']
";

/// Planted, and without any effect.
const WORDS: &str = "\
--- a/hummingbot/strategy_v2/backtesting/backtesting_data_provider.py
+++ b/hummingbot/strategy_v2/backtesting/backtesting_data_provider.py
@@ -19,6 +19,7 @@
 logger = logging.getLogger(__name__)
 
 
+# Nothing follows from this.
 class BacktestingDataProvider(MarketDataProvider):
     CONNECTOR_TYPES = [ConnectorType.CLOB_SPOT, ConnectorType.CLOB_PERP, ConnectorType.Exchange,
                        ConnectorType.Derivative]
";

#[test]
fn two_planted_patches_that_only_together_drift_are_found_among_32_mixtures() {
    let Some(real) = Real::new() else { return };
    let shipped = fs::read_to_string(real.root.join("recipes/v20250609.toml")).expect("it was copied");
    let (head, _) = shipped.split_once("# Both engines on the same inputs").expect("the scenarios follow");
    let table = |name: &str| {
        let (_, rest) = shipped.split_once(&format!("[scenario.{name}]")).expect("it is there");
        rest.split_once("[scenario.").expect("others follow").0.to_owned()
    };
    let (keys, controller) = (table("maker-upstream"), table("maker-upstream.controller"));
    let keys = keys.replace("against = \"maker\"\n", "").replace("T07:59", "T00:29");
    let recipe =
        format!("{head}[scenario.maker]{keys}[scenario.maker.controller]{controller}").replace("v20250609", "planted");
    real.write("recipes/planted.toml", &recipe);
    real.hive(&["golden", "accept", "planted/maker", "--reason", "before anything was planted"], 0);

    let planted = [("1_sides", SIDES), ("2_words", WORDS), ("3_fee", FEE)].map(|(name, text)| {
        let file = format!("patches/planted/{name}.patch");
        real.write(&file, text);
        format!("[[patch]]\nfile = \"{file}\"\nwhy = \"planted\"\n\n")
    });
    let recipe = recipe.replacen("[[controller]]", &format!("{}[[controller]]", planted.concat()), 1);
    // Two parameters beside them, neither of which does anything here.
    let recipe = recipe.replace("trade-cost = 0.0002", "trade-cost = 0.0002\nwall-clock = 2026-02-01T00:00:00Z");
    let recipe =
        recipe.replace("trading_pair = \"BTC-USDT\"", "trading_pair = \"BTC-USDT\"\nmanual_kill_switch = false");
    real.write("recipes/planted.toml", &recipe);
    let bisected = real.hive(&["bisect", "planted/maker"], 3);
    assert_eq!(bisected["axes"].as_array().map(Vec::len), Some(5), "{bisected:#}");
    assert_eq!(bisected["is_reproduced"], true, "{bisected:#}");
    let patches = ["patch patches/planted/1_sides.patch", "patch patches/planted/3_fee.patch"];
    assert_eq!(bisected["causes"].as_array().map(Vec::len), Some(1), "{bisected:#}");
    assert_eq!(bisected["causes"][0]["axes"], serde_json::json!(patches));
    assert_eq!(bisected["causes"][0]["is_minimal"], true);
    // Each does nothing without the other, so that they share what changes.
    let metrics = bisected["metrics"].as_array().expect("a list");
    let profit = metrics.iter().find(|metric| metric["name"] == "net_pnl_quote").expect("it is reported");
    let by = profit["by"].as_f64().expect("a number");
    assert!(by < 0.0, "more fees cost more: {profit:#}");
    for patch in patches {
        assert_eq!(profit["shares"][patch].as_f64(), Some(by / 2.0), "{profit:#}");
    }
    say(&format!("{}", bisected["runs"]));
}
