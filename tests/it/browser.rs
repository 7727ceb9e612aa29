//! Pages in a real browser: do they draw what hive knows, without an error and without a network?
//!
//! Chromium is driven by its flags alone. Every request that would leave the machine goes to a proxy of the test's own, which
//! writes it down and answers none.

use std::env;
use std::fs;
use std::io::BufRead as _;
use std::io::BufReader;
use std::net::TcpListener;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;

use tempfile::TempDir;

use crate::verbs::project::Project;
use crate::verbs::why::drifted;

/// What a browser is called, by system and maker.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// What Chromium asks its own makers for, whatever page it shows.
const OWN_HOSTS: [&str; 4] = [".google.com", ".googleapis.com", ".gstatic.com", ".gvt1.com"];

/// A browser of this machine.
struct Browser {
    program: PathBuf,
    home: TempDir,
}

/// What a browser made of a page.
struct Shown {
    /// The page as its script left it.
    page: String,
    /// What its console says.
    console: Vec<String>,
    /// The requests that a network would have seen.
    requests: Vec<String>,
}

impl Browser {
    /// Returns the browser of this machine. Without one, the test that asks is skipped, and says so; with
    /// `HIVE_REQUIRE_BROWSER=1` it fails instead.
    #[expect(clippy::print_stderr, reason = "a test has no other way to say that it proves nothing")]
    fn find() -> Option<Self> {
        let folders: Vec<PathBuf> = env::var_os("PATH").iter().flat_map(env::split_paths).collect();
        let mut found = NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
        let program = found.find(|path| path.is_file());
        if program.is_none() {
            let is_required = env::var_os("HIVE_REQUIRE_BROWSER").is_some_and(|value| value == "1");
            assert!(!is_required, "HIVE_REQUIRE_BROWSER=1, but there is no Chromium on the PATH");
            eprintln!("skipped: no Chromium on the PATH to show a page with");
        }
        Some(Self { program: program?, home: TempDir::new().expect("a temporary folder") })
    }

    /// Shows a page in a window of a width, with settings of the test's own.
    fn show(&self, page: &Path, width: u32, settings: &[&str]) -> Shown {
        let (port, requests) = proxy();
        let mut command = Command::new(&self.program);
        command
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-default-apps"])
            .args(["--disable-dev-shm-usage", "--enable-logging=stderr", "--virtual-time-budget=5000"])
            .arg(format!("--proxy-server=127.0.0.1:{port}"))
            .arg("--proxy-bypass-list=<-loopback>")
            .arg(format!("--user-data-dir={}", self.home.path().join("profile").display()))
            .arg(format!("--window-size={width},1400"))
            .args(settings)
            .arg("--dump-dom")
            .arg(format!("file://{}", page.display()));
        command.env("HOME", self.home.path()).stdin(Stdio::null());
        let output = command.output().expect("the browser starts");
        let talk = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{talk}");
        let is_own = |request: &String| OWN_HOSTS.iter().any(|host| request.contains(host));
        let requests =
            requests.lock().expect("nobody panics with it").iter().filter(|it| !is_own(it)).cloned().collect();
        Shown {
            page: String::from_utf8_lossy(&output.stdout).into_owned(),
            console: talk.lines().filter(|line| line.contains(":CONSOLE")).map(str::to_owned).collect(),
            requests,
        }
    }

    /// Shows an explanation, and checks what every page has to keep.
    fn explanation(&self, page: &Path, width: u32, settings: &[&str]) -> String {
        let shown = self.show(page, width, settings);
        assert_eq!(shown.console, Vec::<String>::new());
        assert_eq!(shown.requests, Vec::<String>::new());
        assert!(shown.page.contains("data-ready=\"yes\""), "the script came to its end");
        shown.page
    }
}

/// Starts a proxy that answers nothing; returns its port, and what it is asked for.
fn proxy() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let requests = Arc::new(Mutex::new(Vec::new()));
    let asked = Arc::clone(&requests);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut line = String::new();
            if BufReader::new(stream).read_line(&mut line).is_ok() {
                asked.lock().expect("nobody panics with it").push(line.trim_end().to_owned());
            }
        }
    });
    (port, requests)
}

fn page_of(project: &Project, scenario: &str, exit: i32) -> PathBuf {
    project.hive(&["why", scenario, "--html", "why.html"]).with(exit);
    project.path("why.html")
}

/// Returns how often a text stands in another.
fn count(page: &str, text: &str) -> usize {
    page.matches(text).count()
}

#[test]
fn a_drift_is_drawn() {
    let Some(browser) = Browser::find() else { return };
    let project = drifted();
    let page = page_of(&project, "demo/walk", 3);
    let why = project.hive(&["why", "demo/walk", "--format", "json"]).json(3);
    for (width, settings) in [(1280, &[][..]), (390, &["--blink-settings=preferredColorScheme=0"][..])] {
        let shown = browser.explanation(&page, width, settings);
        assert!(shown.contains("<span class=\"word drift\">drift</span>"));
        assert_eq!(count(&shown, ">first divergence</text>"), 1, "it is marked in the chart");
        assert_eq!(count(&shown, "href=\"#first\""), 2, "and linked to");
        for kind in ["golden", "now"] {
            assert_eq!(
                count(&shown, &format!("<path class=\"profit {kind}\" d=\"M0")),
                2,
                "in the chart and in its legend"
            );
            assert!(count(&shown, &format!("<path class=\"{kind}\" d=\"M")) > 1, "trades of {kind}");
        }
        assert!(count(&shown, "class=\"barrier") >= 2);
        // Each event has a row, each metric too.
        let events = why["events"].as_array().map_or(0, Vec::len);
        assert!(events > 0);
        assert_eq!(count(&shown, "in the chart\""), events);
        for metric in why["metrics"].as_array().expect("metrics") {
            let name = metric["metric"].as_str().expect("a name");
            assert!(shown.contains(&format!("<th scope=\"row\">{name}</th>")), "{name}");
        }
        assert!(shown.contains(">controller.stop_loss</th>"));
        // Landmarks, and a name for what is drawn.
        for part in ["<header>", "<main>", "role=\"toolbar\"", "role=\"img\"", "aria-labelledby=\"chart-name\""] {
            assert!(shown.contains(part), "{part}");
        }
    }
}

#[test]
fn what_is_equal_is_drawn_too() {
    let Some(browser) = Browser::find() else { return };
    let project = Project::accepted();
    let shown = browser.explanation(&page_of(&project, "demo/walk", 0), 1280, &[]);
    assert!(shown.contains("<span class=\"word identical\">identical</span>"));
    assert_eq!(count(&shown, ">first divergence</text>"), 0);
    let project = Project::new();
    let shown = browser.explanation(&page_of(&project, "demo/walk", 3), 1280, &[]);
    assert!(shown.contains("<span class=\"word no-golden\">no golden</span>"));
}

/// A reader's hands: each button, each key, the wheel, the pointer, an event of the table. What the chart is named afterwards
/// tells what it shows.
const HANDS: &str = r#"<script>{
// A browser without a screen is in no hurry to draw a frame.
window.requestAnimationFrame = (act) => setTimeout(act, 0);
const chart = document.getElementById("chart");
const names = [];
const acts = [
  ...[...document.querySelectorAll('#tools button')].map((button) => () => button.click()),
  ...["ArrowLeft", "ArrowRight", "+", "-", "Home", "d"].map((key) => () =>
    chart.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }))),
  () => chart.dispatchEvent(new WheelEvent("wheel", { deltaY: -100, ctrlKey: true, clientX: 200, cancelable: true })),
  () => chart.dispatchEvent(new PointerEvent("pointermove", { pointerId: 1, clientX: 300 })),
  () => [...document.querySelectorAll('#events button')].at(-1).click(),
];
const step = () => {
  names.push(document.getElementById("chart-name").textContent);
  if (acts.length > 0) {
    acts.shift()();
    setTimeout(step, 20);
    return;
  }
  const out = document.createElement("pre");
  out.id = "names";
  out.textContent = names.join("\n");
  document.body.append(out);
};
step();
}</script>"#;

#[test]
fn a_reader_moves_and_zooms() {
    let Some(browser) = Browser::find() else { return };
    let project = drifted();
    let page = page_of(&project, "demo/walk", 3);
    let text = fs::read_to_string(&page).expect("it is written");
    let (before, policy) = text.split_once("<meta http-equiv").expect("there is a policy");
    // Without its policy the page lets the test's own script in.
    let open = format!("{before}{}", policy.split_once('>').expect("a tag ends").1)
        .replace("</body>", &format!("{HANDS}</body>"));
    fs::write(&page, open).expect("the folder is ours");
    let shown = browser.explanation(&page, 1280, &[]);
    let names =
        shown.split_once("<pre id=\"names\">").and_then(|(_, rest)| rest.split_once("</pre>")).expect("all is done").0;
    let names: Vec<&str> = names.lines().map(|name| name.trim_end_matches(" UTC, with trades and profit")).collect();
    insta::assert_snapshot!("browser_hands", names.join("\n"));
    let readout =
        shown.split_once("<p id=\"readout\"").and_then(|(_, rest)| rest.split_once("</p>")).expect("a line").0;
    assert!(readout.contains("UTC · open ") && readout.contains("profit: golden "), "{readout}");
}

/// A hundred thousand candles are joined to as many bars as the screen has room for.
#[test]
fn many_candles_stay_usable() {
    let Some(browser) = Browser::find() else { return };
    let project = Project::new();
    let recipe = project.read("recipes/demo.toml");
    let recipe = recipe.replacen("rows = 240", "rows = 100000", 1).replacen(
        "end = 2026-01-01T03:59:00Z",
        "end = 2026-03-11T00:00:00Z",
        1,
    );
    project.write("recipes/demo.toml", &recipe);
    let page = page_of(&project, "demo/walk", 3);
    assert!(fs::metadata(&page).expect("it is written").len() > 4_000_000, "all candles are there");
    let shown = browser.explanation(&page, 1280, &[]);
    assert!(shown.contains("candles to a bar"), "they are joined");
    let drawing = shown.split_once("<svg").and_then(|(_, rest)| rest.split_once("</svg>")).expect("a drawing").0;
    assert!(drawing.len() < 600_000, "{} bytes are drawn", drawing.len());
}

/// The checks above would see what they look for.
#[test]
fn errors_and_requests_would_be_seen() {
    let Some(browser) = Browser::find() else { return };
    let project = Project::empty();
    project.write(
        "bad.html",
        "<!doctype html><img src=\"http://pictures.example/one.png\"><script>console.error('broken')</script>",
    );
    let shown = browser.show(&project.path("bad.html"), 800, &[]);
    assert!(shown.console.iter().any(|line| line.contains("broken")), "{:?}", shown.console);
    assert!(shown.requests.iter().any(|request| request.contains("pictures.example")), "{:?}", shown.requests);
}

/// Nothing but the page's own script may run in it, whatever else came into the file.
#[test]
fn a_strange_script_does_not_run() {
    let Some(browser) = Browser::find() else { return };
    let project = drifted();
    let page = page_of(&project, "demo/walk", 3);
    let text = fs::read_to_string(&page).expect("it is written");
    let strange = "<script>document.title = 'taken over'</script><img src=\"http://pictures.example/one.png\"></main>";
    fs::write(&page, text.replacen("</main>", strange, 1)).expect("the folder is ours");
    let shown = browser.show(&page, 800, &[]);
    assert!(shown.page.contains("data-ready=\"yes\"") && !shown.page.contains("<title>taken over"));
    assert_eq!(shown.requests, Vec::<String>::new());
    assert_eq!(shown.console.len(), 2, "both are refused: {:?}", shown.console);
}
